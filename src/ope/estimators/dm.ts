import type { Estimator } from '../estimator.ts'

/**
 * Direct method (Beygelzimer and Langford, "The offset tree for learning with partial labels", KDD 2009): believes the reward model q,
 *
 *     V = 1/n sum_i sum_a target(a | x_i) q(x_i, a)
 *
 * Needs no propensities and varies little; it is as wrong as the model is, and its interval does not know how wrong that is.
 */
export const dm: Estimator = {
  name: 'dm',
  needsWeight: false,
  needsModel: true,
  per: 'round',
  terms(_rounds, from, to, out) {
    out.fill(0, 0, to - from)
  },
}
