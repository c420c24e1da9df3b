import type { Spaces } from '../../src/core/spaces.ts'

/** What a network is told of every action: `rows[a * size + i]`. */
export interface ActionFeatures {
  readonly size: number
  readonly rows: Float32Array
}

/** A knob of more values is described by the rank of the value alone. */
const mostValues = 32

/**
 * The features of the spaces, each shifted and scaled over the actions to mean 0 and variance 1, what is unknown at the mean; where spaces have none, a column for
 * every value of every knob. Then a constant 1.
 */
export function makeActionFeatures(spaces: Spaces): ActionFeatures {
  const { points, featureNames, features } = spaces
  const columns =
    featureNames.length > 0 ? featureNames.map((_, i) => points.map((_, a) => features[a * featureNames.length + i] as number)) : knobColumns(spaces)
  const size = columns.length + 1
  const rows = new Float32Array(points.length * size).fill(1)
  columns.map(standardised).forEach((column, i) => {
    column.forEach((value, a) => {
      rows[a * size + i] = value
    })
  })
  return { size, rows }
}

function knobColumns({ knobs, points }: Spaces): number[][] {
  return knobs.flatMap(({ name, values }) =>
    values.length > mostValues
      ? [points.map((point) => values.indexOf(point[name] as number | string))]
      : values.map((value) => points.map((point) => (point[name] === value ? 1 : 0))),
  )
}

function standardised(column: readonly number[]): number[] {
  const known = column.filter((value) => Number.isFinite(value))
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length)
  const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, known.length))
  return column.map((value) => (Number.isFinite(value) && deviation > 0 ? (value - mean) / deviation : 0))
}
