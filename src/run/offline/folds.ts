import type { Agent, AgentInput, AgentKind } from '../../core/agent.ts'
import { makeObjective } from '../../core/objective.ts'
import type { TraceHeader } from '../../trace/header.ts'
import type { TraceLog } from '../../trace/log.ts'
import { priorCostOf } from '../reexecute.ts'
import { learnFromLog } from './learn.ts'
import { foldBorders, importedEnv, type LogShape, profileBefore } from './shape.ts'

/** Agents that learned on all parts of a log but one each, frozen. */
export interface CrossTrained {
  /** The one that has not seen the decision, counted over the log. */
  at(index: number): Agent
}

const folds = 3

/** What any agent of a log's points is made from; without a profile where nothing was measured before the log. */
export function inputFor(header: TraceHeader): AgentInput {
  const { spaces, seed, requirements, env } = header
  const objective = makeObjective(header.objective, header.nominal)
  const nominal = profileBefore(header)
  const profile = { nominal, priorCost: priorCostOf(objective, nominal, requirements) }
  return { spaces, seed, options: {}, objective, ...(env.name === importedEnv ? {} : profile) }
}

/**
 * Has an agent learn on two thirds of a log, in three turns. Each part is a stretch of time, or whole runs; of the part that is left out it sees nothing but the first observation, which the decision before led to.
 */
export async function crossTrain(kind: AgentKind, log: Pick<TraceLog, 'header' | 'entries'>, shape: LogShape): Promise<CrossTrained> {
  const input = inputFor(log.header)
  const objective = makeObjective(log.header.objective, log.header.nominal)
  const borders = foldBorders(shape, folds)
  const trained: Agent[] = []
  for (const [fold, end] of borders.entries()) {
    const agent = kind.make(input)
    for (let pass = 0; pass < (kind.passes ?? 1); pass++) {
      await learnFromLog(agent, objective, log.entries(), { from: 0, to: borders[fold - 1] ?? 0 })
      await learnFromLog(agent, objective, log.entries(), { from: end, to: shape.decisions })
    }
    trained.push(kind.make({ ...input, data: agent.save(), frozen: true }))
  }
  return {
    at: (index) =>
      trained[
        Math.max(
          0,
          borders.findIndex((end) => index < end),
        )
      ] as Agent,
  }
}
