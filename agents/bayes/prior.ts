import type { Axes, Axis, AxisRole } from './axes.ts'

/** How far the logarithm of a quantity is believed to follow one axis. */
interface AxisPrior {
  /** Exponent: the logarithm grows by this for each unit of the axis' logarithm. Of clocks: of all that a point uses together. */
  readonly slope: number
  /** Standard deviation of that exponent, or of a word's effect. */
  readonly spread: number
  /** Of what bends: a rough curve along the axis. */
  readonly bend: number
  /** Of each value's own deviation, in no order. */
  readonly wiggle: number
}

/** A belief about the logarithm of a positive quantity over points. All numbers are of logarithms, so they hold for any board. */
export interface FieldPrior {
  /** Of the level, about which nothing is known. */
  readonly level: number
  /** How two axes together deviate from the product of both. */
  readonly pair: number
  /** What no axis explains: each point by itself. */
  readonly residual: number
  /** Exponent of what features say of the quantity itself, and the axes that it makes up for. */
  readonly trust: number
  readonly instead: readonly AxisRole[]
  /** Of a cluster's effect, where features say it. */
  readonly toldSpread: number
  readonly axes: Readonly<Record<AxisRole, AxisPrior>>
}

/** Latency falls with clocks (all of them doubled: at most half), with cores, and grows with the arithmetic. */
export const latencyPrior: FieldPrior = {
  level: 3,
  pair: 0.09,
  residual: 0.025,
  trust: -0.85,
  instead: ['clock'],
  toldSpread: 0.3,
  axes: {
    size: { slope: 0.9, spread: 0.3, bend: 0.05, wiggle: 0.03 },
    network: { slope: 0, spread: 0.7, bend: 0, wiggle: 0 },
    cluster: { slope: 0, spread: 0.6, bend: 0, wiggle: 0 },
    cores: { slope: -0.7, spread: 0.3, bend: 0.03, wiggle: 0.02 },
    clock: { slope: -0.85, spread: 0.3, bend: 0.08, wiggle: 0.02 },
    other: { slope: 0, spread: 0.5, bend: 0.1, wiggle: 0.05 },
  },
}

/** Power grows with clocks (V^2 f, beside what the board draws anyway) and cores, and hardly with what is computed. */
export const powerPrior: FieldPrior = {
  level: 3,
  pair: 0.05,
  residual: 0.025,
  trust: 0.8,
  instead: ['clock', 'cores'],
  toldSpread: 0.4,
  axes: {
    size: { slope: 0, spread: 0.1, bend: 0.02, wiggle: 0.02 },
    network: { slope: 0, spread: 0.15, bend: 0, wiggle: 0 },
    cluster: { slope: 0, spread: 0.6, bend: 0, wiggle: 0 },
    cores: { slope: 0.5, spread: 0.3, bend: 0.03, wiggle: 0.01 },
    clock: { slope: 0.8, spread: 0.3, bend: 0.05, wiggle: 0.01 },
    other: { slope: 0, spread: 0.3, bend: 0.05, wiggle: 0.02 },
  },
}

/** Logarithmic units over which a curve forgets where it was: about a doubling. */
export const bendLength = 0.7

/**
 * The direction that physics gives, beside an unknown level: of clocks and cores, and of the arithmetic. Where a board file or an energy model says how fast or how hungry points are
 * beside each other (`told`), that stands in for the `instead` axes, to the power of `trust`.
 */
export function priorMean({ axes, clocks }: Axes, prior: FieldPrior, points: number, told: Float64Array | undefined): Float64Array {
  const mean = new Float64Array(points)
  if (told !== undefined) for (let i = 0; i < points; i++) mean[i] = prior.trust * (told[i] as number)
  for (const { role, words, x } of axes) {
    if (words || (told !== undefined && prior.instead.includes(role))) continue
    for (let i = 0; i < points; i++) {
      const sharing = role === 'clock' || role === 'cores' ? Math.max(1, clocks[i] as number) : 1
      mean[i] = (mean[i] as number) + (prior.axes[role].slope * (x[i] as number)) / sharing
    }
  }
  return mean
}

/** Shares of an axis' parts, in [0, 1], that are a part of something else: of a product of two axes that of both together. */
export interface Explained {
  readonly slope: number
  readonly bend: number
  readonly wiggle: number
  readonly pair: number
}

/**
 * Prior covariance of two points, without the residual: a level, each axis by itself, and each pair of axes. `explained`, by axis: correlations with what an earlier board says (carried.ts), of
 * which only the rest is left.
 */
export function makeCovariance(
  { axes, clocks }: Axes,
  prior: FieldPrior,
  told: boolean,
  explained?: readonly Explained[],
): (i: number, j: number) => number {
  const count = axes.length
  const shapes = new Float64Array(count)
  const left = axes.map((_, d) => {
    const { slope, bend, wiggle } = explained?.[d] ?? nothing
    return { slope: 1 - slope ** 2, bend: 1 - bend ** 2, wiggle: 1 - wiggle ** 2 }
  })
  const pairLeft = axes.map((_, d) => axes.map((__, e) => 1 - ((explained?.[d]?.pair ?? 0) * (explained?.[e]?.pair ?? 0)) ** 2))
  return (i, j) => {
    let sum = prior.level ** 2
    for (let d = 0; d < count; d++) {
      const axis = axes[d] as Axis
      shapes[d] = 0
      if (axis.active[i] === 0 || axis.active[j] === 0) continue
      const { spread, bend, wiggle } = prior.axes[axis.role]
      const rest = left[d] as (typeof left)[number]
      const [xi, xj] = [axis.x[i] as number, axis.x[j] as number]
      const same = xi === xj ? 1 : 0
      if (axis.words) {
        sum += rest.slope * (told && axis.role === 'cluster' ? prior.toldSpread : spread) ** 2 * same
        shapes[d] = same
        continue
      }
      const near = Math.exp(-Math.abs(xi - xj) / bendLength)
      const shared =
        axis.role === 'clock' || axis.role === 'cores' ? Math.sqrt(Math.max(1, clocks[i] as number) * Math.max(1, clocks[j] as number)) : 1
      sum += (rest.slope * spread ** 2 * xi * xj) / shared + rest.bend * bend ** 2 * near + rest.wiggle * wiggle ** 2 * same
      shapes[d] = 0.5 * ((xi * xj) / (axis.span * axis.span)) + 0.5 * near
    }
    for (let d = 0; d < count; d++)
      for (let e = 0; e < d; e++) sum += ((pairLeft[d] as number[])[e] as number) * prior.pair ** 2 * (shapes[d] as number) * (shapes[e] as number)
    return sum
  }
}

const nothing: Explained = { slope: 0, bend: 0, wiggle: 0, pair: 0 }
