import { type Estimator, residual } from '../estimator.ts'

/**
 * Doubly robust (Dudik, Langford, Li, "Doubly robust policy evaluation and learning", ICML 2011):
 *
 *     V = 1/n sum_i [ sum_a target(a | x_i) q(x_i, a) + w_i (r_i - q(x_i, a_i)) ]
 *
 * Consistent when either the propensities or the model are right; a good model takes away most of the variance of `ips`.
 */
export const dr: Estimator = {
  name: 'dr',
  needsWeight: true,
  needsModel: true,
  per: 'round',
  terms(rounds, from, to, out) {
    for (let i = from; i < to; i++) out[i - from] = (rounds.weight[i] as number) * residual(rounds, i)
  },
}
