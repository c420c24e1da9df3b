import type { DuckDBConnection } from '@duckdb/node-api'
import { FlyballError } from '../../core/errors.ts'
import { connectDuckDb, sqlName, sqlPath } from '../../trace/parquet/duckdb.ts'
import type { Cell, Row } from './rows.ts'

/** Rows of a Parquet file. Dates and times come as seconds since 1970, numbers as doubles, all else as text. Memory does not grow with the file. Throws ERR_LOG and ERR_BACKEND. */
export async function* parquetRows(path: string): AsyncGenerator<Row> {
  // Broken pages are met while they are read, not before.
  const broken = (error: Error): never => {
    throw new FlyballError('ERR_LOG', `${path} is cut off or broken (${error.message.split('\n', 1)[0]})`)
  }
  const connection = await connectDuckDb()
  try {
    const columns = await columnsOf(connection, path)
    const result = await connection.stream(`SELECT ${columns.map(({ sql }) => sql).join(', ')} FROM read_parquet(${sqlPath(path)})`).catch(broken)
    let number = 0
    for (;;) {
      const chunk = await result.fetchChunk().catch(broken)
      if (chunk === null || chunk.rowCount === 0) return
      const vectors = columns.map((_, i) => chunk.getColumnVector(i))
      for (let r = 0; r < chunk.rowCount; r++) {
        const cells: Record<string, Cell> = {}
        columns.forEach(({ name }, i) => {
          cells[name] = (vectors[i]?.getItem(r) ?? null) as Cell
        })
        yield { number: ++number, cells }
      }
    }
  } finally {
    connection.closeSync()
  }
}

async function columnsOf(connection: DuckDBConnection, path: string): Promise<{ name: string; sql: string }[]> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${sqlPath(path)})`).catch((error: Error) => {
    throw new FlyballError('ERR_LOG', `${path} is no Parquet file (${error.message.split('\n', 1)[0]})`)
  })
  return described.getRows().map(([name, type]) => ({ name: String(name), sql: asCell(sqlName(String(name)), String(type)) }))
}

function asCell(column: string, type: string): string {
  if (/^(TIMESTAMP|DATE)/.test(type)) return `epoch(${column})::DOUBLE`
  return /^(U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL)/.test(type) ? `${column}::DOUBLE` : `${column}::VARCHAR`
}
