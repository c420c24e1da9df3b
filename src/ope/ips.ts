import { type Estimate, estimateFrom, importanceWeights } from './estimate.ts'
import type { LoggedRounds } from './rounds.ts'

/**
 * Inverse propensity score (Horvitz and Thompson 1952; for policies: Precup, Sutton, Singh, "Eligibility traces for off-policy policy
 * evaluation", ICML 2000):
 *
 *     V = 1/n sum w_i r_i,   w_i = target(a_i | x_i) / behaviour(a_i | x_i)
 *
 * Unbiased where the log could have taken everything that the target takes; its variance grows with the largest weight.
 */
export function ips(rounds: LoggedRounds): Estimate {
  const weights = importanceWeights(rounds)
  return estimateFrom(
    'ips',
    weights.map((weight, i) => weight * (rounds.reward[i] as number)),
  )
}
