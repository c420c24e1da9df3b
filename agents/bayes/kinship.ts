import type { Spaces } from '../../src/core/spaces.ts'
import type { Axes, Axis } from './axes.ts'

/** How alike two networks, or two boards, are believed to be along an axis: correlations of what makes each deviate from the prior, in [0, 1]. */
export interface Likeness {
  readonly slope: number
  readonly bend: number
  readonly wiggle: number
  /** Root of that of a product of two axes, which has one factor of each. */
  readonly pair: number
}

/** The same knob with the same values: another network on this board. */
const sameKnob: Likeness = { slope: 0.9, bend: 0.7, wiggle: 0.5, pair: 0.75 }
/** A knob that does the same on another board. */
const sameRole: Likeness = { slope: 0.7, bend: 0.5, wiggle: 0, pair: 0.6 }
const none: Likeness = { slope: 0, bend: 0, wiggle: 0, pair: 0 }

/** Where the points of one board lie on the axes of another. Arrays of arrays are by axis of the other board, then by point. */
export interface Coordinates {
  readonly x: readonly Float64Array[]
  readonly active: readonly Uint8Array[]
}

export interface Kinship {
  readonly at: Coordinates
  /** By axis of the earlier board: how much of it is believed. */
  readonly likeness: readonly Likeness[]
  /** By axis of this board: the same. */
  readonly explained: readonly Likeness[]
  /** By cluster of this board: the earlier one's most like it, -1 for none; and how alike. */
  readonly clusterOf: Int32Array
  readonly clusterLikeness: Float64Array
}

/** An axis and what is known of what it belongs to. */
interface Described {
  readonly axis: Axis
  /** Of the cluster whose clock it is: its kind, and the speed of a core. */
  readonly unit: string
  readonly speed: number
}

/**
 * Finds for each axis of this board that of the earlier one which it continues: by name and values where it is the same board, else by what it does; a clock by the kind of its cluster, then by how
 * fast a core is beside the board's fastest. Two clocks that run together never continue the same one.
 */
export function findKinship(earlier: { spaces: Spaces; axes: Axes }, here: { spaces: Spaces; axes: Axes }): Kinship {
  const olds = earlier.axes.axes.map((axis) => describe(axis, earlier.spaces))
  const news = here.axes.axes.map((axis) => describe(axis, here.spaces))
  const points = here.spaces.points.length
  const x = olds.map(() => new Float64Array(points))
  const active = olds.map(() => new Uint8Array(points))
  const likeness = olds.map(() => none)
  const explained = news.map(() => none)
  news.forEach((one, b) => {
    const a = continuedBy(one, olds)
    if (a < 0) return
    const old = olds[a] as Described
    const { axis } = one
    if (axis.active.some((used, i) => used === 1 && active[a]?.[i] === 1)) return
    const same = isSame(axis, old.axis)
    const alike = same ? sameKnob : sameRole
    const place = axis.words ? placesOf(one, old, earlier.spaces, here.spaces, same) : undefined
    if (place?.some((index) => index < 0) === true) return
    const shift = same ? Math.log(axis.top / old.axis.top) : 0
    for (let i = 0; i < points; i++) {
      if (axis.active[i] === 0) continue
      const value = place === undefined ? (axis.x[i] as number) + shift : (place[axis.x[i] as number] as number)
      ;(x[a] as Float64Array)[i] = value
      ;(active[a] as Uint8Array)[i] = 1
    }
    likeness[a] = alike
    explained[b] = alike
  })
  const clusterOf = Int32Array.from(here.axes.clusters, (id) => nearestCluster(id, earlier, here))
  return {
    at: { x, active },
    likeness,
    explained,
    clusterOf,
    clusterLikeness: Float64Array.from(here.axes.clusters, (id) => (earlier.axes.clusters.includes(id) ? sameKnob.slope : sameRole.slope)),
  }
}

function describe(axis: Axis, spaces: Spaces): Described {
  const knob = spaces.knobs.find(({ name }) => name === axis.name || axis.name.endsWith(`.${name}`))
  const unit = /gpu|mali|adreno|powervr/i.exec(axis.name)
    ? 'gpu'
    : /mem|emc|ddr|dmc/i.test(axis.name)
      ? 'memory'
      : /npu|dsp|tpu/i.test(axis.name)
        ? 'npu'
        : 'cpu'
  return { axis, unit, speed: speedOf(spaces, (i) => axis.active[i] === 1, knob?.domain) }
}

/** Speed of a core beside the board's fastest, at its best, of some points; NaN where no feature says so. */
function speedOf({ featureNames, features, points }: Spaces, wanted: (i: number) => boolean, domain: string | undefined): number {
  const column = ['capacity', 'speed', `${domain}.invSpeed`].map((name) => featureNames.indexOf(name)).find((at) => at >= 0)
  if (column === undefined) return Number.NaN
  const inverse = featureNames[column]?.endsWith('.invSpeed') === true
  let best = Number.NaN
  for (let i = 0; i < points.length; i++) {
    const value = features[i * featureNames.length + column] as number
    if (!wanted(i) || !(value > 0)) continue
    const speed = inverse ? 1 / value : value
    if (!(best >= speed)) best = speed
  }
  return best
}

/** Index of the earlier axis that one continues, or -1. */
function continuedBy({ axis, unit, speed }: Described, olds: readonly Described[]): number {
  const same = olds.findIndex((old) => isSame(axis, old.axis))
  if (same >= 0) return same
  let best = -1
  let least = Number.POSITIVE_INFINITY
  olds.forEach((old, a) => {
    if (old.axis.role !== axis.role || old.axis.words !== axis.words) return
    if (axis.role === 'other' && old.axis.name !== axis.name) return
    if (axis.role === 'clock' && old.unit !== unit) return
    const apart = axis.role === 'clock' ? Math.abs(Math.log(speed / old.speed)) : 0
    const distance = Number.isNaN(apart) ? 0 : apart
    if (distance < least) {
      best = a
      least = distance
    }
  })
  return best
}

/** The same knob with mostly the same values. */
function isSame(one: Axis, other: Axis): boolean {
  if (one.name !== other.name || one.role !== other.role || one.words !== other.words) return false
  const values = new Set(valuesOf(one))
  const shared = new Set(valuesOf(other).filter((value) => values.has(value)))
  return 2 * shared.size >= values.size
}

function valuesOf(axis: Axis): (number | string)[] {
  if (axis.words) return [...axis.labels]
  return Array.from(axis.x, (x, i) => (axis.active[i] === 1 ? Math.round(1e6 * (x + Math.log(axis.top))) : 'unused')).filter(
    (value) => value !== 'unused',
  )
}

/** By word of this axis: the place of the earlier word that it continues, or -1. Clusters by speed where they are not the same, networks by name. */
function placesOf({ axis }: Described, { axis: old }: Described, earlier: Spaces, here: Spaces, same: boolean): number[] {
  return axis.labels.map((label, w) => {
    const named = old.labels.indexOf(label)
    if (same || axis.role !== 'cluster') return named
    const speed = speedOf(here, (i) => axis.x[i] === w, String(label))
    return nearest(
      speed,
      old.labels.map((other, o) => speedOf(earlier, (i) => old.x[i] === o, String(other))),
    )
  })
}

/** Index of the speed closest in logarithm; -1 where none is known. */
function nearest(speed: number, others: readonly number[]): number {
  let best = -1
  others.forEach((other, o) => {
    const apart = Math.abs(Math.log(speed / other))
    if (!Number.isNaN(apart) && (best < 0 || apart < Math.abs(Math.log(speed / (others[best] as number))))) best = o
  })
  return best
}

function nearestCluster(id: string, earlier: { spaces: Spaces; axes: Axes }, here: { spaces: Spaces; axes: Axes }): number {
  const named = earlier.axes.clusters.indexOf(id)
  if (named >= 0) return named
  const speedIn = ({ spaces, axes }: typeof here, name: string): number => {
    const words = axes.axes.find(({ role, words }) => role === 'cluster' && words)
    const place = words?.labels.indexOf(name) ?? -1
    return speedOf(spaces, (i) => words === undefined || words.x[i] === place, name)
  }
  return nearest(
    speedIn(here, id),
    earlier.axes.clusters.map((other) => speedIn(earlier, other)),
  )
}
