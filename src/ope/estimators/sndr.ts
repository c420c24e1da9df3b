import { type Estimator, residual } from '../estimator.ts'

/**
 * Self-normalised doubly robust (Thomas and Brunskill, "Data-efficient off-policy policy evaluation for reinforcement learning", ICML 2016;
 * for bandits as in Saito et al., "Open Bandit Dataset and Pipeline", NeurIPS 2021):
 *
 *     V = 1/n sum_i sum_a target(a | x_i) q(x_i, a) + sum_i w_i (r_i - q(x_i, a_i)) / sum_i w_i
 *
 * As `dr`, less variable where weights are large.
 */
export const sndr: Estimator = {
  name: 'sndr',
  needsWeight: true,
  needsModel: true,
  per: 'weight',
  terms(rounds, from, to, out) {
    for (let i = from; i < to; i++) out[i - from] = (rounds.weight[i] as number) * residual(rounds, i)
  },
}
