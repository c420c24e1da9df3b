import { type Estimator, residual } from '../estimator.ts'

/**
 * Doubly robust with optimistic shrinkage (Su, Dimakopoulou, Krishnamurthy, Dudik, "Doubly robust off-policy evaluation with shrinkage",
 * ICML 2020):
 *
 *     V = 1/n sum_i [ sum_a target(a | x_i) q(x_i, a) + lambda w_i / (w_i^2 + lambda) (r_i - q(x_i, a_i)) ]
 *
 * A weight is at most halved below sqrt(lambda) and fades above. lambda = 0 is `dm`, lambda = infinity is `dr`.
 */
export const dros = (lambda: number): Estimator => ({
  name: 'dros',
  hyperparameter: lambda,
  needsWeight: true,
  needsModel: true,
  per: 'round',
  terms(rounds, from, to, out) {
    for (let i = from; i < to; i++) {
      const weight = rounds.weight[i] as number
      // The same as lambda w / (w^2 + lambda), and w itself at lambda = infinity.
      out[i - from] = lambda === 0 ? 0 : (weight / ((weight * weight) / lambda + 1)) * residual(rounds, i)
    }
  },
})
