/** An estimate at one value of a hyperparameter, with half the width of its confidence interval. */
export interface Candidate {
  readonly value: number
  readonly halfWidth: number
}

/**
 * Chooses among estimates ordered from the least biased and most variable to the most biased and least variable (SLOPE: Su, Srinath, Krishnamurthy,
 * "Adaptive estimator selection for off-policy evaluation", ICML 2020): the last one that agrees with every one before it,
 *
 *     |V_i - V_j| <= c_i + (sqrt(6) - 1) c_j   for all j < i,   c the half widths.
 *
 * Its error is within a constant of the best candidate's. Returns an index.
 */
export function slope(candidates: readonly Candidate[]): number {
  const agrees = (i: number): boolean => {
    const { value, halfWidth } = candidates[i] as Candidate
    return candidates.slice(0, i).every((before) => Math.abs(value - before.value) <= halfWidth + (Math.sqrt(6) - 1) * before.halfWidth)
  }
  return candidates.findLastIndex((_, i) => agrees(i))
}
