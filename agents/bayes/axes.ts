import type { Knob, Spaces } from '../../src/core/spaces.ts'

/** What an axis stands for; it decides how far latency and power are believed to follow it (prior.ts). */
export type AxisRole = 'size' | 'network' | 'cluster' | 'cores' | 'clock' | 'other'

/**
 * One way in which points differ. `x` holds a logarithm beside the axis' highest value (numbers) or the place of a word (words); where a point does not use it
 * (the clock of a cluster that rests) `active` is 0.
 */
export interface Axis {
  /** Of its knob; of a clock that whatever cluster computes has, of the cluster as well. */
  readonly name: string
  readonly role: AxisRole
  readonly words: boolean
  readonly x: Float64Array
  readonly active: Uint8Array
  /** Logarithm of highest over lowest value; 0 for words. */
  readonly span: number
  /** Highest value; 0 for words. */
  readonly top: number
  /** By place; empty for numbers. */
  readonly labels: readonly (number | string)[]
}

/** What is known of points before anything is measured. */
export interface Axes {
  readonly axes: readonly Axis[]
  /** Index of the cluster that computes at each point, among the clusters that the monitors name; 0 where none is named. */
  readonly cluster: Int32Array
  readonly clusters: readonly string[]
  /** W of the busy cores by the board file or the energy model, log; undefined where no feature says so. */
  readonly logPower: Float64Array | undefined
  /** Speed of one core beside the board's fastest, log; undefined where no feature says so. */
  readonly logSpeed: Float64Array | undefined
  /** Clocks that a point uses. */
  readonly clocks: Int32Array
  /** Points that share all words (network, cluster), numbered from 0. */
  readonly group: Int32Array
}

/** Reads the axes off knobs and features; never anything that was measured. */
export function makeAxes(spaces: Spaces): Axes {
  const { knobs, points } = spaces
  const clusterKnob = knobs.find(({ kind }) => kind === 'cluster')
  const valuesOf = (knob: Knob) => points.map((point) => point[knob.name] as number | string)
  const axes = knobs
    .flatMap((knob): (Axis | undefined)[] => {
      const values = valuesOf(knob)
      if (knob.kind === 'frequency') return clockAxes(knob, values, clusterKnob === undefined ? undefined : valuesOf(clusterKnob))
      if (knob.kind === 'subnet') return [sizeAxis(knob.name, spaces, values)]
      if (knob.kind === 'cluster') return [wordAxis(knob.name, 'cluster', values)]
      return [numberAxis(knob.name, knob.kind === 'cores' ? 'cores' : 'other', values) ?? wordAxis(knob.name, 'other', values)]
    })
    .filter((axis) => axis !== undefined)
  const clocks = Int32Array.from(points, (_, i) => axes.reduce((sum, { role, active }) => sum + (role === 'clock' ? (active[i] as number) : 0), 0))
  const clusters = spaces.monitors.filter(({ name }) => name.endsWith('.interference')).map(({ name }) => name.slice(0, -'.interference'.length))
  const named = clusterKnob === undefined ? points.map(() => -1) : valuesOf(clusterKnob).map((value) => clusters.indexOf(String(value)))
  return {
    axes,
    cluster: Int32Array.from(named, (index) => Math.max(0, index)),
    clusters,
    logPower: logFeature(spaces, (name) => name === 'powerW') ?? logOfCores(spaces),
    logSpeed: logFeature(spaces, (name) => name === 'speed'),
    clocks,
    group: groupsOf(axes, points.length),
  }
}

function groupsOf(axes: readonly Axis[], points: number): Int32Array {
  const words = axes.filter((axis) => axis.words)
  const keys = Array.from({ length: points }, (_, i) => words.map(({ x }) => x[i]).join())
  const known = [...new Set(keys)]
  return Int32Array.from(keys, (key) => known.indexOf(key))
}

/** Logarithm of the sum of the features so named: of each cluster one, 0 while it is not used. Undefined where some point has none. */
function logFeature({ featureNames, features, points }: Spaces, wanted: (name: string) => boolean): Float64Array | undefined {
  const columns = featureNames.map((name, i) => (wanted(name) ? i : -1)).filter((i) => i >= 0)
  const sums = points.map((_, a) => columns.reduce((total, column) => total + (features[a * featureNames.length + column] as number), 0))
  return sums.every((sum) => sum > 0) ? Float64Array.from(sums, Math.log) : undefined
}

/** Power of one busy core by cluster, times cores. */
function logOfCores(spaces: Spaces): Float64Array | undefined {
  const one = logFeature(spaces, (name) => name.endsWith('.powerW'))
  const cores = logFeature(spaces, (name) => name === 'cores')
  return one === undefined || cores === undefined ? undefined : one.map((value, i) => value + (cores[i] as number))
}

/** A clock that whatever cluster computes has is one axis per cluster: 1 GHz here is not 1 GHz there. */
function clockAxes(knob: Knob, values: readonly (number | string)[], clusterOf: readonly (number | string)[] | undefined): (Axis | undefined)[] {
  if (knob.domain !== undefined || clusterOf === undefined) return [numberAxis(knob.name, 'clock', values)]
  return [...new Set(clusterOf)].map((id) =>
    numberAxis(
      `${id}.${knob.name}`,
      'clock',
      values.map((value, i) => (clusterOf[i] === id ? value : 'free')),
    ),
  )
}

/** By its arithmetic where a feature or its name says how much, else by word. */
function sizeAxis(name: string, spaces: Spaces, values: readonly (number | string)[]): Axis | undefined {
  const column = ['macs', 'macShare'].map((name) => spaces.featureNames.indexOf(name)).find((index) => index >= 0)
  const arithmetic = values.map((value, a) =>
    column === undefined ? Number(value) : (spaces.features[a * spaces.featureNames.length + column] as number),
  )
  if (arithmetic.every((value) => value > 0)) return numberAxis(name, 'size', arithmetic)
  return wordAxis(name, 'network', values)
}

/** Undefined where there is nothing to tell apart. Words and numbers <= 0 among numbers are points that do not use it. */
function numberAxis(name: string, role: AxisRole, values: readonly (number | string)[]): Axis | undefined {
  const used = values.filter((value): value is number => typeof value === 'number' && value > 0)
  if (new Set(used).size < 2) return undefined
  const [low, high] = [Math.min(...used), Math.max(...used)]
  return {
    name,
    role,
    words: false,
    x: Float64Array.from(values, (value) => (typeof value === 'number' && value > 0 ? Math.log(value / high) : 0)),
    active: Uint8Array.from(values, (value) => (typeof value === 'number' && value > 0 ? 1 : 0)),
    span: Math.log(high / low),
    top: high,
    labels: [],
  }
}

function wordAxis(name: string, role: AxisRole, values: readonly (number | string)[]): Axis | undefined {
  const words = [...new Set(values)]
  if (words.length < 2) return undefined
  return {
    name,
    role,
    words: true,
    x: Float64Array.from(values, (value) => words.indexOf(value)),
    active: new Uint8Array(values.length).fill(1),
    span: 0,
    top: 0,
    labels: words,
  }
}
