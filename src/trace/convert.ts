import { statSync } from 'node:fs'
import { FlyballError } from '../core/errors.ts'
import { checkFolderOf, type Interruption, makePause, writeLines, writeWhole } from './draft.ts'
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

/** Writes a trace in the other form; the file appears whole or not at all. Throws ERR_USAGE for names that end otherwise, ERR_INTERRUPTED, and what reading the trace throws. */
export async function convertTrace(from: string, to: string, interruption?: Interruption): Promise<Conversion> {
  if (isParquet(from) === isParquet(to) || !(isParquet(to) || to.endsWith('.jsonl')))
    throw new FlyballError('ERR_USAGE', `trace convert: from ${from} to ${to} there is nothing to convert, expected one .parquet and one .jsonl`)
  checkFolderOf(to)
  const { decisions, torn } = isParquet(to) ? await toParquet(from, to, interruption) : await toLines(from, to, interruption)
  const sourceSizeB = (isParquet(from) ? [from] : tracePartsOf(from)).reduce((sum, file) => sum + statSync(file).size, 0)
  return { from, to, decisions, sourceSizeB, sizeB: statSync(to).size, torn: torn ?? null }
}

async function toParquet(from: string, to: string, interruption: Interruption | undefined) {
  const { traceToParquet } = await import('./parquet/write.ts')
  return traceToParquet(from, to, interruption)
}

async function toLines(from: string, to: string, interruption: Interruption | undefined): Promise<{ decisions: number; torn: undefined }> {
  const { openParquetTrace } = await import('./parquet/read.ts')
  const trace = await openParquetTrace(from)
  const pause = makePause(interruption, 'converting')
  try {
    const decisions = await writeWhole(to, interruption, (draft) =>
      writeLines(draft, async ({ line: write }) => {
        write(trace.headerLine)
        let number = 0
        let count = 0
        for await (const line of trace.lines()) {
          number++
          const entry = parseEntry(line, trace.header.spaces)
          if ('fault' in entry) throw new FlyballError('ERR_TRACE_CORRUPT', `${from}, row ${number}: ${entry.fault}`)
          if (entry.kind === 'decision') count++
          write(line)
          await pause()
        }
        return count
      }),
    )
    return { decisions, torn: undefined }
  } finally {
    trace.close()
  }
}
