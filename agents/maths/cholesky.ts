/** Lower triangle L of a symmetric positive definite matrix, by rows of length n, L L^T = A; in place. `ridge` is added to a pivot that rounding has made no longer positive. O(n^3 / 6). */
export function cholesky(matrix: Float64Array, n: number, ridge = 1e-10): Float64Array {
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * n + j] as number
      for (let k = 0; k < j; k++) rest -= (matrix[i * n + k] as number) * (matrix[j * n + k] as number)
      matrix[i * n + j] = i === j ? Math.sqrt(Math.max(rest, ridge)) : rest / (matrix[j * n + j] as number)
    }
  return matrix
}

/** Solves L x = b in place, for b at `values[from … from + n)`. */
export function solveLower(lower: Float64Array, n: number, values: Float64Array, from = 0): void {
  for (let i = 0; i < n; i++) {
    let rest = values[from + i] as number
    for (let k = 0; k < i; k++) rest -= (lower[i * n + k] as number) * (values[from + k] as number)
    values[from + i] = rest / (lower[i * n + i] as number)
  }
}

/** Lower triangle of a matrix that may be singular, into `out`: a pivot that is not positive leaves its column 0. No allocation. */
export function choleskyInto(out: Float64Array, matrix: Float64Array, n: number): void {
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * n + j] as number
      for (let k = 0; k < j; k++) rest -= (out[i * n + k] as number) * (out[j * n + k] as number)
      const pivot = out[j * n + j] as number
      out[i * n + j] = i === j ? Math.sqrt(Math.max(0, rest)) : pivot > 0 ? rest / pivot : 0
    }
}
