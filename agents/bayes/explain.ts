import type { Explanation, PredictedPoint } from '../../src/core/agent.ts'
import { limitsOf } from '../../src/core/limits.ts'
import type { Requirements } from '../../src/core/outcome.ts'
import type { Mask, Observation, Spaces } from '../../src/core/spaces.ts'
import { reasons } from '../maths/circumstances.ts'
import { unknownPoint } from '../maths/explain-policy.ts'
import { feasibleInstead } from '../maths/feasible.ts'
import type { Belief } from './belief.ts'
import type { Chooser, Verdict } from './choose.ts'
import type { Heat } from './heat.ts'
import type { Relaxing } from './relaxed.ts'

const runners = 3

export interface ExplainInput {
  readonly spaces: Spaces
  readonly belief: Belief
  readonly chooser: Chooser
  readonly relaxing: Relaxing
  /** Left out where heat is not planned for. */
  readonly heat: Heat | undefined
  readonly accuracy: Float64Array
  /** As read from what was seen last. */
  readonly requirements: Requirements
  /** The decision under an observation, requirements included; `explore: false`: the best point alone. */
  decide(observation: Observation, mask: Mask, explore: boolean): Verdict
  readonly explore: boolean
  readonly observation: Observation
  readonly mask: Mask
  /** What was done, where chance had a say. */
  readonly action: number | undefined
}

/** What was predicted, and what would have changed the best point. */
export function explainChoice({ spaces, belief, chooser, relaxing, heat, accuracy, requirements, decide, ...asked }: ExplainInput): Explanation {
  const { explore, observation, mask } = asked
  const why = reasons(spaces, (seen, allowed) => decide(seen, allowed, false).best, observation, mask)
  const { best, myopic, action: taken } = decide(observation, mask, explore)
  const action = asked.action ?? taken
  const order = Array.from(mask.keys())
    .filter((i) => mask[i] === 1)
    .sort((a, b) => (chooser.cost[a] as number) - (chooser.cost[b] as number))
  const predict = (i: number): PredictedPoint => ({
    action: i,
    ...(belief.informed ? { ...chooser.predict(i, requirements), cost: chooser.cost[i] as number } : unknownPoint),
    accuracy: accuracy[i] as number,
  })
  const relaxed = limitsOf(relaxing(requirements, mask, best))
  return {
    chosen: predict(action),
    // Before anything is known there is no order.
    runnersUp: (belief.informed ? order : [])
      .filter((i) => i !== action)
      .slice(0, runners)
      .map(predict),
    trial: action !== best,
    ...why,
    ...(heat === undefined || best === myopic
      ? {}
      : { planned: { ...heat.outlook, insteadOf: myopic, insteadSettledC: heat.settledC(myopic), settledC: heat.settledC(best) } }),
    relaxed,
    feasible: relaxed.length === 0 ? {} : feasibleInstead(relaxed, order.map(predict), requirements),
  }
}
