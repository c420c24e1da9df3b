import { renameSync, rmSync, statSync } from 'node:fs'
import { FlyballError } from '../core/errors.ts'
import type { TraceHeader } from './header.ts'
import { earlierParts } from './parts.ts'
import { createTrace, type TraceWriter } from './writer.ts'

/** A trace in parts, so that a log that goes on for weeks stays within its bounds. */
export interface RotatingTrace extends TraceWriter {
  /** Whether the part at hand is long enough to be closed. */
  due(): boolean
  /** Closes the part at hand as `PATH.N` and begins the next with this header, whose `startStep` is the next decision and whose agent state is that before it. Removes the oldest parts beyond the bound. */
  rotate(header: TraceHeader): void
  /** Decisions that went with removed parts. */
  removed(): number
}

// The bound holds with one part growing: of this many, one is removed at a time.
const partsKept = 8

/** Least bound on a trace, B: a part holds a header and some hundred decisions. */
export const leastTraceSizeB = 1 << 20

/** Begins a trace of at most `maxSizeB`, all parts together; an earlier trace there is gone. Throws ERR_RANGE for a bound below `leastTraceSizeB`. */
export function createRotatingTrace(path: string, header: TraceHeader, maxSizeB: number): RotatingTrace {
  if (!(maxSizeB >= leastTraceSizeB)) throw new FlyballError('ERR_RANGE', `a trace may not be bounded to ${maxSizeB} B, expected at least 1 MB`)
  for (const { file } of earlierParts(path)) rmSync(file)
  const partSizeB = maxSizeB / partsKept
  const recordsOf = new Map<string, number>()
  let writer = createTrace(path, header)
  let headerSizeB = writer.sizeB()
  let before = 0
  let removed = 0

  return {
    // A header may be long: what counts is what came after it.
    due: () => writer.sizeB() - headerSizeB >= partSizeB,
    removed: () => removed,
    records: () => before + writer.records(),
    sizeB: () => writer.sizeB() + earlierParts(path).reduce((sum, { file }) => sum + statSync(file).size, 0),
    rotate(next) {
      writer.close()
      const parts = earlierParts(path)
      const closed = `${path}.${(parts.at(-1)?.number ?? 0) + 1}`
      renameSync(path, closed)
      recordsOf.set(closed, writer.records())
      before += writer.records()
      for (const { file } of parts.slice(0, Math.max(0, parts.length + 2 - partsKept))) {
        rmSync(file)
        removed += recordsOf.get(file) ?? 0
      }
      writer = createTrace(path, next)
      headerSizeB = writer.sizeB()
    },
    decision: (record) => writer.decision(record),
    requirements: (step, requirements) => writer.requirements(step, requirements),
    segmentEnd: (step, observation, mask) => writer.segmentEnd(step, observation, mask),
    sync: () => writer.sync(),
    close: () => writer.close(),
  }
}
