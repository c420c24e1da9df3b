import { existsSync } from 'node:fs'
import { FlyballError } from '../../core/errors.ts'

/** What stands in one column of one record: text and numbers as they are, null for what is absent. */
export type Cell = string | number | null

/** One record of a log. */
export interface Row {
  /** From 1. */
  readonly number: number
  /** In the file, from 1; left out where it has none. */
  readonly line?: number
  readonly cells: Readonly<Record<string, Cell>>
}

/** Records that were left out while reading. */
export interface Unread {
  /** A last record that is cut off. */
  torn: number
  /** Lines that are none of the log's. */
  foreign: number
}

export const formats = ['csv', 'tsv', 'jsonl', 'parquet', 'tegrastats', 'jtop'] as const
export type LogFormat = (typeof formats)[number]

/** Where a record stands, for messages. */
export const placeOf = (path: string, { number, line }: Pick<Row, 'number' | 'line'>): string =>
  `${path}, record ${number}${line === undefined ? '' : ` (line ${line})`}`

/** What the end of a name says, gzipped or not; undefined where it says nothing. */
export function formatByName(path: string): LogFormat | undefined {
  const [, ending = ''] = /\.(\w+)(?:\.gz)?$/.exec(path) ?? []
  return ({ csv: 'csv', tsv: 'tsv', tab: 'tsv', jsonl: 'jsonl', ndjson: 'jsonl', parquet: 'parquet' } as const)[ending]
}

export interface RowOptions {
  readonly format: LogFormat
  /** Of a CSV file. */
  readonly delimiter?: string | undefined
}

/** Streams a log record by record. Throws ERR_LOG naming file, record and line, and ERR_BACKEND for Parquet without DuckDB. */
export async function* readRows(path: string, { format, delimiter }: RowOptions, unread: Unread): AsyncGenerator<Row> {
  if (!existsSync(path)) throw new FlyballError('ERR_LOG', `${path} does not exist, expected a log to import`)
  if (format === 'csv' || format === 'tsv')
    yield* (await import('./delimited.ts')).delimitedRows(path, delimiter ?? (format === 'tsv' ? '\t' : ','), unread)
  else if (format === 'parquet') yield* (await import('./parquet-rows.ts')).parquetRows(path)
  else if (format === 'tegrastats') yield* (await import('./tegrastats.ts')).tegrastatsRows(path, unread)
  else if (format === 'jtop') yield* (await import('./jtop.ts')).jtopRows(path, unread)
  else yield* (await import('./json-lines.ts')).jsonRows(path, unread)
}
