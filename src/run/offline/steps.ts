import type { Agent } from '../../core/agent.ts'
import type { Objective } from '../../core/objective.ts'
import type { Requirements } from '../../core/outcome.ts'
import type { Mask, Observation } from '../../core/spaces.ts'
import type { LoggedState, LoggedStep } from '../../ope/multi-step/fitted-q.ts'
import type { TraceLog } from '../../trace/log.ts'
import type { DecisionRecord } from '../../trace/record.ts'
import { type RewardVisitor, visitRewards } from '../logged-rewards.ts'
import type { RewardFeatures } from '../reward-features.ts'
import type { Logger } from './logger.ts'
import type { LogShape } from './shape.ts'

/** A policy that is asked for its distribution alone. */
export interface JudgedPolicy extends Pick<Agent, 'distribution'> {
  /** The next question is about this decision of the log, counted from 0; for policies that differ from stretch to stretch. */
  at?(index: number): void
}

/** A decision as a stretch holds it. Reused. */
export interface Slot extends LoggedState {
  fold: number
  action: number
  reward: number
  /** target / behaviour of the logged action; NaN where the log has no propensities. */
  weight: number
}

export interface StepVisitor {
  /** Every decision that can be used, once it is known what followed. */
  step?(step: LoggedStep): void
  /** As many decisions in a row as were asked for. */
  stretch?(slots: readonly Slot[]): void
  /** What follows is of another run. */
  endRun?(): void
}

export interface StepsInput {
  readonly log: Pick<TraceLog, 'header' | 'entries'>
  readonly objective: Objective
  readonly features: RewardFeatures
  readonly policy: JudgedPolicy
  readonly logger: Logger
  /** Decisions of a stretch. */
  readonly horizon: number
  readonly shape: Pick<LogShape, 'decisions' | 'propensities'>
  readonly folds: number
}

const blocksPerFold = 4

/**
 * One pass over a trace in stretches of decisions in a row. A stretch never reaches over the end of a run, nor over a decision that cannot be used: what was begun there is left out and
 * counted. Folds are of whole stretches, in blocks of time. That an agent told of requirements it could not keep breaks nothing: the decision was taken like any other, and to leave out what
 * led there would leave out what it cost.
 */
export async function visitSteps(input: StepsInput, visitor: StepVisitor): Promise<{ unused: number }> {
  const { log, objective, features, policy, logger, horizon, folds } = input
  const { decisions, propensities } = input.shape
  const actions = log.header.spaces.points.length
  const makeSlot = (): Slot => ({
    context: new Float64Array(features.contextSize),
    target: new Float64Array(actions),
    fold: 0,
    action: 0,
    reward: 0,
    weight: 0,
  })
  // The decision before is still needed when the next stretch has begun.
  const slots = [0, 1].map(() => Array.from({ length: horizon }, makeSlot)) as [Slot[], Slot[]]
  const end = makeSlot()
  const perBlock = Math.max(1, Math.ceil(decisions / horizon / (folds * blocksPerFold)))
  let half: 0 | 1 = 0
  let position = 0
  let stretch = 0
  let unused = 0
  let previous: Slot | undefined
  let last: { readonly record: DecisionRecord; readonly index: number } | undefined

  const see = (slot: Slot, observation: Observation, mask: Mask, requirements: Requirements, index: number): void => {
    policy.at?.(index)
    policy.distribution(observation, mask, slot.target)
    features.context(observation, requirements, slot.context)
  }
  const emit = (next: LoggedState | undefined): void => {
    if (previous === undefined) return
    const { fold, context, action, reward } = previous
    visitor.step?.({ fold, context, action, reward, next })
    previous = undefined
  }
  const turn = (): void => {
    half = half === 0 ? 1 : 0
    position = 0
    stretch++
  }
  const breakOff = (): void => {
    emit(undefined)
    if (position === 0) return
    unused += position
    turn()
  }

  const visits: RewardVisitor = {
    decision(record, reward, requirements, _, index) {
      if (last !== undefined) {
        const sameRun = record.step - last.record.step === index - last.index && record.timeS >= last.record.timeS
        if (!sameRun || index !== last.index + 1) breakOff()
        if (!sameRun) visitor.endRun?.()
      }
      const slot = slots[half][position] as Slot
      see(slot, record.observation, record.mask, requirements, index)
      slot.fold = Math.floor(stretch / perBlock) % folds
      slot.action = record.action
      slot.reward = reward
      slot.weight = (slot.target[record.action] as number) / Math.max(record.propensity, logger.floor(record))
      emit(slot)
      previous = slot
      last = { record, index }
      if (++position < horizon) return
      visitor.stretch?.(slots[half])
      turn()
    },
    endRun(seen, requirements) {
      if (seen !== undefined && last !== undefined && previous !== undefined) {
        see(end, seen.observation, seen.mask, requirements, last.index + 1)
        emit(end)
      }
      breakOff()
      last = undefined
      visitor.endRun?.()
    },
  }
  await visitRewards(log, objective, visits, propensities)
  breakOff()
  return { unused }
}
