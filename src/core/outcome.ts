/** Where a number comes from: a sensor, a model, or nowhere. */
export type Quality = 'measured' | 'estimated' | 'absent'

/** What a decision's energy covers: a power rail, the whole board, or this process's CPU time. */
export type EnergyScope = 'rail' | 'board' | 'cpuTime'

/**
 * What one inference cost and gave. A field whose quality is 'absent' holds NaN.
 * Objects are reused by their makers: copy what must be kept.
 */
export interface Outcome {
  /** From arrival of the request to its answer, s. */
  latencyS: number
  /** J. */
  energyJ: number
  /** Expected top-1 of the sub-network that answered, in [0, 1]. */
  accuracy: number
  /** Confidence of this answer, in [0, 1]. */
  confidence: number
  deadlineMet: boolean
  latencyQuality: Quality
  energyQuality: Quality
  accuracyQuality: Quality
  confidenceQuality: Quality
}

/** What the application asks now. Undefined means not asked. */
export interface Requirements {
  /** s. */
  deadlineS?: number | undefined
  /** Share of requests, in %, that must meet the deadline: P(miss) <= 1 - percentile/100. */
  percentile: number
  energyBudgetJ?: number | undefined
  /** Least expected top-1, in [0, 1]. */
  accuracyFloor?: number | undefined
  /** Least confidence of an answer, in [0, 1]. */
  leastConfidence?: number | undefined
}

export function makeOutcome(): Outcome {
  return {
    latencyS: Number.NaN,
    energyJ: Number.NaN,
    accuracy: Number.NaN,
    confidence: Number.NaN,
    deadlineMet: true,
    latencyQuality: 'absent',
    energyQuality: 'absent',
    accuracyQuality: 'absent',
    confidenceQuality: 'absent',
  }
}
