import { FlyballError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { describePoint, type Knob, type OperatingPoint } from '../core/spaces.ts'
import { type CsvRecord, numberOf } from './cells.ts'
import type { OutcomeName } from './table.ts'

/** The rows of a table, checked one by one. */
export interface TableRows {
  readonly points: readonly OperatingPoint[]
  /** Line of each point in the CSV. */
  readonly lines: readonly number[]
  /** A column per outcome that the table has. */
  readonly outcomes: ReadonlyMap<OutcomeName, Float64Array>
  /** Columns that are neither knob nor outcome. */
  readonly unread: readonly string[]
}

export interface RowsInput {
  readonly header: readonly string[]
  readonly records: readonly CsvRecord[]
  readonly knobs: readonly Knob[]
  readonly outcomes: readonly OutcomeName[]
  readonly where: string
}

/** Throws ERR_TABLE, which names file, line, operating point and column. */
export function readRows({ header, records, knobs, outcomes, where }: RowsInput): TableRows {
  const fail = (message: string): never => {
    throw new FlyballError('ERR_TABLE', `${where}: ${message}`)
  }
  const twice = header.find((name, i) => header.indexOf(name) !== i)
  if (twice !== undefined) fail(`line 1: column ${twice} stands twice`)
  const columnOf = (name: string): number => {
    const column = header.indexOf(name)
    if (column >= 0) return column
    const [close] = nearest(name, header)
    return fail(`line 1: column ${name} is missing${close === undefined ? '' : ` (there is ${close})`}, found ${header.join(', ')}`)
  }
  const knobColumns = knobs.map(({ name }) => columnOf(name))
  const outcomeColumns = outcomes.map(columnOf)
  if (records.length === 0) fail('has a header and no rows, expected a row per operating point')

  const points: OperatingPoint[] = []
  const seen = new Map<string, number>()
  const columns = new Map(outcomes.map((name) => [name, new Float64Array(records.length)]))
  const readers = knobs.map(settingReader)
  records.forEach(({ line, cells }, a) => {
    const settings = knobs.map((knob, k): [string, number | string] => {
      const cell = cells[knobColumns[k] as number] as string
      const setting = readers[k]?.(cell)
      return [knob.name, setting ?? fail(`line ${line}, column ${knob.name}: ${notAmong(cell, knob)}`)]
    })
    const point = Object.fromEntries(settings)
    const key = JSON.stringify(settings)
    const before = seen.get(key)
    if (before !== undefined) fail(`lines ${before} and ${line} hold the same operating point (${describePoint(point)}), expected one row for each`)
    seen.set(key, line)
    points.push(point)
    outcomes.forEach((name, o) => {
      const cell = cells[outcomeColumns[o] as number] as string
      const value = numberOf(cell)
      const problem = Number.isNaN(value) ? noNumber(cell) : outOfRange(name, value)
      if (problem !== undefined) fail(`line ${line} (${describePoint(point)}), column ${name}: ${problem}`)
      const column = columns.get(name) as Float64Array
      column[a] = value
    })
  })
  const known = new Set<string>([...knobs.map(({ name }) => name), ...outcomes])
  return { points, lines: records.map(({ line }) => line), outcomes: columns, unread: header.filter((name) => !known.has(name)) }
}

/** Finds the value of a knob that a cell means: as text, else as the same number. */
function settingReader({ values }: Knob): (cell: string) => number | string | undefined {
  const byText = new Map(values.map((value) => [String(value), value]))
  const byNumber = new Map(values.map((value) => [typeof value === 'number' ? value : numberOf(value), value]))
  byNumber.delete(Number.NaN)
  return (cell) => byText.get(cell) ?? byNumber.get(numberOf(cell))
}

const units = [
  [1e3, 'kHz or a thousandth'],
  [1e6, 'MHz or a millionth'],
  [1e9, 'GHz'],
  [1e-3, 'a thousandfold'],
] as const

function notAmong(cell: string, { kind, values }: Knob): string {
  const shown = values.length > 12 ? `${values.slice(0, 12).join(', ')}, …` : values.join(', ')
  if (cell === '') return `is empty, expected one of ${shown}`
  const number = numberOf(cell)
  const scale = units.find(([factor]) => values.some((value) => typeof value === 'number' && Math.abs(value / (number * factor) - 1) < 1e-6))
  const hint =
    scale === undefined ? '' : `; this looks like ${kind === 'frequency' ? scale[1].split(' or ')[0] : scale[1].split(' or ').at(-1)} of one of them`
  return `'${cell}' is none of the knob's values ${shown}${hint}`
}

const noNumber = (cell: string): string => (cell === '' ? 'is empty, expected a number' : `'${cell}' is no number`)

function outOfRange(name: OutcomeName, value: number): string | undefined {
  if (name === 'accuracy') {
    if (value >= 0 && value <= 1) return undefined
    return `${value} is no ratio from 0 to 1${value > 1 && value <= 100 ? '; this looks like %: divide by 100' : ''}`
  }
  const unit = { latencyS: 's', energyJ: 'J', powerW: 'W' }[name]
  return value > 0 ? undefined : `${value} is not above 0, expected ${unit}`
}
