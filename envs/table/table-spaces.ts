import { monitorsOf } from '../../src/core/monitors.ts'
import { type Knob, makeSpaces, type OperatingPoint, type Spaces } from '../../src/core/spaces.ts'
import type { MeasuredTable } from '../../src/table/table.ts'

/** A feature of an operating point: what is known of it before anything is measured. */
interface Feature {
  readonly name: string
  of(point: OperatingPoint): number
}

/** More sub-networks than this are told apart by their rank alone. */
const mostNames = 8

/** A table's rows as points, in their order, with the monitors of every environment. Features: the table's own, else what its knobs say. */
export function tableSpaces({ knobs, points, clusters, features }: MeasuredTable): Spaces {
  const { names, rows } = features ?? pointFeatures(knobs, points)
  return makeSpaces({ knobs, points, featureNames: names, features: rows, monitors: monitorsOf(clusters) })
}

/** What knobs say of points, a row for each. */
export function pointFeatures(knobs: readonly Knob[], points: readonly OperatingPoint[]): { names: string[]; rows: number[][] } {
  const own = knobs.flatMap((knob) => featuresOf(knob, knobs))
  return { names: own.map(({ name }) => name), rows: points.map((point) => own.map((feature) => feature.of(point))) }
}

/** Never anything that was measured: an agent has to find that out. */
function featuresOf(knob: Knob, knobs: readonly Knob[]): Feature[] {
  const numbers = knob.values.every((value) => typeof value === 'number')
  if (knob.kind === 'frequency') return frequencyFeatures(knob, knobs)
  if (knob.kind === 'subnet') return [rank(knob), ...(knob.values.length > mostNames ? [] : oneHot(knob))]
  if (knob.kind === 'cluster' || !numbers) return oneHot(knob)
  if (knob.kind === 'cores') return [{ name: knob.name, of: (point) => Number(point[knob.name]) }]
  const positive = knob.values.every((value) => Number(value) > 0)
  return [
    { name: positive ? `log.${knob.name}` : knob.name, of: (point) => (positive ? Math.log(Number(point[knob.name])) : Number(point[knob.name])) },
  ]
}

/** 1/f in 1/GHz (1 / speed where there are no Hz), 0 where the domain does not run. A frequency of whatever cluster computes gets a column per cluster. */
function frequencyFeatures(knob: Knob, knobs: readonly Knob[]): Feature[] {
  const scale = knob.unit === 'Hz' ? 1e9 : 1
  const what = knob.unit === 'Hz' ? 'invGHz' : 'invSpeed'
  const inverse = (point: OperatingPoint): number => {
    const value = Number(point[knob.name])
    return value > 0 ? scale / value : 0
  }
  const cluster = knob.domain === undefined ? knobs.find(({ kind }) => kind === 'cluster') : undefined
  if (cluster === undefined) return [{ name: `${knob.domain ?? knob.name}.${what}`, of: inverse }]
  return cluster.values.map((id) => ({ name: `${id}.${what}`, of: (point) => (point[cluster.name] === id ? inverse(point) : 0) }))
}

const rank = (knob: Knob): Feature => ({
  name: `${knob.name}.rank`,
  of: (point) => knob.values.indexOf(point[knob.name] as number | string) / Math.max(1, knob.values.length - 1),
})

/** A single value tells nothing apart. */
const oneHot = (knob: Knob): Feature[] =>
  knob.values.length < 2 ? [] : knob.values.map((value) => ({ name: `${knob.name}=${value}`, of: (point) => (point[knob.name] === value ? 1 : 0) }))
