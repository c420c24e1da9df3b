import { accessSync, closeSync, constants, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { FlyballError } from '../core/errors.ts'
import { isParquet } from './log.ts'
import { tracePartsOf } from './parts.ts'
import type { TornLine } from './reader.ts'
import { parseEntry } from './record.ts'

export interface Conversion {
  readonly from: string
  readonly to: string
  readonly decisions: number
  readonly sourceSizeB: number
  readonly sizeB: number
  readonly torn: TornLine | null
}

/** Writes a trace in the other form; the file appears whole or not at all. Throws ERR_USAGE for names that end otherwise, and what reading the trace throws. */
export async function convertTrace(from: string, to: string): Promise<Conversion> {
  if (isParquet(from) === isParquet(to) || !(isParquet(to) || to.endsWith('.jsonl')))
    throw new FlyballError('ERR_USAGE', `trace convert: from ${from} to ${to} there is nothing to convert, expected one .parquet and one .jsonl`)
  checkFolder(to)
  const { decisions, torn } = isParquet(to) ? await toParquet(from, to) : await toLines(from, to)
  const sourceSizeB = (isParquet(from) ? [from] : tracePartsOf(from)).reduce((sum, file) => sum + statSync(file).size, 0)
  return { from, to, decisions, sourceSizeB, sizeB: statSync(to).size, torn: torn ?? null }
}

/** Throws ERR_OUT_NOT_WRITABLE, before anything is read in vain. */
function checkFolder(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new FlyballError('ERR_OUT_NOT_WRITABLE', `${path} cannot be written: ${(error as Error).message}`, { cause: error })
  }
}

async function toParquet(from: string, to: string) {
  const { traceToParquet } = await import('./parquet/write.ts')
  return traceToParquet(from, to)
}

async function toLines(from: string, to: string): Promise<{ decisions: number; torn: undefined }> {
  const { openParquetTrace } = await import('./parquet/read.ts')
  const trace = await openParquetTrace(from)
  const draft = `${to}.draft`
  let decisions = 0
  try {
    const file = openSync(draft, 'w')
    try {
      writeSync(file, `${trace.headerLine}\n`)
      let number = 0
      for await (const line of trace.lines()) {
        number++
        const entry = parseEntry(line, trace.header.spaces)
        if ('fault' in entry) throw new FlyballError('ERR_TRACE_CORRUPT', `${from}, row ${number}: ${entry.fault}`)
        if (entry.kind === 'decision') decisions++
        writeSync(file, `${line}\n`)
      }
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(draft, to)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  } finally {
    trace.close()
  }
  return { decisions, torn: undefined }
}
