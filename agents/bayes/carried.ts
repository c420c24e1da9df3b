import { cholesky, solveLower } from '../maths/cholesky.ts'
import type { Axes, Axis } from './axes.ts'
import type { Coordinates, Kinship, Likeness } from './kinship.ts'
import { bendLength, type FieldPrior, makeCovariance, priorMean } from './prior.ts'

/** A prior over the points of a field: mean and covariance, without the residual. */
export interface CarriedBelief {
  readonly mean: Float64Array
  readonly covariance: (i: number, j: number) => number
  /** Logarithm of how far it is believed, beside the others. */
  readonly logTrust: number
}

/** What an earlier checkpoint of another network or board says of a quantity. */
export interface Carried {
  readonly beliefs: readonly CarriedBelief[]
  /** Logarithm of how far it is believed that none of it holds. */
  readonly logDoubt: number
  /** By level of load, as saved. */
  readonly noise: readonly (readonly number[])[]
  /** By cluster: of the earlier one that is most like it. */
  readonly slopes: readonly ({ readonly saved: readonly number[]; readonly likeness: number } | undefined)[]
}

/** A slope as saved, mean and variance, that continues an earlier one: what that deviates from the prior by its likeness, and the rest anew. */
export function carrySlope(carried: Carried | undefined, c: number, mean: number, spread: number): readonly number[] | undefined {
  const earlier = carried?.slopes[c]
  if (earlier === undefined) return undefined
  const { likeness, saved } = earlier
  const [was, variance] = saved as [number, number]
  return [mean + likeness * (was - mean), likeness ** 2 * variance + (1 - likeness ** 2) * spread ** 2]
}

/** One point that the earlier agent looked at, what it saw there, and how sure it was. */
export type EarlierLook = readonly [point: number, value: number, precision: number]

export interface CarryInput {
  readonly prior: FieldPrior
  readonly earlier: { readonly axes: Axes; readonly points: number; readonly told: Float64Array | undefined; readonly looks: readonly EarlierLook[] }
  readonly here: { readonly axes: Axes; readonly points: number; readonly told: Float64Array | undefined }
  readonly kinship: Kinship
  /** How much of the likeness is believed, in [0, 1]. */
  readonly share: number
}

/**
 * The field of this board as a second output of a Gaussian process of which the earlier board's looks are the first (the coregionalised model of Bonilla, Chai, Williams, "Multi-task Gaussian process
 * prediction", NIPS 2007, with a likeness c of its own for every part of the covariance):
 *
 *     part of this field = c (the same part of the earlier field, at the corresponding place) + sqrt(1 - c^2) (one of its own)
 *
 * The level is always its own. Given the looks D, with K the covariance of the earlier field, X that between both and N the noise:
 *
 *     mean = prior + X (K + N)^-1 (y - prior of D)      covariance = own part + c^2 part - X (K + N)^-1 X^T
 */
export function carryField({ prior, earlier, here, kinship, share }: CarryInput): Pick<CarriedBelief, 'mean' | 'covariance'> {
  const { looks } = earlier
  const [n, d] = [here.points, looks.length]
  const mean = priorMean(here.axes, prior, n, here.told)
  const told = earlier.told !== undefined && here.told !== undefined
  const of = (likeness: Likeness): Likeness => ({
    slope: share * likeness.slope,
    bend: share * likeness.bend,
    wiggle: share * likeness.wiggle,
    pair: Math.sqrt(share) * likeness.pair,
  })
  const once = kinship.likeness.map(of)
  const twice = once.map(({ slope, bend, wiggle, pair }) => ({ slope: slope ** 2, bend: bend ** 2, wiggle: wiggle ** 2, pair: pair ** 2 }))
  const places: Coordinates = { x: earlier.axes.axes.map(({ x }) => x), active: earlier.axes.axes.map(({ active }) => active) }
  const partOf = (weights: readonly Likeness[]) => makePart(earlier.axes.axes, prior, told, weights)
  const clocksOf = (axes: Axes, i: number): number => Math.max(1, axes.clocks[i] as number)

  const oldCovariance = makeCovariance(earlier.axes, prior, earlier.told !== undefined)
  const oldMean = priorMean(earlier.axes, prior, earlier.points, earlier.told)
  const lower = new Float64Array(d * d)
  looks.forEach(([i, , precision], a) => {
    for (let b = 0; b <= a; b++) lower[a * d + b] = oldCovariance(i, (looks[b] as EarlierLook)[0])
    lower[a * d + a] = (lower[a * d + a] as number) + prior.residual ** 2 + 1 / precision
  })
  cholesky(lower, d)
  const seen = Float64Array.from(looks, ([i, value]) => value - (oldMean[i] as number))
  solveLower(lower, d, seen)
  // Rows of L^-1 X^T, a row per point.
  const known = new Float64Array(n * d)
  const cross = partOf(once)
  for (let j = 0; j < n; j++) {
    for (let a = 0; a < d; a++) {
      const i = (looks[a] as EarlierLook)[0]
      known[j * d + a] = cross(kinship.at, j, places, i, Math.sqrt(clocksOf(here.axes, j) * clocksOf(earlier.axes, i)))
    }
    solveLower(lower, d, known, j * d)
    for (let a = 0; a < d; a++) mean[j] = (mean[j] as number) + (known[j * d + a] as number) * (seen[a] as number)
  }
  const mapped = partOf(twice)
  const own = makeCovariance(here.axes, prior, here.told !== undefined, kinship.explained.map(of))
  return {
    mean,
    covariance(i, j) {
      let sum = own(i, j) + mapped(kinship.at, i, kinship.at, j, Math.sqrt(clocksOf(here.axes, i) * clocksOf(here.axes, j)))
      for (let a = 0; a < d; a++) sum -= (known[i * d + a] as number) * (known[j * d + a] as number)
      return sum
    },
  }
}

/** Covariance of two places on the axes of one board, every part by its weight; no level. */
function makePart(axes: readonly Axis[], prior: FieldPrior, told: boolean, weights: readonly Likeness[]) {
  const shapes = new Float64Array(axes.length)
  return (one: Coordinates, i: number, other: Coordinates, j: number, shared: number): number => {
    let sum = 0
    for (let d = 0; d < axes.length; d++) {
      shapes[d] = 0
      if (one.active[d]?.[i] !== 1 || other.active[d]?.[j] !== 1) continue
      const axis = axes[d] as Axis
      const weight = weights[d] as Likeness
      const { spread, bend, wiggle } = prior.axes[axis.role]
      const [xi, xj] = [one.x[d]?.[i] as number, other.x[d]?.[j] as number]
      if (axis.words) {
        const same = xi === xj ? 1 : 0
        sum += weight.slope * (told && axis.role === 'cluster' ? prior.toldSpread : spread) ** 2 * same
        shapes[d] = weight.pair * same
        continue
      }
      const near = Math.exp(-Math.abs(xi - xj) / bendLength)
      const sharing = axis.role === 'clock' || axis.role === 'cores' ? shared : 1
      const same = Math.abs(xi - xj) < 1e-9 ? 1 : 0
      sum += (weight.slope * spread ** 2 * xi * xj) / sharing + weight.bend * bend ** 2 * near + weight.wiggle * wiggle ** 2 * same
      shapes[d] = weight.pair * (0.5 * ((xi * xj) / (axis.span * axis.span)) + 0.5 * near)
    }
    for (let d = 0; d < axes.length; d++) for (let e = 0; e < d; e++) sum += prior.pair ** 2 * (shapes[d] as number) * (shapes[e] as number)
    return sum
  }
}
