/**
 * Recursive least squares on one action's block of larger arrays: `inverse` holds A^-1 as d rows of d at `at * d * d`, `theta` the
 * estimate at `at * d`. Sherman and Morrison, "Adjustment of an inverse matrix", Annals of Mathematical Statistics 21(1), 1950:
 *
 *     v = A^-1 x,   A^-1 <- A^-1 - v v^T / (1 + x^T v),   theta <- theta + v / (1 + x^T v) * (target - theta^T x)
 *
 * so that A = A0 + sum of x x^T and theta = A^-1 (A0 theta0 + sum of target x), without ever solving anything.
 */
export function updateLeastSquares(
  inverse: Float64Array,
  theta: Float64Array,
  at: number,
  x: Float64Array,
  target: number,
  scratch: Float64Array,
): void {
  const d = x.length
  const row = at * d * d
  const first = at * d
  let spread = 0
  for (let i = 0; i < d; i++) {
    let v = 0
    for (let j = 0; j < d; j++) v += (inverse[row + i * d + j] as number) * (x[j] as number)
    scratch[i] = v
    spread += v * (x[i] as number)
  }
  const gain = 1 / (1 + spread)
  const error = target - dotBlock(theta, first, x)
  for (let i = 0; i < d; i++) {
    const v = scratch[i] as number
    theta[first + i] = (theta[first + i] as number) + v * gain * error
    for (let j = 0; j < d; j++) inverse[row + i * d + j] = (inverse[row + i * d + j] as number) - v * (scratch[j] as number) * gain
  }
}

/** Dot product of x with the values that begin at `first`. */
function dotBlock(values: Float64Array, first: number, x: Float64Array): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += (values[first + i] as number) * (x[i] as number)
  return sum
}
