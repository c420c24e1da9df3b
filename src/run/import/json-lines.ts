import { FlyballError } from '../../core/errors.ts'
import { parseJson } from '../../core/json.ts'
import { type Cell, placeOf, type Row, type Unread } from './rows.ts'
import { textLines } from './text-lines.ts'

/** Rows of JSON Lines, plain or gzipped: one object a line; what lies deeper is named by its path (`power.rail.0.mW`). A last line that is cut off is dropped and counted. Throws ERR_LOG naming record and line. */
export async function* jsonRows(path: string, unread: Unread): AsyncGenerator<Row> {
  let number = 0
  for await (const { text, number: line, complete } of textLines(path)) {
    number++
    const document = parsed(text)
    if (document === undefined && !complete) {
      unread.torn++
      return
    }
    if (typeof document !== 'object' || document === null || Array.isArray(document))
      throw new FlyballError('ERR_LOG', `${placeOf(path, { number, line })}: is no JSON object, expected one a line`)
    yield { number, line, cells: flat(document) }
  }
  if (number === 0) throw new FlyballError('ERR_LOG', `${path} is empty, expected an object a line`)
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

function flat(document: object, prefix = '', cells: Record<string, Cell> = {}): Record<string, Cell> {
  for (const [name, value] of Object.entries(document) as [string, unknown][]) {
    const key = prefix === '' ? name : `${prefix}.${name}`
    if (typeof value === 'object' && value !== null) flat(value, key, cells)
    else cells[key] = typeof value === 'number' || typeof value === 'string' || value === null ? value : String(value)
  }
  return cells
}
