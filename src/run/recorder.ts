import { makeOutcome, type Outcome, type Requirements } from '../core/outcome.ts'
import type { Spaces } from '../core/spaces.ts'
import type { DecisionRecord } from '../trace/record.ts'
import type { TraceWriter } from '../trace/writer.ts'
import type { Decision } from './loop.ts'

type Held = { -readonly [K in keyof DecisionRecord]: DecisionRecord[K] }

/**
 * Holds the last decision until there is time to write it: a record is complete only when the next request arrives, and writing it then
 * would add to that request's latency. One record at most is held; a kill loses it, and nothing else.
 */
export interface Recorder {
  take(decision: Decision): void
  /** Writes what is held. */
  flush(): void
  /** What the last decision was judged by. */
  asked(): Requirements
}

/** `asked`: what holds at the start; a change is written before the first decision that is judged by it. */
export function makeRecorder(writer: TraceWriter, spaces: Spaces, asked: Requirements): Recorder {
  const outcome: Outcome = makeOutcome()
  const held = { observation: new Float64Array(spaces.monitors.length), mask: new Uint8Array(spaces.points.length), outcome } as Held
  let holds = false
  let written = asked
  let requirements = asked
  return {
    asked: () => requirements,
    take({ index, observation, mask, choice, step }) {
      held.step = index
      held.timeS = step.timeS
      held.observation.set(observation)
      held.mask.set(mask)
      held.action = choice.action
      held.executedAction = step.executedAction
      held.answered = step.answered
      held.propensity = choice.propensity
      held.greedy = choice.greedy
      held.epsilon = choice.epsilon
      Object.assign(outcome, step.outcome)
      held.durationS = step.durationS
      if (!sameRequirements(step.requirements, requirements)) requirements = { ...step.requirements }
      holds = true
    },
    flush() {
      if (!holds) return
      holds = false
      if (requirements !== written) writer.requirements(held.step, requirements)
      written = requirements
      writer.decision(held)
    },
  }
}

const fields = ['percentile', 'deadlineS', 'energyBudgetJ', 'accuracyFloor', 'leastConfidence'] as const

const sameRequirements = (a: Requirements, b: Requirements): boolean => fields.every((field) => a[field] === b[field])
