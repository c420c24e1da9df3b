import type { Explanation, Limit, PredictedPoint } from '../../src/core/agent.ts'
import type { Requirements } from '../../src/core/outcome.ts'
import type { Mask, Monitor, Observation } from '../../src/core/spaces.ts'
import type { Belief } from './belief.ts'
import type { Chooser } from './choose.ts'
import type { Costing } from './costing.ts'

const limits: readonly Limit[] = ['deadlineS', 'energyBudgetJ', 'accuracyFloor']
const runners = 3

export interface ExplainInput {
  readonly monitors: readonly Monitor[]
  readonly belief: Belief
  readonly chooser: Chooser
  readonly costing: Costing
  readonly requirements: Requirements
  readonly observation: Observation
  readonly mask: Mask
  readonly missCredit: number
  readonly explore: boolean
}

/** Asks the chooser again under other circumstances: without a requirement, with a monitor that reads quiet. What changes the best point is a reason for it. */
export function explainChoice({
  monitors,
  belief,
  chooser,
  costing,
  requirements,
  observation,
  mask,
  missCredit,
  explore,
}: ExplainInput): Explanation {
  const bestUnder = (asked: Requirements, seen: Observation): number => {
    belief.read(seen)
    return chooser.choose(asked, mask, missCredit, false).best
  }
  const best = bestUnder(requirements, observation)
  const binding = limits.filter(
    (limit) => requirements[limit] !== undefined && bestUnder({ ...requirements, [limit]: undefined }, observation) !== best,
  )
  const movedBy = monitors.flatMap(({ name }, i) => {
    if (!name.endsWith('.interference') && name !== 'waitedS') return []
    const quiet = observation.slice()
    quiet[i] = 0
    const insteadOf = bestUnder(requirements, quiet)
    return insteadOf === best ? [] : [{ monitor: name, insteadOf }]
  })
  belief.read(observation)
  const { action } = chooser.choose(requirements, mask, missCredit, explore)
  const order = Array.from(mask.keys())
    .filter((i) => mask[i] === 1 && i !== action)
    .sort((a, b) => (chooser.cost[a] as number) - (chooser.cost[b] as number))
  const predict = (i: number): PredictedPoint => ({ action: i, ...chooser.predict(i, requirements), cost: chooser.cost[i] as number })
  const foreseen = predict(best)
  const relaxed = limits.filter((limit) => {
    if (limit === 'deadlineS') return requirements.deadlineS !== undefined && foreseen.missRatio > 1 - requirements.percentile / 100
    if (limit === 'energyBudgetJ') return requirements.energyBudgetJ !== undefined && foreseen.energyJ > requirements.energyBudgetJ
    return costing.belowFloor[best] === 1
  })
  return { chosen: predict(action), runnersUp: order.slice(0, runners).map(predict), trial: action !== best, binding, relaxed, movedBy }
}
