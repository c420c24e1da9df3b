import type { SeedResult } from './seed-run.ts'

/** One seed on one ground. */
export interface Job {
  /** Index into the comparison's grounds. */
  readonly ground: number
  readonly seed: number
}

/** Does jobs and answers them in their order, whoever did them; tells after each how many are done. */
export type JobRunner = (jobs: readonly Job[], onDone: (done: number) => void) => Promise<SeedResult[]>
