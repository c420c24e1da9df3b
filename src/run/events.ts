import type { EventEntry } from '../trace/event.ts'
import type { ExplainedDecision } from './explained.ts'

/** What long work tells while it goes on, and asks. */
export interface RunEvents {
  note(message: string): void
  progress(label: string, done: number, of: number, detail?: string): void
  /** The name of what asked the work to end, if anything has. */
  stopped(): string | undefined
  /** What the agent noticed or gave up; the trace has it too. */
  happened?(event: EventEntry): void
  /** A decision that was to be explained. */
  explained?(decision: ExplainedDecision): void
}
