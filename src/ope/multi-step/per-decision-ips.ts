import type { Trajectory } from './trajectory.ts'

/**
 * Per-decision importance sampling (Precup, Sutton, Singh, "Eligibility traces for off-policy policy evaluation", ICML 2000): what the target would have
 * earned in a stretch, on the states that it would have come to itself,
 *
 *     V = sum_t discount^t (w_0 w_1 … w_t) r_t
 *
 * A reward is weighted by the decisions up to it only. Unbiased; its variance grows with the stretch. Per stretch: the mean over stretches is the estimate.
 */
export function perDecisionIps({ length, reward, weight }: Trajectory, discount = 1): number {
  let value = 0
  let factor = 1
  for (let t = 0; t < length; t++) {
    factor *= weight[t] as number
    value += factor * (reward[t] as number)
    factor *= discount
  }
  return value
}
