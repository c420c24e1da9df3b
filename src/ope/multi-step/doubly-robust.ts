import type { Trajectory } from './trajectory.ts'

/**
 * Doubly robust over a stretch (Jiang and Li, "Doubly robust off-policy value evaluation for reinforcement learning", ICML 2016), backwards from its end:
 *
 *     V_t = V(s_t) + w_t (r_t + discount V_{t+1} - Q(s_t, a_t)),   V_{length} = 0
 *
 * Unbiased whatever the model says, and without variance where the model is exact and nothing is random. Per stretch.
 */
export function doublyRobust({ length, reward, weight, modelLogged, modelTarget }: Trajectory, discount = 1): number {
  let value = 0
  for (let t = length - 1; t >= 0; t--)
    value = (modelTarget[t] as number) + (weight[t] as number) * ((reward[t] as number) + discount * value - (modelLogged[t] as number))
  return value
}
