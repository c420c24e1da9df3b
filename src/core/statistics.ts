/** Samples needed before a percentile is shown: fewer cannot bound it (MLPerf LoadGen's early-stopping counts for p90 and above; p95 by the same rule). */
export const leastSamples = { p50: 1, p90: 64, p95: 130, p99: 662 } as const

export interface LatencyPercentiles {
  p50: number | null
  p95: number | null
  p99: number | null
  n: number
}

/** p50, p95 and p99 of the samples, null where there are too few. Sorts a copy. */
export function percentiles(samples: ArrayLike<number>): LatencyPercentiles {
  const sorted = Float64Array.from(samples).sort()
  const at = (p: number, least: number): number | null => (sorted.length < least ? null : quantileSorted(sorted, p))
  return { p50: at(0.5, leastSamples.p50), p95: at(0.95, leastSamples.p95), p99: at(0.99, leastSamples.p99), n: sorted.length }
}

/** Quantile of ascending samples, the nearest rank: the smallest value with at least a share p at or below it. */
export function quantileSorted(sorted: ArrayLike<number>, p: number): number {
  const rank = Math.ceil(p * sorted.length)
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] as number
}

/** Middle of the samples, the lower of two. */
export function median(samples: ArrayLike<number>): number {
  return quantileSorted(Float64Array.from(samples).sort(), 0.5)
}

export function mean(samples: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < samples.length; i++) sum += samples[i] as number
  return sum / samples.length
}

export interface Interval {
  mean: number
  lo: number
  hi: number
  n: number
}

// Two-sided 95 % points of Student's t for 1 to 30 degrees of freedom; beyond, the Cornish-Fisher expansion is exact to 1e-3.
const t95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08,
  2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
]

/** Two-sided 95 % point of Student's t. */
export const studentT95 = (degrees: number): number => t95[degrees - 1] ?? 1.96 + 2.372 / degrees + 2.82 / degrees ** 2

/** Mean with its two-sided 95 % Student interval; infinite below two samples. */
export function interval95(samples: ArrayLike<number>): Interval {
  const n = samples.length
  const m = mean(samples)
  if (n < 2) return { mean: m, lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY, n }
  let squares = 0
  for (let i = 0; i < n; i++) squares += ((samples[i] as number) - m) ** 2
  const half = studentT95(n - 1) * Math.sqrt(squares / (n - 1) / n)
  return { mean: m, lo: m - half, hi: m + half, n }
}
