import { resolve } from 'node:path'
import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import { type ErrorCode, FlyballError } from '../../core/errors.ts'

/** A connection to an engine of its own, in memory; to be closed. Throws ERR_BACKEND where DuckDB, an optional package, is not installed. */
export async function connectDuckDb(): Promise<DuckDBConnection> {
  let duckDb: typeof import('@duckdb/node-api')
  try {
    duckDb = await import('@duckdb/node-api')
  } catch (error) {
    throw new FlyballError(
      'ERR_BACKEND',
      'Parquet needs the optional package @duckdb/node-api, which is not installed or not made for this machine',
      {
        cause: error,
      },
    )
  }
  const instance = await duckDb.DuckDBInstance.create(':memory:')
  return instance.connect()
}

/** A text as an SQL literal. */
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** A name as an SQL identifier. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A file as an SQL literal: DuckDB takes `*`, `?` and `[` in a name that is read for a pattern, and a scheme for a server. */
export const sqlPath = (path: string): string => sqlText(resolve(path).replaceAll(/[*?[]/g, '[$&]'))

/** Chunks of a query's rows as they come. What breaks on the way, as pages that are damaged do, is thrown as `code` naming the file. */
export async function* chunksOf(connection: DuckDBConnection, path: string, code: ErrorCode, sql: string): AsyncGenerator<DuckDBDataChunk> {
  try {
    const result = await connection.stream(sql)
    for (;;) {
      const chunk = await result.fetchChunk()
      if (chunk === null || chunk.rowCount === 0) return
      yield chunk
    }
  } catch (error) {
    if (error instanceof FlyballError) throw error
    throw new FlyballError(code, `${path}: ${(error as Error).message.split('\n', 1)[0]}`, { cause: error })
  }
}
