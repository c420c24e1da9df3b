import type { Blocks } from './block-sums.ts'

/** How far the second half of a log is from the first, in standard errors; NaN with fewer than four units. */
export interface Drift {
  readonly reward: number
  /** Of the importance weights, whose mean is 1 throughout where propensities are true. NaN without propensities. */
  readonly weight: number
}

export function driftOf({ rounds, reward, weight, count }: Blocks): Drift {
  return { reward: driftZ(reward, rounds, count), weight: driftZ(weight, rounds, count) }
}

/** Welch's z of late against early means, over units. */
function driftZ(sums: Float64Array, rounds: Float64Array, count: number): number {
  const half = Math.floor(count / 2)
  if (half < 2) return Number.NaN
  const early = meanOf(sums, rounds, 0, half)
  const late = meanOf(sums, rounds, count - half, count)
  const difference = late.mean - early.mean
  return difference === 0 ? 0 : difference / Math.sqrt(early.variance + late.variance)
}

function meanOf(sums: Float64Array, rounds: Float64Array, from: number, to: number): { mean: number; variance: number } {
  let sum = 0
  let n = 0
  for (let j = from; j < to; j++) {
    sum += sums[j] as number
    n += rounds[j] as number
  }
  const mean = sum / n
  let squares = 0
  for (let j = from; j < to; j++) squares += ((sums[j] as number) - mean * (rounds[j] as number)) ** 2
  const units = to - from
  return { mean, variance: (squares * units) / (units - 1) / (n * n) }
}
