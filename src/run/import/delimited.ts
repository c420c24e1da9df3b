import { pipeline } from 'node:stream'
import { parse } from 'csv-parse'
import { FlyballError } from '../../core/errors.ts'
import { unreadable } from '../../ope/log/lines.ts'
import { textBytes } from '../../ope/log/text-bytes.ts'
import { type Cell, placeOf, type Row, type Unread } from './rows.ts'

interface Parsed {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

/**
 * Rows of a file with a header and one record a line, plain or gzipped (RFC 4180). A last record that is too short and that nothing ends was torn: it is dropped and counted. Throws ERR_LOG naming
 * record and line.
 */
export async function* delimitedRows(path: string, delimiter: string, unread: Unread): AsyncGenerator<Row> {
  const end = { newline: true }
  let header: readonly string[] | undefined
  let held: { row: readonly string[]; line: number } | undefined
  let number = 0
  try {
    for await (const { record, info } of parsedRecords(path, delimiter, end)) {
      if (header === undefined) header = checkedHeader(record, delimiter, path)
      else {
        if (held !== undefined) yield rowOf(path, header, held.row, ++number, held.line)
        held = { row: record, line: info.lines }
      }
    }
  } catch (error) {
    throw unreadable(path, held?.line ?? 0, error)
  }
  if (header === undefined) throw new FlyballError('ERR_LOG', `${path} is empty, expected a header and a record per decision`)
  if (held === undefined) return
  if (!end.newline && held.row.length < header.length) unread.torn++
  else yield rowOf(path, header, held.row, number + 1, held.line)
}

async function* parsedRecords(path: string, delimiter: string, end: { newline: boolean }): AsyncGenerator<Parsed> {
  const parser = parse({ bom: true, info: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true, trim: true, delimiter })
  // What reading throws comes out of the parser; whoever stops reading it closes the file.
  pipeline(watched(path, end), parser, () => {})
  yield* parser as AsyncIterable<Parsed>
}

async function* watched(path: string, end: { newline: boolean }): AsyncGenerator<Buffer> {
  for await (const chunk of textBytes(path)) {
    if (chunk.length > 0) end.newline = chunk[chunk.length - 1] === 10
    yield chunk
  }
}

function checkedHeader(header: readonly string[], delimiter: string, path: string): readonly string[] {
  const fail = (message: string): never => {
    throw new FlyballError('ERR_LOG', `${path}, line 1: ${message}`)
  }
  const other = [',', ';', '\t'].find((one) => one !== delimiter && (header[0] as string).includes(one))
  if (header.length === 1 && other !== undefined)
    fail(
      `the header is one column '${(header[0] as string).slice(0, 60)}', separated by ${JSON.stringify(other)}: expected "delimiter": ${JSON.stringify(other)} in the map`,
    )
  const twice = header.find((name, i) => header.indexOf(name) !== i)
  if (twice !== undefined) fail(`column '${twice}' stands there twice`)
  return header
}

function rowOf(path: string, header: readonly string[], record: readonly string[], number: number, line: number): Row {
  if (record.length !== header.length)
    throw new FlyballError('ERR_LOG', `${placeOf(path, { number, line })}: has ${record.length} values, expected ${header.length} as in the header`)
  const cells: Record<string, Cell> = {}
  for (let i = 0; i < header.length; i++) cells[header[i] as string] = record[i] as string
  return { number, line, cells }
}
