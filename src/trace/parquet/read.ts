import { existsSync } from 'node:fs'
import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import { FlyballError } from '../../core/errors.ts'
import type { Spaces } from '../../core/spaces.ts'
import { parseHeader, type TraceHeader } from '../header.ts'
import { makeOrderCheck } from '../order.ts'
import { type EntryFault, parseDocument, parseEntry, type TraceEntry } from '../record.ts'
import { eventColumn, fieldsAfter, fieldsBefore, headerKey, monitorColumns, type TraceColumn } from './columns.ts'
import { connectDuckDb, sqlName, sqlPath, sqlText } from './duckdb.ts'

/** A trace in Parquet. Memory does not grow with it. */
export interface ParquetTrace {
  readonly header: TraceHeader
  /** The header's line as it stood. */
  readonly headerLine: string
  /** In the order of the rows. Throws ERR_TRACE_CORRUPT naming file and row. May be called again. */
  entries(): AsyncGenerator<TraceEntry>
  /** The lines that JSON Lines would have after the header, without their ends. */
  lines(): AsyncGenerator<string>
  close(): void
}

/** Throws ERR_RUN_MISSING, ERR_TRACE_CORRUPT for what is no Parquet, ERR_TRACE_SCHEMA for one that flyball did not write, or a newer one did. */
export async function openParquetTrace(path: string): Promise<ParquetTrace> {
  if (!existsSync(path)) throw new FlyballError('ERR_RUN_MISSING', `${path} does not exist, expected a trace in Parquet`)
  const connection = await connectDuckDb()
  try {
    const { header, headerLine } = await readHeader(connection, path)
    return {
      headerLine,
      header,
      entries: () => entriesOf(connection, path, header),
      lines: () => linesOf(connection, path, header.spaces),
      close: () => connection.closeSync(),
    }
  } catch (error) {
    connection.closeSync()
    throw error
  }
}

async function readHeader(connection: DuckDBConnection, path: string): Promise<Pick<ParquetTrace, 'header' | 'headerLine'>> {
  const rows = await connection
    .runAndReadAll(`SELECT decode(value) FROM parquet_kv_metadata(${sqlPath(path)}) WHERE decode(key) = ${sqlText(headerKey)}`)
    .catch((error: Error) => {
      throw new FlyballError(
        'ERR_TRACE_CORRUPT',
        `${path} is no Parquet file (${firstLineOf(error)}), expected one that 'flyball trace convert' wrote`,
      )
    })
  const [row] = rows.getRows()
  if (row === undefined)
    throw new FlyballError(
      'ERR_TRACE_SCHEMA',
      `${path} holds no trace: its metadata have no header, expected a file that 'flyball trace convert' wrote`,
    )
  const headerLine = String(row[0])
  const header = parseHeader(headerLine)
  if (!('fault' in header)) return { header, headerLine }
  throw new FlyballError(header.fault === 'schema' ? 'ERR_TRACE_SCHEMA' : 'ERR_TRACE_CORRUPT', `${path}: ${header.reason}`)
}

const firstLineOf = (error: Error): string => error.message.split('\n', 1)[0] as string

/** One row as the document of its line; an event's line as it stands. */
type Row = Record<string, unknown> | string

async function* rowsOf(connection: DuckDBConnection, path: string, spaces: Spaces): AsyncGenerator<Row> {
  const monitors = monitorColumns(spaces)
  const names = [...fieldsBefore.map(({ name }) => name), ...monitors, ...fieldsAfter.map(({ name }) => name), eventColumn]
  // Broken pages are met while they are read, not before.
  const corrupt = (error: Error): never => {
    throw new FlyballError('ERR_TRACE_CORRUPT', `${path}: ${firstLineOf(error)}`)
  }
  const result = await connection.stream(`SELECT ${names.map(sqlName).join(', ')} FROM read_parquet(${sqlPath(path)})`).catch(corrupt)
  for (;;) {
    const chunk = await result.fetchChunk().catch(corrupt)
    if (chunk === null || chunk.rowCount === 0) return
    yield* rowsIn(chunk, monitors.length)
  }
}

function* rowsIn(chunk: DuckDBDataChunk, monitors: number): Generator<Row> {
  const vectors = Array.from({ length: chunk.columnCount }, (_, i) => chunk.getColumnVector(i))
  // What another program wrote as NaN is absent.
  const at = (column: number, row: number): unknown => {
    const value = vectors[column]?.getItem(row) ?? null
    return Number.isNaN(value) ? null : value
  }
  const take = (row: Record<string, unknown>, fields: readonly TraceColumn[], from: number, r: number): void => {
    fields.forEach(({ name, optional }, i) => {
      const value = at(from + i, r)
      if (value !== null || !optional) row[name] = value
    })
  }
  for (let r = 0; r < chunk.rowCount; r++) {
    const event = at(chunk.columnCount - 1, r)
    if (typeof event === 'string') {
      yield event
      continue
    }
    const row: Record<string, unknown> = {}
    take(row, fieldsBefore, 0, r)
    row['observation'] = Array.from({ length: monitors }, (_, i) => at(fieldsBefore.length + i, r))
    take(row, fieldsAfter, fieldsBefore.length + monitors, r)
    yield row
  }
}

async function* entriesOf(connection: DuckDBConnection, path: string, header: TraceHeader): AsyncGenerator<TraceEntry> {
  const { spaces } = header
  const misplaced = makeOrderCheck(header)
  let number = 0
  for await (const row of rowsOf(connection, path, spaces)) {
    number++
    const entry: TraceEntry | EntryFault = typeof row === 'string' ? parseEntry(row, spaces) : parseDocument(row, spaces)
    const fault = 'fault' in entry ? entry.fault : misplaced(entry)
    if ('fault' in entry || fault !== undefined) throw new FlyballError('ERR_TRACE_CORRUPT', `${path}, row ${number}: ${fault}`)
    yield entry
  }
}

async function* linesOf(connection: DuckDBConnection, path: string, spaces: Spaces): AsyncGenerator<string> {
  for await (const row of rowsOf(connection, path, spaces)) yield typeof row === 'string' ? row : JSON.stringify(row)
}
