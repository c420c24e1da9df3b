import type { Estimator } from '../estimator.ts'

/**
 * Inverse propensity score with clipped weights (Ionides, "Truncated importance sampling", JCGS 2008; for policies: Bottou et al.,
 * "Counterfactual reasoning and learning systems", JMLR 2013):
 *
 *     V = 1/n sum min(w_i, clip) r_i
 *
 * Biased towards 0 where weights are clipped, in exchange for a bounded variance.
 */
export const clippedIps = (clip: number): Estimator => ({
  name: 'clipped-ips',
  hyperparameter: clip,
  needsWeight: true,
  needsModel: false,
  per: 'round',
  terms({ reward, weight }, from, to, out) {
    for (let i = from; i < to; i++) out[i - from] = Math.min(weight[i] as number, clip) * (reward[i] as number)
  },
})
