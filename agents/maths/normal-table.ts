import { normalCdf } from '../../src/core/normal.ts'

const perUnit = 512
const most = 6.5
// P(Z > z) at z = 0, 1/512, …; the error of a straight line between two is below 2e-7.
const beyond = Float64Array.from({ length: most * perUnit + 2 }, (_, i) => normalCdf(-i / perUnit))

/** P(Z > z) of the standard normal by table, to six digits: for decisions over hundreds of points. 0 for NaN: what is not known breaks nothing. No allocation. */
export function normalBeyond(z: number): number {
  if (z >= most) return 0
  if (z <= -most) return 1
  const size = (z < 0 ? -z : z) * perUnit
  const at = Math.floor(size)
  const low = beyond[at] as number
  const tail = low + (size - at) * ((beyond[at + 1] as number) - low)
  return z < 0 ? 1 - tail : z >= 0 ? tail : 0
}

/** E[max(0, X)] of X normal with mean -gap and standard deviation `spread`. */
export function normalImprovement(gap: number, spread: number): number {
  if (!(spread > 0)) return gap < 0 ? -gap : 0
  if (gap === Number.POSITIVE_INFINITY) return 0
  const z = gap / spread
  return spread * (bell(z) - z * normalBeyond(z))
}

const bell = (z: number): number => 0.3989422804014327 * Math.exp((-z * z) / 2)

/** z with P(Z <= z) = share, for shares in (0, 1), by bisection. */
export function normalQuantile(share: number): number {
  let low = -most
  let high = most
  for (let round = 0; round < 50; round++) {
    const middle = (low + high) / 2
    if (normalCdf(middle) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}
