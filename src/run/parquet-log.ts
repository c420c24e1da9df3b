import { existsSync } from 'node:fs'
import type { DuckDBConnection } from '@duckdb/node-api'
import { FlyballError } from '../core/errors.ts'
import { faultOf, type LoggedRecord, type LogLayout, type LogUse, layoutOf } from '../ope/log/bandit-log.ts'
import type { TargetPolicy } from '../ope/log/target-policy.ts'
import { connectDuckDb, sqlName, sqlPath } from '../trace/parquet/duckdb.ts'

/** As readBanditLog, of a Parquet file with columns of the same names. Throws ERR_LOG naming file and record, and ERR_BACKEND. */
export async function readParquetLog(path: string, target: TargetPolicy, use: LogUse): Promise<{ records: number; ended: boolean }> {
  if (!existsSync(path)) throw new FlyballError('ERR_LOG', `${path} does not exist, expected a bandit log`)
  const connection = await connectDuckDb()
  try {
    const names = await columnsOf(connection, path)
    const layout = layoutOf(names, path, target)
    use.header(layout)
    const records = await readRows(connection, path, names, layout, target, use)
    if (records === 0) throw new FlyballError('ERR_LOG', `${path} has no record, expected one per decision`)
    return { records, ended: true }
  } finally {
    connection.closeSync()
  }
}

async function columnsOf(connection: DuckDBConnection, path: string): Promise<string[]> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${sqlPath(path)})`).catch((error: Error) => {
    throw new FlyballError('ERR_LOG', `${path} is no Parquet file (${error.message.split('\n', 1)[0]})`)
  })
  return described.getRows().map(([name]) => String(name))
}

async function readRows(
  connection: DuckDBConnection,
  path: string,
  names: readonly string[],
  layout: LogLayout,
  target: TargetPolicy,
  use: LogUse,
): Promise<number> {
  const { action, reward, propensity, position, model } = layout
  const record: LoggedRecord = { position: 0, action: 0, reward: 0, propensity: Number.NaN, model: new Float64Array(target.actions).fill(Number.NaN) }
  const wanted = [action, reward, propensity, position, ...Array.from({ length: model < 0 ? 0 : target.actions }, (_, a) => model + a)]
  const read = wanted.filter((column) => column >= 0)
  // What is no number, or null, is NaN, which the checks of a record refuse.
  const columns = read.map((column) => `COALESCE(TRY_CAST(${sqlName(names[column] as string)} AS DOUBLE), 'NaN'::DOUBLE)`)
  // Broken pages are met while they are read, not before.
  const broken = (error: Error): never => {
    throw new FlyballError('ERR_LOG', `${path} is cut off or broken (${error.message.split('\n', 1)[0]})`)
  }
  const result = await connection.stream(`SELECT ${columns.join(', ')} FROM read_parquet(${sqlPath(path)})`).catch(broken)
  const at = (column: number): number => read.indexOf(column)
  let records = 0
  for (;;) {
    const chunk = await result.fetchChunk().catch(broken)
    if (chunk === null || chunk.rowCount === 0) return records
    const vectors = read.map((_, i) => (chunk.getColumnVector(i) as unknown as { readonly items: Float64Array }).items)
    const column = (index: number): Float64Array | undefined => (index < 0 ? undefined : vectors[at(index)])
    const [actions, rewards, propensities, positions] = [column(action), column(reward), column(propensity), column(position)]
    const models = model < 0 ? [] : vectors.slice(at(model), at(model) + target.actions)
    for (let r = 0; r < chunk.rowCount; r++) {
      records++
      record.action = actions?.[r] as number
      record.reward = rewards?.[r] as number
      if (propensities !== undefined) record.propensity = propensities[r] as number
      if (positions !== undefined) record.position = positions[r] as number
      for (let a = 0; a < models.length; a++) record.model[a] = models[a]?.[r] as number
      const fault = faultOf(record, layout, target, (index) => String(vectors[at(index)]?.[r]))
      if (fault !== undefined) throw new FlyballError('ERR_LOG', `${path}, record ${records}: ${fault}`)
      use.record(record)
    }
  }
}
