import type { Objective } from '../../core/objective.ts'
import { monitorIndex, type NominalOutcome } from '../../core/spaces.ts'
import type { ActionFeatures } from '../../ope/models/ridge.ts'
import { makeStateTest, type StateMoved } from '../../ope/state-moved.ts'
import type { TraceLog } from '../../trace/log.ts'
import { type RewardVisitor, visitRewards } from '../logged-rewards.ts'
import { type RewardFeatures, standardised } from '../reward-features.ts'
import { allowedIn, type Logger } from './logger.ts'
import { type LogShape, profileBefore } from './shape.ts'

export interface StateMovedInput {
  readonly log: Pick<TraceLog, 'header' | 'entries'>
  readonly objective: Objective
  readonly features: RewardFeatures
  readonly logger: Logger
  readonly shape: LogShape
}

/** What decisions may move and what then changes the cost of the next: heat, and the queue. */
const movable = ['tempC', 'queueLength', 'waitedS']
/** Beyond so many standard deviations it is no chance: 1 in 30,000 logs whose actions move nothing. */
const movedAt = 4

/** Of heat and queue, whether the log's actions move them; two passes over the log. Empty where it shows none of them. */
export async function stateMovedIn({ log, objective, features, logger, shape }: StateMovedInput): Promise<StateMoved[]> {
  const { spaces } = log.header
  const shown = movable.flatMap((name) => {
    const at = monitorIndex(spaces, name)
    return at < 0 ? [] : [{ name, at }]
  })
  if (shown.length === 0) return []
  const test = makeStateTest({
    features: burdens(profileBefore(log.header)),
    contextSize: features.contextSize,
    monitors: shown.map(({ name }) => name),
    steps: shape.decisions,
  })
  const next = new Float64Array(shown.length)
  const seen = new Float64Array(features.contextSize)
  for (const learn of [test.learn, test.test]) {
    let held: { action: number; propensity: number; possible: number; round: number; step: number; timeS: number; index: number } | undefined
    const follow = (observation: Float64Array): void => {
      if (held === undefined) return
      shown.forEach(({ at }, m) => {
        next[m] = observation[at] as number
      })
      learn(held.round, seen, held.action, held.propensity, held.possible, next)
      held = undefined
    }
    const visitor: RewardVisitor = {
      decision(record, _, requirements, round, index) {
        const { observation, mask, action, propensity, step, timeS } = record
        if (held !== undefined && step === held.step + 1 && index === held.index + 1 && timeS >= held.timeS) follow(observation)
        features.context(observation, requirements, seen)
        const possible = allowedIn(mask)
        // Where nobody knows, every step counts alike.
        const likely = Number.isNaN(propensity) ? 1 / possible : Math.max(propensity, logger.floor(record))
        held = { action, propensity: likely, possible, round, step, timeS, index }
      },
      endRun(end) {
        if (end !== undefined) follow(end.observation)
        held = undefined
      },
    }
    await visitRewards(log, objective, visitor, shape.propensities)
  }
  return test.result()
}

/** Those that actions move beyond chance. */
export const movedMonitors = (moved: readonly StateMoved[]): string[] => moved.flatMap(({ monitor, z }) => (z > movedAt ? [monitor] : []))

/** What a point does to a board: how long it takes and how much it draws, by the profile, standardised over points. */
function burdens(nominal: readonly NominalOutcome[]): ActionFeatures {
  const columns = [nominal.map(({ latencyS }) => Math.log(latencyS)), nominal.map(({ latencyS, energyJ }) => Math.log(energyJ / latencyS))]
    .map(standardised)
    .filter((column) => column !== undefined)
  const values = new Float64Array(nominal.length * columns.length)
  columns.forEach((column, j) => {
    column.forEach((value, a) => {
      values[a * columns.length + j] = value
    })
  })
  return { actions: nominal.length, size: columns.length, values }
}
