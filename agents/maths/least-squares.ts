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

/** x^T A^-1 x of a block. */
export function quadraticForm(inverse: Float64Array, at: number, x: Float64Array): number {
  const d = x.length
  const row = at * d * d
  let sum = 0
  for (let i = 0; i < d; i++) {
    const xi = x[i] as number
    if (xi === 0) continue
    let v = 0
    for (let j = 0; j < d; j++) v += (inverse[row + i * d + j] as number) * (x[j] as number)
    sum += v * xi
  }
  return sum
}

/** Dot product of x with the values that begin at `first`. */
export function dotBlock(values: Float64Array, first: number, x: Float64Array): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += (values[first + i] as number) * (x[i] as number)
  return sum
}

/**
 * Exponential forgetting A <- gamma A, so A^-1 <- A^-1 / gamma, each direction up to its prior variance and no further: A^-1 <- D A^-1 D with
 * D_i = min(1 / sqrt(gamma), sqrt(prior_i / A^-1_ii)), at least 1. Without that bound what a context never visits blows up (covariance wind-up); with one bound for
 * all, a monitor that never moves would keep everything from being forgotten. `scratch` holds d numbers.
 */
export function forget(inverse: Float64Array, at: number, prior: Float64Array, gamma: number, scratch: Float64Array): void {
  const d = prior.length
  const row = at * d * d
  for (let i = 0; i < d; i++) scratch[i] = Math.sqrt(Math.max(1, Math.min(1 / gamma, (prior[i] as number) / (inverse[row + i * d + i] as number))))
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) inverse[row + i * d + j] = (inverse[row + i * d + j] as number) * (scratch[i] as number) * (scratch[j] as number)
}
