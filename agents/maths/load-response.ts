/** Belief about how a logarithm answers to load: y = shift + slope * load, where the shift moves (others' doings that no monitor shows, heat, age). */
export interface LoadResponse {
  readonly shift: number
  readonly slope: number
  /** Variance of the shift by itself. */
  readonly shiftVariance: number
  /** Variance of shift + slope * load. */
  variance(load: number): number
  /** A decision passes. No allocation. */
  drift(): void
  /** One error of what is predicted, under `load`, whose own variance was `noise`. Answers by how much the shift moved. No allocation. */
  update(error: number, load: number, noise: number): number
  /** The same, where another group with which the shift moves did so. */
  move(by: number): void
  /** What is known of the shift is worth less by so much variance. */
  widen(by: number): void
  /** Until its own first error it is believed to be like another group, whose slope differs by a variance of `doubt`. No allocation. */
  resemble(shift: number, slope: number, doubt: number): void
  /** Shift, slope, and the covariance of both: of the shift, of shift and slope, of the slope; then the errors it has seen. */
  save(): readonly number[]
}

export interface LoadResponseSettings {
  /** Variance by which the shift moves between two decisions, and the most that there is. */
  readonly drift: number
  readonly most: number
  readonly slope: number
  readonly slopeVariance: number
}

/** Kalman filter on both at once, H = (1, load): K = P H / (H^T P H + noise), x <- x + K error, P <- P - K H^T P. What one error is blamed on is not blamed on the other as well. */
export function makeLoadResponse({ drift, most, slope: start, slopeVariance }: LoadResponseSettings, saved?: readonly number[]): LoadResponse {
  let [shift, slope, p00, p01, p11, errors = 1] = (saved ?? [0, start, 0, 0, slopeVariance, 0]) as [number, number, number, number, number, number?]
  return {
    get shift() {
      return shift
    },
    get slope() {
      return slope
    },
    get shiftVariance() {
      return p00
    },
    variance: (load) => Math.max(0, p00 + load * (2 * p01 + load * p11)),
    drift() {
      if (p00 < most) p00 = Math.min(most, p00 + drift)
    },
    update(error, load, noise) {
      errors++
      const u0 = p00 + load * p01
      const u1 = p01 + load * p11
      const total = u0 + load * u1 + noise
      const step = (u0 / total) * error
      shift += step
      slope += (u1 / total) * error
      p00 = Math.max(0, p00 - (u0 * u0) / total)
      p01 -= (u0 * u1) / total
      p11 = Math.max(0, p11 - (u1 * u1) / total)
      return step
    },
    move(by) {
      shift += by
    },
    widen(by) {
      p00 = Math.max(p00, Math.min(most, p00 + by))
    },
    resemble(otherShift, otherSlope, doubt) {
      if (errors > 0) return
      shift = otherShift
      slope = otherSlope
      p11 = Math.max(p11, doubt)
    },
    save: () => [shift, slope, p00, p01, p11, errors],
  }
}
