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

/** How a run that is resumed goes on, up to `steps` decisions in all. */
export const resumeText = (agent: string, step: number, steps: number): string =>
  step < steps
    ? `going on with ${agent} at step ${step}, under the settings in run.json`
    : `this run of ${agent} holds ${step} decisions already, and --steps asks for ${steps} in all: nothing is left to do`
