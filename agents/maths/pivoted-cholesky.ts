/** A covariance as rows phi_i of rank r and what they leave out: K_ij ~ phi_i^T phi_j, K_ii = phi_i^T phi_i + left_i. */
export interface LowRank {
  readonly rank: number
  /** n * rank, rows. */
  readonly rows: Float64Array
  readonly left: Float64Array
}

/**
 * Pivoted Cholesky decomposition, broken off after `mostRank` steps: the greedy low-rank approximation of Harbrecht, Peters, Schneider, "On the low-rank approximation
 * by the pivoted Cholesky decomposition" (Applied Numerical Mathematics 62, 2012). O(n rank^2).
 */
export function pivotedCholesky(n: number, covariance: (i: number, j: number) => number, mostRank: number, tolerance = 1e-9): LowRank {
  // A multiple of four, for loops that take four at a time; what is not needed stays 0.
  const rank = 4 * Math.ceil(Math.min(n, mostRank) / 4)
  const rows = new Float64Array(n * rank)
  const left = Float64Array.from({ length: n }, (_, i) => covariance(i, i))
  for (let k = 0; k < rank; k++) {
    let pivot = 0
    for (let i = 1; i < n; i++) if ((left[i] as number) > (left[pivot] as number)) pivot = i
    const most = left[pivot] as number
    if (k >= n || !(most > tolerance)) break
    const root = Math.sqrt(most)
    for (let i = 0; i < n; i++) {
      let rest = covariance(i, pivot)
      for (let m = 0; m < k; m++) rest -= (rows[i * rank + m] as number) * (rows[pivot * rank + m] as number)
      const value = rest / root
      rows[i * rank + k] = value
      left[i] = Math.max(0, (left[i] as number) - value * value)
    }
    left[pivot] = 0
  }
  return { rank, rows, left }
}
