import { FlyballError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import { type Dimension, unitFactor, unitsOf } from '../../core/units.ts'
import { numberOf } from '../../table/cells.ts'
import { type Cell, placeOf, type Row } from './rows.ts'
import { parseTime } from './times.ts'

/** A number as it stands in a column, to be SI: value * factor + offset. */
interface Scale {
  readonly factor: number
  readonly offset: number
}

const plain: Scale = { factor: 1, offset: 0 }
const ratios: Readonly<Record<string, number>> = { ratio: 1, '1': 1, '%': 0.01 }
const temperatures: Readonly<Record<string, Scale>> = {
  C: plain,
  degC: plain,
  mC: { factor: 1e-3, offset: 0 },
  K: { factor: 1, offset: -273.15 },
}
const dimensions: readonly Dimension[] = ['time', 'frequency', 'power', 'energy', 'size']

/** What a column may be in: a dimension, a ratio, or anything that has a unit. */
export type CellKind = Dimension | 'ratio' | 'any'

/** Throws ERR_LOG naming the field of the map, for a unit that is of something else. */
export function scaleOf(unit: string | undefined, kind: CellKind, field: string): Scale {
  if (unit === undefined) return plain
  const factors = [
    ...dimensions.filter((dimension) => kind === 'any' || kind === dimension).map((dimension) => unitFactor(unit, dimension)),
    ...(kind === 'ratio' || kind === 'any' ? [ratios[unit]] : []),
  ]
  const factor = factors.find((found) => found !== undefined)
  if (factor !== undefined) return { factor, offset: 0 }
  const temperature = kind === 'any' ? temperatures[unit] : undefined
  if (temperature !== undefined) return temperature
  const expected =
    kind === 'ratio' ? Object.keys(ratios) : kind === 'any' ? [...dimensions.flatMap(unitsOf), '%', ...Object.keys(temperatures)] : unitsOf(kind)
  throw new FlyballError('ERR_LOG', `${field}: the unit '${unit}' is not known here, expected one of ${expected.join(', ')}`)
}

const absent = new Set(['', 'nan', 'null', 'none', 'na', 'n/a', '-'])

/** True for what says that there is nothing. */
export const isAbsent = (cell: Cell | undefined): cell is null | undefined | '' =>
  cell === null || cell === undefined || (typeof cell === 'string' ? absent.has(cell.trim().toLowerCase()) : Number.isNaN(cell))

/** Reads typed cells of one file. All throw ERR_LOG naming file, record, line and column. */
export interface CellReader {
  /** NaN for what is absent. */
  number(row: Row, column: string, scale: Scale): number
  /** Seconds since 1970, or since whatever the numbers count from; NaN for what is absent. */
  time(row: Row, column: string, scale: Scale | undefined): number
  fail(row: Row, column: string, what: string): never
}

export function makeCells(path: string, decimal: '.' | ',' = '.'): CellReader {
  const fail = (row: Row, column: string, what: string): never => {
    const cell = row.cells[column]
    throw new FlyballError(
      'ERR_LOG',
      `${placeOf(path, row)}, column ${column}: ${cell === undefined || cell === null ? 'what is missing' : `'${cell}'`} ${what}`,
    )
  }
  const numberIn = (cell: Cell): number => {
    if (typeof cell === 'number') return Number.isFinite(cell) ? cell : Number.NaN
    return numberOf(decimal === ',' ? (cell as string).replace(',', '.') : (cell as string))
  }
  return {
    fail,
    number(row, column, { factor, offset }) {
      const cell = row.cells[column]
      if (isAbsent(cell)) return Number.NaN
      const value = numberIn(cell as Cell)
      if (Number.isNaN(value)) fail(row, column, 'is no number')
      return value * factor + offset
    },
    time(row, column, scale) {
      const cell = row.cells[column]
      if (isAbsent(cell)) return Number.NaN
      const value = numberIn(cell as Cell)
      if (!Number.isNaN(value)) {
        if (scale === undefined) fail(row, column, 'is a number: expected "unit" beside the column in the map (s, ms, us, ns)')
        return value * (scale as Scale).factor
      }
      const timeS = parseTime(String(cell).trim())
      return Number.isNaN(timeS) ? fail(row, column, 'is no time, expected a number, or a text as 2026-01-31T12:00:00.5Z') : timeS
    },
  }
}

/** Throws ERR_LOG for a column that no record has, naming those that are there. */
export function checkColumns(path: string, wanted: readonly string[], seen: ReadonlySet<string>): void {
  const missing = wanted.find((column) => !seen.has(column))
  if (missing === undefined) return
  const [close] = nearest(missing, [...seen])
  throw new FlyballError(
    'ERR_LOG',
    `${path}: there is no column '${missing}'${close === undefined ? '' : ` (there is '${close}')`}, found ${[...seen].slice(0, 40).join(', ')}${seen.size > 40 ? ', …' : ''}`,
  )
}
