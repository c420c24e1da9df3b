/** What long work tells while it goes on, and asks. */
export interface RunEvents {
  note(message: string): void
  progress(label: string, done: number, of: number, detail?: string): void
  /** The name of what asked the work to end, if anything has. */
  stopped(): string | undefined
}
