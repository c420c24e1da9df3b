import type { Agent } from '../core/agent.ts'
import type { ObjectiveSpec } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import type { TraceHeader } from '../trace/header.ts'
import type { RotatingTrace } from '../trace/rotating.ts'
import type { TraceWriter } from '../trace/writer.ts'
import type { RunEvents } from './events.ts'
import type { Decision } from './loop.ts'
import { makeRecorder } from './recorder.ts'
import type { LearningSession } from './session.ts'
import { type ExplainWhen, makeWatch, type Watch } from './watch.ts'

export interface ObserverInput {
  readonly session: LearningSession
  readonly agent: Agent
  readonly writer: TraceWriter | RotatingTrace
  readonly explain: ExplainWhen | undefined
  readonly events: RunEvents
}

/** The trace of a run and what is noticed in it, in order. */
export interface Observer extends Pick<Watch, 'chosen' | 'learned' | 'noticed'> {
  /** What a decision led to, before it is learned from. */
  take(decision: Decision): void
  /** What is asked now. */
  asked(): Requirements
  /** Writes and tells what can be; when nothing waits. */
  write(): void
  /** Begins the next part of a rotating trace where the one at hand is long enough; `header` is that of the first, `next` the decision at hand. */
  rotate(header: TraceHeader, next: number): void
}

export function makeObserver({ session, agent, writer, explain, events }: ObserverInput): Observer {
  const { env, settings } = session
  const requirements = settings.requirements as Requirements
  const recorder = makeRecorder(writer, env.spaces, requirements)
  const watch = makeWatch({
    agent,
    guard: env.guard,
    explain,
    context: { spaces: env.spaces, objective: settings.objective as ObjectiveSpec, requirements },
    event(event) {
      recorder.flush()
      writer.event(event)
      events.happened?.(event)
    },
    explained: (decision) => events.explained?.(decision),
  })
  return {
    chosen: watch.chosen,
    learned: watch.learned,
    noticed: watch.noticed,
    asked: recorder.asked,
    take(decision) {
      watch.work()
      recorder.take(decision)
    },
    write() {
      recorder.flush()
      watch.work()
    },
    rotate(header, next) {
      if (!('due' in writer && writer.due())) return
      recorder.flush()
      watch.work()
      writer.rotate({ ...header, startStep: next, requirements: recorder.asked(), agent: { ...header.agent, initial: agent.save() } })
    },
  }
}
