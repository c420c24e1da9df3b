import type { RoundColumns } from './rounds.ts'

/** How far importance weights can be trusted. NaN in a log without propensities. */
export interface WeightDiagnostics {
  readonly rounds: number
  /** Rounds that equally weighted ones would have to number: (sum w)^2 / sum w^2 (Kish, "Survey sampling", 1965). 0 when no weight is above 0. */
  readonly effectiveSampleSize: number
  readonly largestWeight: number
  /** Mean weight: near 1 when the propensities are true and the support is there. */
  readonly meanWeight: number
}

export interface WeightCollector {
  add(chunk: RoundColumns): void
  diagnostics(): WeightDiagnostics
}

export function makeWeightCollector(): WeightCollector {
  let rounds = 0
  let sum = 0
  let squares = 0
  let largestWeight = 0
  return {
    add({ weight, length }) {
      rounds += length
      for (let i = 0; i < length; i++) {
        const w = weight[i] as number
        sum += w
        squares += w * w
        // NaN stays NaN.
        if (!(w <= largestWeight)) largestWeight = w
      }
    },
    diagnostics: () => ({
      rounds,
      effectiveSampleSize: squares === 0 ? 0 : (sum * sum) / squares,
      largestWeight,
      meanWeight: rounds === 0 ? Number.NaN : sum / rounds,
    }),
  }
}
