import type { Agent, AgentInput, AgentKind } from '../../core/agent.ts'
import { makeObjective } from '../../core/objective.ts'
import type { TraceHeader } from '../../trace/header.ts'
import type { TraceLog } from '../../trace/log.ts'
import { priorCostOf } from '../reexecute.ts'
import { learnFromLog } from './learn.ts'

/** Agents that learned on all parts of a log but one each, frozen. */
export interface CrossTrained {
  /** The one that has not seen the decision, counted over the log. */
  at(index: number): Agent
}

const folds = 3

/** What any agent of a log's points is made from. */
export function inputFor(header: TraceHeader): AgentInput {
  const { spaces, seed, nominal, requirements } = header
  const objective = makeObjective(header.objective, nominal)
  return { spaces, seed, options: {}, nominal, objective, priorCost: priorCostOf(objective, nominal, requirements) }
}

/**
 * Has an agent learn on two thirds of a log, in three turns. Each part is a stretch of time; of the part that is left out it sees nothing but the first observation, which its last decision led to.
 */
export async function crossTrain(kind: AgentKind, log: Pick<TraceLog, 'header' | 'entries'>, decisions: number): Promise<CrossTrained> {
  const input = inputFor(log.header)
  const objective = makeObjective(log.header.objective, log.header.nominal)
  const size = Math.ceil(decisions / folds)
  const trained: Agent[] = []
  for (let fold = 0; fold < folds; fold++) {
    const agent = kind.make(input)
    for (let pass = 0; pass < (kind.passes ?? 1); pass++) {
      await learnFromLog(agent, objective, log.entries(), { from: 0, to: fold * size })
      await learnFromLog(agent, objective, log.entries(), { from: (fold + 1) * size, to: decisions })
    }
    trained.push(kind.make({ ...input, data: agent.save(), frozen: true }))
  }
  return { at: (index) => trained[Math.min(folds - 1, Math.floor(index / size))] as Agent }
}
