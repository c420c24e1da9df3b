import { parse } from 'csv-parse/sync'
import { FlyballError } from '../core/errors.ts'

/** A record of a CSV file and the line it ends on. */
export interface CsvRecord {
  readonly line: number
  readonly cells: readonly string[]
}

/** Header and records of a CSV file (RFC 4180, with or without a byte order mark); empty lines are skipped. Throws ERR_TABLE naming the line. */
export function parseCsv(text: string, where: string): { header: readonly string[]; records: readonly CsvRecord[] } {
  let rows: readonly CsvRecord[]
  try {
    const parsed = parse(text, { bom: true, info: true, relax_column_count: true, skip_empty_lines: true, trim: true }) as unknown as {
      record: string[]
      info: { lines: number }
    }[]
    rows = parsed.map(({ record, info }) => ({ line: info.lines, cells: record }))
  } catch (error) {
    throw new FlyballError('ERR_TABLE', `${where}: is no CSV: ${(error as Error).message}`, { cause: error })
  }
  const [header, ...records] = rows
  if (header === undefined) throw new FlyballError('ERR_TABLE', `${where}: is empty, expected a header and a row per operating point`)
  if (header.cells.length === 1 && /[;\t]/.test(header.cells[0] as string))
    throw new FlyballError('ERR_TABLE', `${where}: line ${header.line} is separated by ; or tabs, expected commas`)
  for (const { line, cells } of records)
    if (cells.length !== header.cells.length)
      throw new FlyballError('ERR_TABLE', `${where}: line ${line} has ${cells.length} cells, expected ${header.cells.length} as in the header`)
  return { header: header.cells, records }
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** The number that a cell holds; NaN when it holds none. Stricter than Number(): no hexadecimal, no Infinity, nothing empty. */
export const numberOf = (cell: string): number => {
  const value = decimal.test(cell) ? Number(cell) : Number.NaN
  return Number.isFinite(value) ? value : Number.NaN
}
