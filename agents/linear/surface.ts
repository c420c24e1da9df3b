import type { Axes, Axis, AxisRole } from '../bayes/axes.ts'

/** Features of points for a linear model, each times the standard deviation that its coefficient is believed to have. */
export interface Surface {
  readonly names: readonly string[]
  /** n * width, rows; columns beyond the names hold 0. */
  readonly rows: Float64Array
  /** A multiple of four, for loops that take four at a time. */
  readonly width: number
  /** By point: prior variance of the features that found no room. */
  readonly left: Float64Array
}

interface RoleSpread {
  /** Of the exponent, or of a word's effect. */
  readonly slope: number
  /** Of what bends. */
  readonly bend: number
}

// Standard deviations of coefficients of a logarithm, of latency or of energy alike; hence the same for every board.
const spreads: Readonly<Record<AxisRole, RoleSpread>> = {
  size: { slope: 0.3, bend: 0.1 },
  network: { slope: 0.7, bend: 0 },
  cluster: { slope: 1, bend: 0 },
  cores: { slope: 0.3, bend: 0.1 },
  clock: { slope: 0.3, bend: 0.15 },
  other: { slope: 0.5, bend: 0.15 },
}
// Of a cluster's effect where features say how fast it is.
const toldCluster = 0.4
// Of the level, about which nothing is known; and of two axes together.
const level = 3
const pair = 0.1
const pairOfWords = 0.3

interface Feature {
  readonly name: string
  readonly column: Float64Array
}

/**
 * A quadratic response surface in logarithms (Box and Wilson, "On the experimental attainment of optimum conditions", JRSS B 13, 1951): the level; of clocks, cores and arithmetic (axes.ts) the logarithm,
 * its square and products of two; of networks and clusters one number each, and one for each network on each cluster and of each with every clock. A power law of clocks, cores and arithmetic is linear in it.
 * Clocks that a point uses together share an exponent. Where there are more than `most`, those count that move the points most.
 */
export function makeSurface({ axes, clocks, logSpeed }: Axes, points: number, most: number): Surface {
  const counted = new Map<string, number>()
  const nameOf = ({ role }: Axis): string => {
    const count = (counted.get(role) ?? 0) + 1
    counted.set(role, count)
    return count === 1 ? role : `${role}${count}`
  }
  const singles = axes.map((axis) => ({ axis, name: nameOf(axis), columns: columnsOf(axis, points) }))
  const features: Feature[] = [{ name: 'level', column: new Float64Array(points).fill(level) }]
  for (const { axis, name, columns } of singles) {
    const { slope: usual, bend } = spreads[axis.role]
    const slope = axis.role === 'cluster' && logSpeed !== undefined ? toldCluster : usual
    for (const { suffix, x } of columns) {
      const sharing = (i: number): number => (axis.role === 'clock' ? Math.sqrt(Math.max(1, clocks[i] as number)) : 1)
      features.push({ name: `${name}${suffix}`, column: x.map((value, i) => (slope * value) / sharing(i)) })
      if (!axis.words) features.push({ name: `${name}${suffix}^2`, column: x.map((value) => bend * value * value) })
    }
  }
  singles.forEach((one, i) => {
    for (const other of singles.slice(0, i))
      for (const a of one.columns)
        for (const b of other.columns) {
          const spread = one.axis.words && other.axis.words ? pairOfWords : pair
          features.push({
            name: `${other.name}${b.suffix}*${one.name}${a.suffix}`,
            column: a.x.map((value, p) => spread * value * (b.x[p] as number)),
          })
        }
  })
  return pack(features, points, most)
}

/** A number is one column, 0 where a point does not use it; a word one for each value. */
function columnsOf({ words, x, active }: Axis, points: number): { suffix: string; x: Float64Array }[] {
  if (words)
    return [...new Set(x)].map((value) => ({ suffix: `=${value}`, x: Float64Array.from({ length: points }, (_, i) => (x[i] === value ? 1 : 0)) }))
  return [{ suffix: '', x: Float64Array.from({ length: points }, (_, i) => (active[i] === 1 ? (x[i] as number) : 0)) }]
}

function pack(all: readonly Feature[], points: number, most: number): Surface {
  const weighed = all
    .map((feature, order) => ({ ...feature, order, weight: feature.column.reduce((sum, value) => sum + value * value, 0) / points }))
    .filter(({ weight }) => weight > 1e-8)
    .sort((a, b) => b.weight - a.weight || a.order - b.order)
  const kept = weighed.slice(0, most).sort((a, b) => a.order - b.order)
  const width = 4 * Math.ceil(kept.length / 4)
  const rows = new Float64Array(points * width)
  kept.forEach(({ column }, k) => {
    for (let i = 0; i < points; i++) rows[i * width + k] = column[i] as number
  })
  const left = new Float64Array(points)
  for (const { column } of weighed.slice(most)) for (let i = 0; i < points; i++) left[i] = (left[i] as number) + (column[i] as number) ** 2
  return { names: kept.map(({ name }) => name), rows, width, left }
}
