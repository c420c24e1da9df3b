import type { Estimator } from '../estimator.ts'

/**
 * Inverse propensity score (Horvitz and Thompson, "A generalization of sampling without replacement from a finite universe", JASA 1952; for
 * policies: Precup, Sutton, Singh, "Eligibility traces for off-policy policy evaluation", ICML 2000):
 *
 *     V = 1/n sum w_i r_i,   w_i = target(a_i | x_i) / behaviour(a_i | x_i)
 *
 * Unbiased where the log could have taken everything that the target takes; its variance grows with the largest weight.
 */
export const ips: Estimator = {
  name: 'ips',
  needsWeight: true,
  needsModel: false,
  per: 'round',
  terms({ reward, weight }, from, to, out) {
    for (let i = from; i < to; i++) out[i - from] = (weight[i] as number) * (reward[i] as number)
  },
}
