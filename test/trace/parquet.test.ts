import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { convertTrace } from '../../src/trace/convert.ts'
import { openLog } from '../../src/trace/log.ts'
import { connectDuckDb } from '../../src/trace/parquet/duckdb.ts'
import { openTrace } from '../../src/trace/reader.ts'
import type { TraceEntry } from '../../src/trace/record.ts'
import { createRotatingTrace, leastTraceSizeB } from '../../src/trace/rotating.ts'
import { createTrace } from '../../src/trace/writer.ts'
import { rejectionOf } from '../support/error-of.ts'
import { scriptedRecord } from '../support/scripted-record.ts'
import { scriptedHeader } from '../support/scripted-run.ts'

let folder: string
let path: string
let parquet: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flyball-parquet's-"))
  path = join(folder, 'trace.jsonl')
  parquet = join(folder, 'trace.parquet')
})
afterEach(() => rmSync(folder, { recursive: true }))

const header = scriptedHeader('q-learning', 7)
const { spaces } = header
const record = scriptedRecord(spaces)
const seen = { observation: record.observation, mask: record.mask }

/** Everything that a trace can hold: overrides, numbers that need all their digits, changed requirements, two segments. */
function write(): void {
  const writer = createTrace(path, header)
  writer.decision(record)
  writer.requirements(1, { percentile: 99, deadlineS: 0.05 })
  writer.decision({ ...record, step: 1, timeS: 0.1 + 0.2, executedAction: 5, propensity: Number.NaN, greedy: 0 })
  writer.segmentEnd(2, seen.observation, seen.mask)
  writer.decision({ ...record, step: 2, propensity: 1e-300, mask: new Uint8Array(spaces.points.length).fill(1), durationS: Number.NaN })
  writer.close()
}

async function entriesOf(file: string): Promise<TraceEntry[]> {
  const log = await openLog(file)
  const entries: TraceEntry[] = []
  for await (const entry of log.entries()) entries.push(entry)
  log.close()
  return entries
}

describe('a trace in Parquet', () => {
  it('holds the same entries to the last bit, and comes back as the same bytes', async () => {
    write()
    const { decisions, torn } = await convertTrace(path, parquet)
    expect({ decisions, torn }).toEqual({ decisions: 3, torn: null })
    expect(await entriesOf(parquet)).toEqual([...openTrace(path).entries()])
    const back = join(folder, 'back.jsonl')
    await convertTrace(parquet, back)
    expect(readFileSync(back, 'utf8')).toBe(readFileSync(path, 'utf8'))
  })

  it('has a column per monitor that other programs find by name', async () => {
    write()
    await convertTrace(path, parquet)
    const connection = await connectDuckDb()
    const monitor = spaces.monitors[1]?.name
    const sql = `SELECT "observed.${monitor}", "latencyS", "event" FROM read_parquet('${parquet.replaceAll("'", "''")}')`
    const rows = (await connection.runAndReadAll(sql)).getRows()
    connection.closeSync()
    expect(rows).toHaveLength(5)
    expect(rows[0]).toEqual([1 / 7, 0.0123, null])
    expect(rows[1]?.slice(0, 2)).toEqual([null, null])
    expect(rows[1]?.[2]).toContain('"requirements"')
  })

  it('is made of all parts of a rotated trace, in their order', async () => {
    const writer = createRotatingTrace(path, header, leastTraceSizeB)
    for (let step = 0; step < 1500; step++) {
      writer.decision({ ...record, step })
      if (writer.due()) writer.rotate({ ...header, startStep: step + 1 })
    }
    writer.close()
    await convertTrace(path, parquet)
    const steps = (await entriesOf(parquet)).map(({ step }) => step)
    expect(steps).toEqual(Array.from({ length: 1500 }, (_, i) => i))
  })

  it('leaves out a torn last line and says which', async () => {
    write()
    truncateSync(path, readFileSync(path).length - 20)
    const { decisions, torn } = await convertTrace(path, parquet)
    expect(decisions).toBe(2)
    expect(torn).toMatchObject({ file: path, line: 6 })
    expect(await entriesOf(parquet)).toHaveLength(4)
  })

  it('is not begun from a trace with a broken record', async () => {
    write()
    writeFileSync(path, readFileSync(path, 'utf8').replace('"step":1,"timeS"', '"step":7,"timeS"'))
    expect(await rejectionOf(convertTrace(path, parquet))).toMatchObject({ code: 'ERR_TRACE_CORRUPT', message: expect.stringContaining('line 4') })
    expect(readdirSync(folder)).toEqual(['trace.jsonl'])
  })

  it('says what is wrong with a file that is none', async () => {
    writeFileSync(parquet, 'no parquet at all')
    expect(await rejectionOf(openLog(parquet))).toMatchObject({ code: 'ERR_TRACE_CORRUPT', message: expect.stringContaining(parquet) })
    const connection = await connectDuckDb()
    await connection.run(`COPY (SELECT 1 AS a) TO '${parquet.replaceAll("'", "''")}' (FORMAT parquet)`)
    connection.closeSync()
    expect(await rejectionOf(openLog(parquet))).toMatchObject({ code: 'ERR_TRACE_SCHEMA' })
    expect(await rejectionOf(convertTrace(path, join(folder, 'a.csv')))).toMatchObject({ code: 'ERR_USAGE' })
    expect(existsSync(join(folder, 'a.csv'))).toBe(false)
    write()
    expect(await rejectionOf(convertTrace(path, join(folder, 'nowhere', 'a.parquet')))).toMatchObject({ code: 'ERR_OUT_NOT_WRITABLE' })
  })

  it('leaves nothing behind when somebody asks it to end, either way', async () => {
    const writer = createTrace(path, header)
    for (let step = 0; step < 5000; step++) writer.decision({ ...record, step })
    writer.close()
    await convertTrace(path, parquet)
    for (const [from, to] of [
      [path, join(folder, 'again.parquet')],
      [parquet, join(folder, 'again.jsonl')],
    ] as const) {
      const asked = new AbortController()
      const interruption = { signal: asked.signal, turn: async () => asked.abort() }
      expect(await rejectionOf(convertTrace(from, to, interruption))).toMatchObject({ code: 'ERR_INTERRUPTED', exitCode: 130 })
    }
    expect(readdirSync(folder).sort()).toEqual(['trace.jsonl', 'trace.parquet'])
  })
})
