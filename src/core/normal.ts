const below = [220.206867912376, 221.213596169931, 112.079291497871, 33.912866078383, 6.37396220353165, 0.700383064443688, 3.52624965998911e-2]
const above = [
  440.413735824752, 793.826512519948, 637.333633378831, 296.564248779674, 86.7807322029461, 16.064177579207, 1.75566716318264, 8.83883476483184e-2,
]

/**
 * P(Z <= x) of the standard normal, to 14 digits (absolute), the far tails included: Hart, "Computer Approximations" (1968), algorithm 5666, as given by
 * West, "Better approximations to cumulative normal functions" (Wilmott, 2005). No allocation.
 */
export function normalCdf(x: number): number {
  const size = Math.abs(x)
  if (size > 37) return x > 0 ? 1 : 0
  const bell = Math.exp((-size * size) / 2)
  let tail: number
  if (size < 7.07106781186547) {
    tail = (bell * horner(below, size)) / horner(above, size)
  } else {
    // Beyond, a continued fraction of Mills' ratio.
    const ratio = size + 1 / (size + 2 / (size + 3 / (size + 4 / (size + 0.65))))
    tail = bell / ratio / 2.506628274631
  }
  return x > 0 ? 1 - tail : tail
}

/** P(X > limit) for X log-normal: log X ~ N(mu, sigma^2). With sigma 0 it is 0 or 1. */
export function logNormalExceeds(limit: number, mu: number, sigma: number): number {
  if (!(limit > 0)) return 1
  const gap = mu - Math.log(limit)
  return sigma > 0 ? normalCdf(gap / sigma) : gap > 0 ? 1 : 0
}

function horner(coefficients: readonly number[], x: number): number {
  let sum = 0
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + (coefficients[i] as number)
  return sum
}
