/** Belief about the slow-down: what a measured latency is likely to be, as a multiple of the profiled one. */
export interface Slowdown {
  readonly mean: number
  /** Of the next ratio that will be measured, its own noise included. */
  readonly variance: number
  /** One measured latency over the profiled latency of the same point. No allocation. */
  update(ratio: number): void
  save(): readonly number[]
}

export interface SlowdownSettings {
  /** Least variance by which the slow-down is believed to move between two decisions (Q0). */
  readonly processNoise: number
  /** Variance of one ratio around the slow-down (R). */
  readonly measurementNoise: number
  /** What the process noise of before counts for (alpha). */
  readonly memory: number
}

// Nothing is known at the start: a standard deviation of a third.
const startVariance = 0.1

/**
 * Scalar Kalman filter with adaptive process noise, as in ALERT (Wan et al., USENIX ATC 2020, whose formulas are recalled, not checked). With P the variance
 * of the estimate mu, r a measured ratio, and mu = 1, P = 0.1, Q = Q0 at the start:
 *
 *     K = (P + Q) / (P + Q + R)      y = r - mu      mu <- mu + K y      P <- (1 - K) (P + Q)
 *     Q <- max(Q0, alpha Q + (1 - alpha) (K y)^2)
 *
 * so that a jump widens the belief at once and quiet narrows it. The next ratio is believed to be normal with mean mu and variance P + Q + R.
 */
export function makeSlowdown({ processNoise, measurementNoise, memory }: SlowdownSettings, saved?: readonly number[]): Slowdown {
  let [mean, estimate, process] = (saved ?? [1, startVariance, processNoise]) as [number, number, number]
  return {
    get mean() {
      return mean
    },
    get variance() {
      return estimate + process + measurementNoise
    },
    update(ratio) {
      const before = estimate + process
      const gain = before / (before + measurementNoise)
      const step = gain * (ratio - mean)
      mean += step
      estimate = (1 - gain) * before
      process = Math.max(processNoise, memory * process + (1 - memory) * step * step)
    },
    save: () => [mean, estimate, process],
  }
}
