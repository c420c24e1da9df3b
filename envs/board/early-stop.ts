import type { Requirements } from '../../src/core/outcome.ts'

/** Anytime inference as a run asks for it: the governor's size is then the most that runs. */
export interface AnytimeSettings {
  /** An answer at least this sure ends the inference, in [0, 1]. Default: the least confidence that is asked; without that only the deadline ends it. */
  readonly confidence?: number | undefined
}

/** When one inference may end before its size is reached. Reused. */
export interface EarlyStop {
  /** In [0, 1]; Infinity: no answer is sure enough. */
  confidence: number
  /** Of the system's clock, s; Infinity: none. */
  deadlineS: number
}

export const makeEarlyStop = (): EarlyStop => ({ confidence: Number.POSITIVE_INFINITY, deadlineS: Number.POSITIVE_INFINITY })

/** Fills `early` for a request that arrived at `arrivalS`. An answer that would break the floor or the least confidence is never sure enough. */
export function setEarlyStop(early: EarlyStop, { confidence }: AnytimeSettings, requirements: Requirements, arrivalS: number): void {
  const { deadlineS, leastConfidence, accuracyFloor } = requirements
  const asked = confidence ?? leastConfidence
  early.confidence = asked === undefined ? Number.POSITIVE_INFINITY : Math.max(asked, leastConfidence ?? 0, accuracyFloor ?? 0)
  early.deadlineS = deadlineS === undefined ? Number.POSITIVE_INFINITY : arrivalS + deadlineS
}
