import { existsSync } from 'node:fs'
import { FlyballError } from '../core/errors.ts'
import { parseHeader, type TraceHeader } from './header.ts'
import { type Line, readLines } from './lines.ts'
import { makeOrderCheck } from './order.ts'
import { tracePartsOf } from './parts.ts'
import { parseEntry, type TraceEntry } from './record.ts'

/** The end of a trace whose writer was killed in the middle of a line: that line is dropped, and said so. */
export interface TornLine {
  readonly file: string
  readonly line: number
  /** Where the trace ends without it, B. */
  readonly offsetB: number
}

export interface TraceReader {
  readonly header: TraceHeader
  /** The entries in order, read as they are asked for; may be called again. Throws ERR_TRACE_CORRUPT naming file and line. */
  entries(): Generator<TraceEntry>
  /** The line that the last complete pass over the entries dropped. */
  torn(): TornLine | undefined
}

/**
 * Opens a trace: one file with the parts that were rotated away from it, or files in their order. Every later part may repeat the header. Throws ERR_RUN_MISSING,
 * ERR_TRACE_CORRUPT for a broken header, ERR_TRACE_SCHEMA for another or a newer schema.
 */
export function openTrace(paths: string | readonly string[]): TraceReader {
  const files = typeof paths === 'string' ? tracePartsOf(paths) : paths
  const [first] = files
  if (first === undefined) throw new FlyballError('ERR_RUN_MISSING', 'no trace was named')
  for (const file of files)
    if (!existsSync(file)) throw new FlyballError('ERR_RUN_MISSING', `${file} does not exist, expected a trace that flyball wrote`)
  const header = readHeader(first)
  let torn: TornLine | undefined

  const linesAfterHeader = function* (): Generator<{ file: string; line: Line }> {
    for (const file of files)
      for (const line of readLines(file)) {
        const isHeader = line.number === 1 && (file === first || line.text.includes('"schema"'))
        if (isHeader && file !== first) checkSameRun(file, header)
        if (!isHeader) yield { file, line }
      }
  }

  return {
    header,
    *entries() {
      torn = undefined
      const misplaced = makeOrderCheck(header)
      let dropped: TornLine | undefined
      for (const { file, line } of linesAfterHeader()) {
        if (dropped !== undefined) throw broken(dropped.file, dropped.line, 'it has no end, and the trace goes on after it')
        if (!line.complete) {
          dropped = { file, line: line.number, offsetB: line.offsetB }
          continue
        }
        const entry = parseEntry(line.text, header.spaces)
        if ('fault' in entry) throw broken(file, line.number, entry.fault)
        const fault = misplaced(entry)
        if (fault !== undefined) throw broken(file, line.number, fault)
        yield entry
      }
      torn = dropped
    },
    torn: () => torn,
  }
}

function readHeader(file: string): TraceHeader {
  const line = firstLine(file)
  if (line === undefined) throw new FlyballError('ERR_TRACE_CORRUPT', `${file} is empty, expected a header`)
  if (!line.complete) throw broken(file, 1, 'the header has no end')
  const parsed = parseHeader(line.text)
  if (!('fault' in parsed)) return parsed
  if (parsed.fault === 'schema') throw new FlyballError('ERR_TRACE_SCHEMA', `${file} is no trace of this version: ${parsed.reason}`)
  throw broken(file, 1, parsed.reason)
}

function firstLine(file: string): Line | undefined {
  // Leaving the loop closes the file.
  for (const line of readLines(file)) return line
  return undefined
}

function checkSameRun(file: string, header: TraceHeader): void {
  const other = readHeader(file)
  if (other.spaces.signature !== header.spaces.signature || other.agent.name !== header.agent.name || other.seed !== header.seed)
    throw broken(file, 1, 'it is the header of another run than the first part')
}

function broken(file: string, line: number, reason: string): FlyballError {
  return new FlyballError('ERR_TRACE_CORRUPT', `${file}, line ${line}: ${reason}`)
}
