/** Belief about a logarithm that all points of a group share and that moves: a slow-down, or power that grows with heat. */
export interface Shift {
  readonly mean: number
  readonly variance: number
  /** A decision passes. No allocation. */
  drift(): void
  /** One error of what is predicted without this shift, whose own variance was `noise`. Answers by how much the mean moved. No allocation. */
  update(error: number, noise: number): number
  /** The same, where another group with which it moves did so. */
  move(by: number): void
  /** What is known of it is worth less by so much variance. */
  widen(by: number): void
  save(): readonly number[]
}

/** Scalar Kalman filter on a random walk: K = P / (P + noise), mean <- mean + K (error - mean), P <- (1 - K) P; P grows by `processNoise` with every decision, up to `most`. */
export function makeShift(processNoise: number, most: number, saved: readonly number[] = [0, 0]): Shift {
  let [mean, variance] = saved as [number, number]
  return {
    get mean() {
      return mean
    },
    get variance() {
      return variance
    },
    drift() {
      variance = Math.min(most, variance + processNoise)
    },
    update(error, noise) {
      const gain = variance / (variance + noise)
      const step = gain * (error - mean)
      mean += step
      variance *= 1 - gain
      return step
    },
    move(by) {
      mean += by
    },
    widen(by) {
      variance = Math.min(most, variance + by)
    },
    save: () => [mean, variance],
  }
}
