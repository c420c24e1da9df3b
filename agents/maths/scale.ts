/** How far first looks are from their predictions, beside what was predicted: 1 where the prior is right. */
export interface Scale {
  /** Factor on the variance of points never looked at. */
  readonly value: number
  /** Squared standardised error of a first look. No allocation. */
  update(z2: number): void
  save(): readonly number[]
}

// One look counts for three standard deviations at most: it may have met a tail.
const most = 9

/**
 * A Gaussian process whose covariance is known up to a factor has as its posterior the same process with the factor estimated by the mean of z^2 (the Student-t process of Shah, Wilson,
 * Ghahramani, AISTATS 2014). `weight` looks speak for a factor of 1.
 */
export function makeScale(weight: number, saved: readonly number[] = [weight, weight]): Scale {
  let [count, sum] = saved as [number, number]
  return {
    get value() {
      return sum / count
    },
    update(z2) {
      count++
      sum += Math.min(most, z2)
    },
    save: () => [count, sum],
  }
}
