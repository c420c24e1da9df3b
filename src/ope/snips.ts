import { mean } from '../core/statistics.ts'
import { type Estimate, estimateFrom, importanceWeights } from './estimate.ts'
import type { LoggedRounds } from './rounds.ts'

/**
 * Self-normalised inverse propensity score (Swaminathan and Joachims, "The self-normalized estimator for counterfactual learning",
 * NeurIPS 2015):
 *
 *     V = sum w_i r_i / sum w_i
 *
 * A little biased, far less variable, and always within the range of the rewards. The contributions are V + w_i (r_i - V) / mean(w): their
 * mean is V, and their spread gives the delta-method interval of the ratio. NaN when the target never takes a logged action.
 */
export function snips(rounds: LoggedRounds): Estimate {
  const weights = importanceWeights(rounds)
  let weighted = 0
  let total = 0
  weights.forEach((weight, i) => {
    weighted += weight * (rounds.reward[i] as number)
    total += weight
  })
  const value = weighted / total
  const meanWeight = mean(weights)
  const contributions = weights.map((weight, i) => value + (weight * ((rounds.reward[i] as number) - value)) / meanWeight)
  return estimateFrom('snips', contributions)
}
