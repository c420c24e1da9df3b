/** Belief about the variance of a noise, from errors of predictions that were themselves uncertain. */
export interface NoiseVariance {
  /** Expected variance of the next noise, what is not known of it included. */
  readonly value: number
  /** An error of a prediction whose own variance was `predicted`. A large error counts as three standard deviations: a tail is no noise. No allocation. */
  update(error: number, predicted: number): void
  save(): readonly number[]
}

const mostWeight = 400

/**
 * Scaled inverse chi-squared belief, variance S / nu. An error counts by the share of its expected square that is noise, w = v / (v + predicted) at the present
 * estimate v: nu <- nu + w, S <- S + w max(0, min(error^2, 9 (v + predicted)) - predicted). The next error is believed to have nu / (nu - 2) times v, as in a Student distribution.
 * Older errors fade once `mostWeight` have been seen.
 */
export function makeNoiseVariance(start: number, weight: number, least: number, saved?: readonly number[]): NoiseVariance {
  let nu = saved?.[0] ?? weight
  let sum = saved?.[1] ?? start * weight
  const estimate = (): number => Math.max(least, sum / nu)
  return {
    get value() {
      return (estimate() * nu) / (nu - 2)
    },
    update(error, predicted) {
      const v = estimate()
      const total = v + predicted
      const share = v / total
      if (nu > mostWeight) {
        sum *= mostWeight / nu
        nu = mostWeight
      }
      nu += share
      sum += share * Math.max(0, Math.min(error * error, 9 * total) - predicted)
    },
    save: () => [nu, sum],
  }
}
