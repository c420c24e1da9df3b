import type { TraceHeader } from './header.ts'
import { openTrace, type TornLine } from './reader.ts'
import type { TraceEntry } from './record.ts'

/** A trace in either form: JSON Lines, rotated or not, or Parquet. */
export interface TraceLog {
  readonly header: TraceHeader
  /** In order, read as they are asked for; may be called again. */
  entries(): Iterable<TraceEntry> | AsyncIterable<TraceEntry>
  /** The line that the last complete pass dropped. */
  torn(): TornLine | undefined
  close(): void
}

export const isParquet = (path: string): boolean => path.endsWith('.parquet')

/** Opens by the end of the name. Throws what openTrace and openParquetTrace throw. */
export async function openLog(path: string): Promise<TraceLog> {
  if (!isParquet(path)) return { ...openTrace(path), close() {} }
  // DuckDB is loaded only where a file is Parquet.
  const { openParquetTrace } = await import('./parquet/read.ts')
  return { ...(await openParquetTrace(path)), torn: () => undefined }
}
