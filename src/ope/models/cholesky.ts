/**
 * Solves A x = b for a symmetric positive definite A (n by n, row by row), by Cholesky's factorisation. Overwrites `a` with the factor and `b` with x.
 * A pivot that rounding has made 0 or less leaves its unknown at 0.
 */
export function solveCholesky(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length
  for (let i = 0; i < n; i++) {
    const row = i * n
    for (let j = 0; j <= i; j++) {
      const other = j * n
      let sum = a[row + j] as number
      for (let k = 0; k < j; k++) sum -= (a[row + k] as number) * (a[other + k] as number)
      if (j < i) a[row + j] = sum * (a[other + j] as number)
      // The diagonal holds inverses: products are faster than quotients.
      else a[row + i] = sum > 0 ? 1 / Math.sqrt(sum) : 0
    }
  }
  for (let i = 0; i < n; i++) {
    let sum = b[i] as number
    for (let k = 0; k < i; k++) sum -= (a[i * n + k] as number) * (b[k] as number)
    b[i] = sum * (a[i * n + i] as number)
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i] as number
    for (let k = i + 1; k < n; k++) sum -= (a[k * n + i] as number) * (b[k] as number)
    b[i] = sum * (a[i * n + i] as number)
  }
  return b
}
