import type { Agent } from '../core/agent.ts'
import type { ObjectiveSpec } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import type { EventEntry, KnobEntry, SensorEntry } from '../trace/event.ts'
import type { TraceHeader } from '../trace/header.ts'
import type { RotatingTrace } from '../trace/rotating.ts'
import type { TraceWriter } from '../trace/writer.ts'
import type { RunEvents } from './events.ts'
import type { Decision } from './loop.ts'
import { makeRecorder } from './recorder.ts'
import type { LearningSession } from './session.ts'
import { type ExplainWhen, keepLast, makeWatch, type Noticed, type Watch, type WatchState } from './watch.ts'

export interface ObserverInput {
  readonly session: LearningSession
  readonly agent: Agent
  readonly writer: TraceWriter | RotatingTrace
  readonly explain: ExplainWhen | undefined
  /** Of the observer that it goes on for. */
  readonly state?: ObserverState | undefined
  readonly events: RunEvents
}

/** What became of a knob. */
export type KnobNote = Omit<KnobEntry, 'kind'>
/** What became of a sensor. */
export type SensorNote = Omit<SensorEntry, 'kind'>

/** What an observer has seen so far, as far as the next lines of the trace depend on it. Plain data. */
export interface ObserverState extends WatchState {
  /** What is asked. */
  readonly asked: Requirements
}

/** The trace of a run and what is noticed in it, in order. */
export interface Observer extends Pick<Watch, 'chosen' | 'learned'> {
  noticed(): Noticed & { readonly knobs: readonly KnobNote[]; readonly sensors: readonly SensorNote[] }
  /** What a decision led to, before it is learned from. */
  take(decision: Decision): void
  /** What is asked now. */
  asked(): Requirements
  /** Writes and tells what can be; when nothing waits. */
  write(): void
  /** Begins the next part of a rotating trace where the one at hand is long enough; `header` is that of the first, `next` the decision at hand. */
  rotate(header: TraceHeader, next: number): void
  /** After `write`. */
  save(): ObserverState
}

export function makeObserver({ session, agent, writer, explain, state, events }: ObserverInput): Observer {
  const { env, settings } = session
  const requirements = state?.asked ?? (settings.requirements as Requirements)
  const recorder = makeRecorder(writer, env.spaces, requirements)
  const knobs: KnobNote[] = []
  const sensors: SensorNote[] = []
  /** Of the record that is written next. */
  let next = Number.NaN
  const event = (entry: EventEntry): void => {
    recorder.flush()
    writer.event(entry)
    events.happened?.(entry)
  }
  const watch = makeWatch({
    agent,
    state,
    guard: env.guard,
    explain,
    context: { spaces: env.spaces, objective: settings.objective as ObjectiveSpec, requirements },
    event,
    explained: (decision) => events.explained?.(decision),
  })
  const tellBoard = (): void => {
    if (Number.isNaN(next)) return
    for (const knob of env.knobEvents?.() ?? []) {
      keepLast(knobs, { step: next, ...knob })
      event({ kind: 'knob', step: next, ...knob })
    }
    for (const sensor of env.sensorEvents?.() ?? []) {
      keepLast(sensors, { step: next, ...sensor })
      event({ kind: 'sensor', step: next, ...sensor })
    }
  }
  return {
    chosen(step, observation, mask, choice) {
      if (Number.isNaN(next)) next = step
      watch.chosen(step, observation, mask, choice)
    },
    learned: watch.learned,
    noticed: () => ({ ...watch.noticed(), knobs, sensors }),
    asked: recorder.asked,
    take(decision) {
      watch.work()
      recorder.take(decision)
      next = decision.index + 1
    },
    write() {
      recorder.flush()
      watch.work()
      tellBoard()
    },
    rotate(header, next) {
      if (!('due' in writer && writer.due())) return
      recorder.flush()
      watch.work()
      writer.rotate({ ...header, startStep: next, requirements: recorder.asked(), agent: { ...header.agent, initial: agent.save() } })
    },
    save: () => ({ ...watch.save(), asked: recorder.asked() }),
  }
}
