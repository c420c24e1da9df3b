import { type Env, makeExpectedOutcome, type Step } from '../../core/env.ts'
import type { Objective } from '../../core/objective.ts'
import { atOnce, roundOf, truthOf } from './episode.ts'

/**
 * Total expected cost of every point had it been held for the whole run, each over a run of its own; where it is masked, the allowed point of least prior
 * cost stands in, as it does for the agent `static`. What the best fixed point with hindsight is chosen by.
 */
export function hindsightCosts(env: Env, objective: Objective, priorCost: Float64Array, seed: number, steps: number): Float64Array {
  const truth = truthOf(env)
  const expected = makeExpectedOutcome()
  const standIn = (mask: Uint8Array): number => {
    let best = -1
    for (let a = 0; a < mask.length; a++) if (mask[a] === 1 && (best < 0 || (priorCost[a] as number) < (priorCost[best] as number))) best = a
    return best
  }

  return Float64Array.from(priorCost, (_, point) => {
    let round = 0
    let { mask } = atOnce(env.reset(roundOf(seed, round++)))
    let total = 0
    for (let k = 0; k < steps; k++) {
      const action = mask[point] === 1 ? point : standIn(mask)
      truth.expected(action, expected)
      total += objective.expectedCost(expected, truth.requirements)
      const step = env.step(action) as Step
      mask = step.truncated ? atOnce(env.reset(roundOf(seed, round++))).mask : step.mask
    }
    return total
  })
}
