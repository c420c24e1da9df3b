import { FlyballError } from '../../core/errors.ts'
import { quantise } from '../../core/quantise.ts'
import { parseQuantity } from '../../core/units.ts'
import { checkColumns, isAbsent, makeCells, scaleOf } from './cells.ts'
import { knobDigits } from './levels.ts'
import type { ImportMap, QuantityMap, TimeColumn } from './map.ts'
import { placeOf, type Row, type RowOptions, readRows, type Unread } from './rows.ts'

/** What one record says, in SI units; NaN and null for what it does not. */
export interface Sample {
  readonly row: Row
  readonly timeS: number
  /** As they stand, in SI units where they are numbers. */
  readonly knobs: readonly (number | string | null)[]
  readonly monitors: readonly number[]
  readonly latencyS: number
  readonly energyJ: number
  readonly powerW: number
  readonly accuracy: number
  readonly confidence: number
  readonly propensity: number
  readonly deadlineS: number
  readonly energyBudgetJ: number
  readonly accuracyFloor: number
  /** Of the session that it belongs to. */
  readonly run: string
}

/** Records that cannot be decisions. */
export interface Skipped extends Unread {
  /** The same record twice in a row. */
  duplicates: number
  /** A knob is missing. */
  withoutKnobs: number
  /** Latencies for which there is no sample of the board. */
  outside: number
}

export const noneSkipped = (): Skipped => ({ torn: 0, foreign: 0, duplicates: 0, withoutKnobs: 0, outside: 0 })

/** Samples of one file in order of time. Throws ERR_LOG naming file, record, line and column. */
export async function* samplesOf(path: string, map: ImportMap, options: RowOptions, skipped: Skipped): AsyncGenerator<Sample> {
  const read = makeSampleReader(path, map, options)
  const seen = new Set<string>()
  let before: Sample | undefined
  for await (const row of readRows(path, options, skipped)) {
    if (before === undefined || options.format !== 'csv') for (const name in row.cells) seen.add(name)
    const sample = read(row)
    if (before !== undefined && isDuplicate(before, sample)) {
      skipped.duplicates++
      continue
    }
    if (before !== undefined && before.run === sample.run && sample.timeS < before.timeS)
      throw new FlyballError(
        'ERR_LOG',
        `${placeOf(path, row)}, column ${timeColumnOf(map)}: is ${Number((before.timeS - sample.timeS).toPrecision(3))} s before the record above; expected records in order of time, or "run" in the map where another session begins`,
      )
    before = sample
    if (sample.knobs.includes(null)) skipped.withoutKnobs++
    else yield sample
  }
  if (before === undefined) throw new FlyballError('ERR_LOG', `${path} has no record, expected one per decision`)
  checkColumns(path, columnsOf(map), seen)
}

function isDuplicate(before: Sample, { timeS, row }: Sample): boolean {
  if (Number.isNaN(timeS) || timeS !== before.timeS) return false
  const cells = before.row.cells
  for (const name in row.cells) if (row.cells[name] !== cells[name]) return false
  return true
}

/** Columns that the map names and that a record must have; outcomes of a second file are not among them. */
function columnsOf({ time, run, knobs, monitors = [], outcomes, propensity, requirements }: ImportMap): string[] {
  const asked = Object.values(requirements ?? {}).flatMap((value) => (typeof value === 'object' ? [value] : []))
  const named = [
    time !== undefined && 'column' in time ? time : undefined,
    run,
    ...knobs,
    ...monitors,
    ...Object.values(outcomes),
    propensity,
    ...asked,
  ]
  return named.flatMap((one) => (one === undefined ? [] : [one.column]))
}

const timeColumnOf = ({ time }: Pick<ImportMap, 'time'>): string => (time !== undefined && 'column' in time ? time.column : 'time')

function makeSampleReader(path: string, map: ImportMap, { format }: RowOptions): (row: Row) => Sample {
  const cells = makeCells(path, map.decimal)
  const { outcomes, requirements = {}, knobs, monitors = [] } = map
  const quantity = (one: QuantityMap | undefined, kind: Parameters<typeof scaleOf>[1], field: string, range: Range): ((row: Row) => number) => {
    if (one === undefined) return () => Number.NaN
    const scale = scaleOf(one.unit, kind, field)
    return (row) => {
      const value = cells.number(row, one.column, scale)
      return inRange(value, range) ? value : cells.fail(row, one.column, range.expected)
    }
  }
  const asked = (name: 'deadlineS' | 'energyBudgetJ' | 'accuracyFloor', kind: 'time' | 'energy' | 'ratio'): ((row: Row) => number) => {
    const value = requirements[name]
    if (typeof value === 'object') return quantity(value, kind, `requirements.${name}`, kind === 'ratio' ? share : aboveZero)
    const fixed =
      value === undefined
        ? Number.NaN
        : typeof value === 'number' || kind === 'ratio'
          ? Number(value)
          : parseQuantity(value, kind, `requirements.${name}`)
    if (value !== undefined && !inRange(fixed, kind === 'ratio' ? share : aboveZero))
      throw new FlyballError('ERR_LOG', `requirements.${name}: ${value} ${(kind === 'ratio' ? share : aboveZero).expected}`)
    return () => fixed
  }
  const knobScales = knobs.map(({ unit, kind }, i) => scaleOf(unit, kind === 'frequency' ? 'frequency' : 'any', `knobs.${i}`))
  const monitorScales = monitors.map(({ unit }, i) => scaleOf(unit, 'any', `monitors.${i}`))
  const timeOf = makeTimeReader(path, map, format)
  const read = {
    latencyS: quantity(outcomes.latencyS, 'time', 'outcomes.latencyS', aboveZero),
    energyJ: quantity(outcomes.energyJ, 'energy', 'outcomes.energyJ', aboveZero),
    powerW: quantity(outcomes.powerW, 'power', 'outcomes.powerW', aboveZero),
    accuracy: quantity(outcomes.accuracy, 'ratio', 'outcomes.accuracy', share),
    confidence: quantity(outcomes.confidence, 'ratio', 'outcomes.confidence', share),
    propensity: quantity(map.propensity, 'ratio', 'propensity', probability),
    deadlineS: asked('deadlineS', 'time'),
    energyBudgetJ: asked('energyBudgetJ', 'energy'),
    accuracyFloor: asked('accuracyFloor', 'ratio'),
  }
  return (row) => ({
    row,
    timeS: timeOf(row),
    knobs: knobs.map(({ column, unit, kind }, k) => {
      const cell = row.cells[column]
      if (isAbsent(cell)) return null
      if (typeof cell === 'string' && unit === undefined && kind !== 'frequency' && kind !== 'cores') return cell
      return quantise(cells.number(row, column, knobScales[k] as (typeof knobScales)[number]), knobDigits)
    }),
    monitors: monitors.map(({ column }, i) => cells.number(row, column, monitorScales[i] as (typeof monitorScales)[number])),
    latencyS: read.latencyS(row),
    energyJ: read.energyJ(row),
    powerW: read.powerW(row),
    accuracy: read.accuracy(row),
    confidence: read.confidence(row),
    propensity: read.propensity(row),
    deadlineS: read.deadlineS(row),
    energyBudgetJ: read.energyBudgetJ(row),
    accuracyFloor: read.accuracyFloor(row),
    run: map.run === undefined ? '' : String(row.cells[map.run.column] ?? ''),
  })
}

function makeTimeReader(path: string, { time, decimal }: Pick<ImportMap, 'time' | 'decimal'>, format: RowOptions['format']): (row: Row) => number {
  if (time === undefined) return () => Number.NaN
  if ('every' in time) {
    const everyS = parseQuantity(time.every, 'time', 'time.every')
    return ({ number }) => (number - 1) * everyS
  }
  return timeReader(path, time, format, decimal)
}

/** Reads the time of records, which every one must have. Throws ERR_LOG and ERR_UNIT. */
export function timeReader(
  path: string,
  { column, unit, offset }: TimeColumn,
  format: RowOptions['format'],
  decimal?: '.' | ',',
): (row: Row) => number {
  const cells = makeCells(path, decimal)
  // Dates of Parquet come in seconds.
  const scale = unit === undefined ? (format === 'parquet' ? scaleOf('s', 'time', 'time') : undefined) : scaleOf(unit, 'time', 'time.unit')
  const offsetS = offset === undefined ? 0 : parseQuantity(offset, 'time', 'time.offset')
  return (row) => {
    const timeS = cells.time(row, column, scale)
    return Number.isNaN(timeS) ? cells.fail(row, column, 'is missing: expected the time of every record') : offsetS + timeS
  }
}

interface Range {
  readonly low: number
  readonly high: number
  /** The low end is out. */
  readonly open: boolean
  readonly expected: string
}

const aboveZero: Range = { low: 0, high: Number.POSITIVE_INFINITY, open: true, expected: 'is not above 0' }
const share: Range = { low: 0, high: 1, open: false, expected: 'is no share from 0 to 1; where it is in %, say so: "unit": "%"' }
const probability: Range = {
  low: 0,
  high: 1 + 1e-9,
  open: true,
  expected: 'is no probability above 0 and at most 1; where it is not known, leave the cell empty',
}

const inRange = (value: number, { low, high, open }: Range): boolean => Number.isNaN(value) || (value <= high && (open ? value > low : value >= low))
