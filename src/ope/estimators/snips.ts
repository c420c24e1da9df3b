import type { Estimator } from '../estimator.ts'

/**
 * Self-normalised inverse propensity score (Swaminathan and Joachims, "The self-normalized estimator for counterfactual learning",
 * NeurIPS 2015):
 *
 *     V = sum w_i r_i / sum w_i
 *
 * A little biased, far less variable, and always within the range of the rewards. NaN when the target never takes a logged action.
 */
export const snips: Estimator = {
  name: 'snips',
  needsWeight: true,
  needsModel: false,
  per: 'weight',
  terms({ reward, weight }, from, to, out) {
    for (let i = from; i < to; i++) out[i - from] = (weight[i] as number) * (reward[i] as number)
  },
}
