import { resolve } from 'node:path'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { FlyballError } from '../../core/errors.ts'

/** A broken file may claim any size: the engine stops there. It streams traces, which takes far less; and it fetches nothing. */
const settings = { memory_limit: '1GB', autoinstall_known_extensions: 'false' }

/** Making one takes some ten milliseconds, and its memory is given back when nobody knows when: one for all files. */
let engine: Promise<DuckDBInstance> | undefined

/** A connection to the engine, in memory; to be closed. Throws ERR_BACKEND where DuckDB, an optional package, is not installed. */
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
  engine ??= duckDb.DuckDBInstance.create(':memory:', settings)
  return (await engine).connect()
}

/** A text as an SQL literal. */
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** A name as an SQL identifier. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A file as an SQL literal: DuckDB takes `*`, `?` and `[` in a name that is read for a pattern, and a scheme for a server. */
export const sqlPath = (path: string): string => sqlText(resolve(path).replaceAll(/[*?[]/g, '[$&]'))
