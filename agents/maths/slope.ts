/** Belief about one coefficient of y = coefficient * x + noise. */
export interface Slope {
  readonly mean: number
  readonly variance: number
  /** No allocation. */
  update(x: number, y: number, noise: number): void
  save(): readonly number[]
}

/** Bayesian regression on one column: K = P x / (P x^2 + noise), mean <- mean + K (y - x mean), P <- (1 - K x) P. */
export function makeSlope(start: number, spread: number, saved: readonly number[] = [start, spread ** 2]): Slope {
  let [mean, variance] = saved as [number, number]
  return {
    get mean() {
      return mean
    },
    get variance() {
      return variance
    },
    update(x, y, noise) {
      const gain = (variance * x) / (variance * x * x + noise)
      mean += gain * (y - x * mean)
      variance *= 1 - gain * x
    },
    save: () => [mean, variance],
  }
}
