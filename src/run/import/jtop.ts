import { FlyballError } from '../../core/errors.ts'
import { delimitedRows } from './delimited.ts'
import { withDerived } from './jetson-columns.ts'
import { jsonRows } from './json-lines.ts'
import { type Cell, placeOf, type Row, type Unread } from './rows.ts'

/**
 * Rows of what jetson-stats (`jtop`) exports: `jetson.stats` as CSV, as its logger example writes it, or as JSON Lines, and `jetson.json()` as JSON Lines. Columns are those of tegrastats as far as they are there, and `powerMode`
 * (nvpmodel) and `jetsonClocks`. Throws ERR_LOG.
 */
export async function* jtopRows(path: string, unread: Unread): AsyncGenerator<Row> {
  const rows = /\.jso?nl?(\.gz)?$/.test(path) ? jsonRows(path, unread) : delimitedRows(path, ',', unread)
  for await (const row of rows) {
    const cells = jtopCells(row.cells)
    if (cells === undefined)
      throw new FlyballError(
        'ERR_LOG',
        `${placeOf(path, row)}: is no record of jtop, expected columns as time, CPU1, GPU, 'Power TOT' or power.tot.power`,
      )
    yield { ...row, cells }
  }
}

/** Undefined for a record that jtop did not write. */
export function jtopCells(found: Readonly<Record<string, Cell>>): Record<string, Cell> | undefined {
  const cells: Record<string, Cell> = {}
  for (const [name, value] of Object.entries(found)) {
    const renamed = rename(name, value)
    if (renamed !== undefined) cells[renamed[0]] = renamed[1]
  }
  return Object.keys(cells).some((name) => /^(cpu\d+\.load|gpu\.load|powerW)$/.test(name)) ? withDerived(cells) : undefined
}

type Named = readonly [string, Cell]

const scaled = (value: Cell, times: number, per = 1): Cell => {
  const number = value === '' || value === null ? Number.NaN : Number(value)
  return Number.isFinite(number) ? (number * times) / per : null
}

/** Numbers of cores count from 1 in the table of `stats`, from 0 in `json()`. Frequencies are in kHz, powers in mW. */
function rename(name: string, value: Cell): Named | undefined {
  const is = (pattern: RegExp): string[] | undefined => pattern.exec(name)?.slice(1)
  if (name === 'time') return ['time', value]
  if (name === 'nvp model' || name === 'nvpmodel') return ['powerMode', value]
  if (name === 'jetson_clocks') return ['jetsonClocks', value]
  if (name === 'GPU' || is(/^gpu\.[^.]+\.status\.load$/)) return ['gpu.load', scaled(value, 1, 100)]
  if (is(/^gpu\.[^.]+\.freq\.cur$/)) return ['gpu.freqHz', scaled(value, 1e3)]
  if (name === 'RAM') return Number(value) <= 1 ? ['ramRatio', scaled(value, 1)] : ['ram.usedB', scaled(value, 2 ** 10)]
  if (name === 'Power TOT' || name === 'power cur' || name === 'power.tot.power') return ['powerW', scaled(value, 1, 1e3)]
  const core = is(/^CPU(\d+)$/)
  if (core !== undefined) return [`cpu${Number(core[0]) - 1}.load`, scaled(value, 1, 100)]
  const idle = is(/^cpu\.cpu\.(\d+)\.idle$/)
  if (idle !== undefined) return [`cpu${idle[0]}.load`, typeof value === 'number' ? 1 - value / 100 : null]
  const clock = is(/^cpu\.cpu\.(\d+)\.freq\.cur$/)
  if (clock !== undefined) return [`cpu${clock[0]}.freqHz`, scaled(value, 1e3)]
  const temp = is(/^Temp (.+)$/) ?? is(/^temperature\.([^.]+)\.temp$/)
  if (temp !== undefined) return [`temp.${temp[0]}`, belowRange(scaled(value, 1))]
  const rail = is(/^Power (.+)$/) ?? is(/^power\.rail\.([^.]+)\.power$/)
  return rail === undefined ? undefined : [`power.${rail[0]}`, scaled(value, 1, 1e3)]
}

const belowRange = (tempC: Cell): Cell => (typeof tempC === 'number' && tempC <= -200 ? null : tempC)
