import { type Interruption, makePause, writeWhole } from '../draft.ts'
import { readLines } from '../lines.ts'
import { tracePartsOf } from '../parts.ts'
import { openTrace, type TornLine } from '../reader.ts'
import { eventColumn, fieldsAfter, fieldsBefore, headerKey, monitorColumns } from './columns.ts'
import { connectDuckDb, sqlName, sqlPath, sqlText } from './duckdb.ts'

export interface Converted {
  readonly decisions: number
  /** A torn last line that was dropped. */
  readonly torn: TornLine | undefined
}

/**
 * Writes a trace of JSON Lines, rotated or not, as one Parquet file: a row per line in the order of the lines, a column per field and per monitor, the header in the metadata. Streams twice: once to check
 * every record, once to convert. The file appears whole or not at all. Throws what reading the trace throws, ERR_INTERRUPTED and ERR_BACKEND.
 */
export async function traceToParquet(source: string, target: string, interruption?: Interruption): Promise<Converted> {
  const reader = openTrace(source)
  let decisions = 0
  const pause = makePause(interruption, 'converting')
  for (const { kind } of reader.entries()) {
    if (kind === 'decision') decisions++
    await pause()
  }
  const torn = reader.torn()
  const { header } = reader
  const fields = [...fieldsBefore, ...fieldsAfter]
  const structure = JSON.stringify({ ...Object.fromEntries(fields.map(({ name, type }) => [name, type])), observation: ['DOUBLE'] })
  const columns = [
    ...fieldsBefore.map(({ name }) => `t.${sqlName(name)} AS ${sqlName(name)}`),
    ...monitorColumns(header.spaces).map((name, i) => `t.observation[${i + 1}] AS ${sqlName(name)}`),
    ...fieldsAfter.map(({ name }) => `t.${sqlName(name)} AS ${sqlName(name)}`),
    `CASE WHEN t."action" IS NULL THEN line END AS ${sqlName(eventColumn)}`,
  ]
  const files = tracePartsOf(source).map(sqlPath).join(', ')
  const lines = `SELECT json::VARCHAR AS line, json_transform(json, ${sqlText(structure)}) AS t FROM read_ndjson_objects([${files}], ignore_errors = ${torn !== undefined})`
  const metadata = `KV_METADATA {${headerKey}: ${sqlText(firstLineOf(source))}}`
  const connection = await connectDuckDb()
  const interrupt = (): void => connection.interrupt()
  interruption?.signal.addEventListener('abort', interrupt)
  try {
    await writeWhole(target, interruption, (draft) =>
      connection.run(
        `COPY (SELECT ${columns.join(', ')} FROM (${lines}) WHERE t."step" IS NOT NULL) TO ${sqlText(draft)} (FORMAT parquet, COMPRESSION zstd, ${metadata})`,
      ),
    )
  } finally {
    interruption?.signal.removeEventListener('abort', interrupt)
    connection.closeSync()
  }
  return { decisions, torn }
}

/** The header as it stands, which `openTrace` has found to be whole. */
function firstLineOf(source: string): string {
  const [line] = readLines(tracePartsOf(source)[0] as string)
  return line?.text ?? ''
}
