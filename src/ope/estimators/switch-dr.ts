import { type Estimator, residual } from '../estimator.ts'

/**
 * Switch doubly robust (Wang, Agarwal, Dudik, "Optimal and adaptive off-policy evaluation in contextual bandits", ICML 2017): where a weight
 * is above tau, the model alone is believed,
 *
 *     V = 1/n sum_i [ sum_a target(a | x_i) q(x_i, a) + w_i 1(w_i <= tau) (r_i - q(x_i, a_i)) ]
 *
 * tau = 0 is `dm`, tau = infinity is `dr`.
 */
export const switchDr = (tau: number): Estimator => ({
  name: 'switch-dr',
  hyperparameter: tau,
  needsWeight: true,
  needsModel: true,
  per: 'round',
  terms(rounds, from, to, out) {
    for (let i = from; i < to; i++) {
      const weight = rounds.weight[i] as number
      out[i - from] = weight <= tau ? weight * residual(rounds, i) : 0
    }
  },
})
