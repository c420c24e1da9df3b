import { importanceWeights } from './estimate.ts'
import type { LoggedRounds } from './rounds.ts'

/** How far importance weights can be trusted. */
export interface WeightDiagnostics {
  readonly rounds: number
  /** Rounds that equally weighted ones would have to number: (sum w)^2 / sum w^2 (Kish, "Survey sampling", 1965). 0 when no weight is above 0. */
  readonly effectiveSampleSize: number
  readonly largestWeight: number
  /** Mean weight: near 1 when the propensities are true and the support is there. */
  readonly meanWeight: number
}

export function weightDiagnostics(rounds: LoggedRounds): WeightDiagnostics {
  const weights = importanceWeights(rounds)
  let sum = 0
  let squares = 0
  let largestWeight = 0
  for (const weight of weights) {
    sum += weight
    squares += weight * weight
    largestWeight = Math.max(largestWeight, weight)
  }
  return {
    rounds: weights.length,
    effectiveSampleSize: squares === 0 ? 0 : (sum * sum) / squares,
    largestWeight,
    meanWeight: weights.length === 0 ? Number.NaN : sum / weights.length,
  }
}
