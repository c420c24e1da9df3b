import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { differingLines } from '../checkpoint/fits.ts'
import { FlyballError } from '../core/errors.ts'
import type { Requirements } from '../core/outcome.ts'
import type { Mask, Observation } from '../core/spaces.ts'
import { type EventEntry, formatEvent } from './event.ts'
import { formatHeader, type TraceHeader } from './header.ts'
import { openTrace, type TornLine } from './reader.ts'
import { type DecisionRecord, formatDecision, formatRequirements, formatSegmentEnd, parseEntry } from './record.ts'

/** Appends one line per call, each by one write, so that a kill tears at most the last line. */
export interface TraceWriter {
  /** Decisions in the trace. */
  readonly records: () => number
  /** Length of the trace, B. */
  readonly sizeB: () => number
  decision(record: DecisionRecord): void
  /** Requirements that hold from `step` on; before the decision of that step. */
  requirements(step: number, requirements: Requirements): void
  /** What happened beside decisions; before the decision of its step. */
  event(event: EventEntry): void
  /** An orderly end. `step` is the decision that was not taken. */
  segmentEnd(step: number, observation: Observation, mask: Mask): void
  /** Puts everything on disk. A checkpoint that names this trace is saved after that. */
  sync(): void
  /** Syncs. Idempotent. */
  close(): void
}

/** Begins a trace; whatever the file held is gone. */
export function createTrace(path: string, header: TraceHeader): TraceWriter {
  const file = openSync(path, 'w')
  const writer = makeWriter(file, 0, 0)
  writer.line(formatHeader(header))
  return writer
}

/** Where nothing is to be logged. */
export function noTrace(): TraceWriter {
  let records = 0
  return {
    records: () => records,
    sizeB: () => 0,
    decision() {
      records++
    },
    requirements() {},
    event() {},
    segmentEnd() {},
    sync() {},
    close() {},
  }
}

/** What a trace holds, for whoever goes on with it. */
export interface TraceEnd {
  readonly header: TraceHeader
  /** Decisions in it. */
  readonly records: number
  /** Step of the next decision. */
  readonly nextStep: number
  /** True when the trace came to an orderly end. After a kill, a checkpoint of the same step knows what the end would have said. */
  readonly ended: boolean
  /** What was asked at the end. */
  readonly requirements: Requirements
  /** A torn last line: whoever goes on cuts it off. */
  readonly torn: TornLine | undefined
}

/** A trace opened to go on, with what is in it already. */
export interface AppendedTrace extends TraceEnd {
  readonly writer: TraceWriter
}

/**
 * Reads all of a trace that is to be gone on with, and changes nothing. Throws what openTrace and its entries throw, and
 * ERR_TRACE_MISMATCH when the trace is of another run than `expected`, printing both sides.
 */
export function readTraceEnd(path: string, expected: Pick<TraceHeader, 'spaces' | 'seed' | 'agent'>): TraceEnd {
  const reader = openTrace(path)
  checkSameRun(path, reader.header, expected)
  let records = 0
  let { requirements } = reader.header
  let ended = false
  for (const entry of reader.entries()) {
    ended = entry.kind === 'segmentEnd'
    if (entry.kind === 'decision') records++
    else if (entry.kind === 'requirements') requirements = entry.requirements
  }
  return { header: reader.header, records, nextStep: reader.header.startStep + records, ended, requirements, torn: reader.torn() }
}

/** Goes on with a trace whose end was read: cuts off a torn last line, and appends. */
export function appendTrace(path: string, end: TraceEnd): AppendedTrace {
  const file = openSync(path, 'r+')
  if (end.torn !== undefined) ftruncateSync(file, end.torn.offsetB)
  return { ...end, writer: makeWriter(file, end.records, fstatSync(file).size) }
}

/**
 * Goes on with a trace from the step of a checkpoint, whose `trace` says how long it was then: what came after is cut off, an orderly end too, and made again.
 * Throws what openTrace throws, and ERR_TRACE_MISMATCH when the trace is shorter or of another run than `expected`.
 */
export function rollBackTrace(
  path: string,
  at: { readonly records: number; readonly sizeB: number },
  expected: Pick<TraceHeader, 'spaces' | 'seed' | 'agent'>,
): TraceWriter {
  const { header } = openTrace(path)
  checkSameRun(path, header, expected)
  const file = openSync(path, 'r+')
  const { size } = fstatSync(file)
  if (size < at.sizeB) {
    closeSync(file)
    throw new FlyballError('ERR_TRACE_MISMATCH', `${path} has ${size} B, and its checkpoint knows of ${at.sizeB} B: was it edited?`)
  }
  const tail = Buffer.alloc(Math.min(at.sizeB, longestLineB))
  readSync(file, tail, 0, tail.length, at.sizeB - tail.length)
  const lineStart = tail.lastIndexOf(10, tail.length - 2) + 1
  // Without a line before it, it is the header.
  const entry = lineStart === 0 ? undefined : parseEntry(tail.toString('utf8', lineStart, tail.length - 1), header.spaces)
  if (tail.at(-1) !== 10 || (entry !== undefined && 'fault' in entry)) {
    closeSync(file)
    throw new FlyballError(
      'ERR_TRACE_MISMATCH',
      `${path}: the ${at.sizeB} B that its checkpoint knows of do not end with a line: it is of another course of the run`,
    )
  }
  const endB = entry !== undefined && !('fault' in entry) && entry.kind === 'segmentEnd' ? tail.length - lineStart : 0
  const sizeB = at.sizeB - endB
  ftruncateSync(file, sizeB)
  return makeWriter(file, at.records, sizeB)
}

// A segment's end holds one observation and one mask.
const longestLineB = 1 << 20

function makeWriter(file: number, recordsBefore: number, sizeBefore: number): TraceWriter & { line(text: string): void } {
  let records = recordsBefore
  let sizeB = sizeBefore
  let closed = false
  const line = (text: string): void => {
    const bytes = Buffer.from(`${text}\n`)
    // A full disk may take a part: the rest follows, or the next call throws.
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written, bytes.length - written, sizeB + written)
    sizeB += bytes.length
  }
  return {
    line,
    records: () => records,
    sizeB: () => sizeB,
    decision(record) {
      line(formatDecision(record))
      records++
    },
    requirements: (step, requirements) => line(formatRequirements(step, requirements)),
    event: (event) => line(formatEvent(event)),
    segmentEnd: (step, observation, mask) => line(formatSegmentEnd(step, observation, mask)),
    sync: () => fsyncSync(file),
    close() {
      if (closed) return
      closed = true
      fsyncSync(file)
      closeSync(file)
    },
  }
}

function checkSameRun(path: string, found: TraceHeader, expected: Pick<TraceHeader, 'spaces' | 'seed' | 'agent'>): void {
  const lines = ({ spaces, seed, agent }: Pick<TraceHeader, 'spaces' | 'seed' | 'agent'>): string[] => [
    `agent ${agent.name}`,
    `seed ${seed}`,
    ...spaces.signature.split('\n'),
  ]
  const differing = differingLines(lines(found), lines(expected), ['trace', 'here'])
  if (differing.length > 0) throw new FlyballError('ERR_TRACE_MISMATCH', [`${path} is the trace of another run`, ...differing].join('\n'))
}
