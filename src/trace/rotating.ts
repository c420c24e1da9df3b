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

// So many parts within the bound, were there no headers.
const parts = 8

/** Least bound on a trace, B: a part holds a header and some hundred decisions. */
export const leastTraceSizeB = 1_000_000

/** Throws ERR_RANGE for a bound below `leastTraceSizeB`. */
export function checkTraceBound(maxSizeB: number): void {
  if (!(maxSizeB >= leastTraceSizeB))
    throw new FlyballError('ERR_RANGE', `a trace may not be bounded to ${maxSizeB} B, expected at least ${leastTraceSizeB} B (1MB)`)
}

/** Begins a trace of at most `maxSizeB`, all parts together; an earlier trace there is gone. Throws ERR_RANGE for a bound below `leastTraceSizeB`. */
export function createRotatingTrace(path: string, header: TraceHeader, maxSizeB: number): RotatingTrace {
  checkTraceBound(maxSizeB)
  for (const { file } of earlierParts(path)) rmSync(file)
  const partSizeB = maxSizeB / parts
  const recordsOf = new Map<string, number>()
  let writer = createTrace(path, header)
  let headerSizeB = writer.sizeB()
  let before = 0
  let removed = 0

  /** Until what is left is at most so long. */
  const removeOldest = (mostB: number): void => {
    const closed = earlierParts(path).map(({ file }) => ({ file, sizeB: statSync(file).size }))
    let leftB = closed.reduce((sum, { sizeB }) => sum + sizeB, 0)
    for (const { file, sizeB } of closed) {
      if (leftB <= mostB) return
      rmSync(file)
      leftB -= sizeB
      removed += recordsOf.get(file) ?? 0
    }
  }

  return {
    // A header may be long: what counts is what came after it.
    due: () => writer.sizeB() - headerSizeB >= partSizeB,
    removed: () => removed,
    records: () => before + writer.records(),
    sizeB: () => writer.sizeB() + earlierParts(path).reduce((sum, { file }) => sum + statSync(file).size, 0),
    rotate(next) {
      writer.close()
      const closed = `${path}.${(earlierParts(path).at(-1)?.number ?? 0) + 1}`
      renameSync(path, closed)
      recordsOf.set(closed, writer.records())
      before += writer.records()
      writer = createTrace(path, next)
      headerSizeB = writer.sizeB()
      removeOldest(maxSizeB - headerSizeB - partSizeB)
    },
    decision: (record) => writer.decision(record),
    requirements: (step, requirements) => writer.requirements(step, requirements),
    event: (event) => writer.event(event),
    segmentEnd: (step, observation, mask) => writer.segmentEnd(step, observation, mask),
    sync: () => writer.sync(),
    close: () => writer.close(),
  }
}

/** A trace with a bound, or one without. Throws ERR_RANGE. */
export const beginTrace = (path: string, header: TraceHeader, maxSizeB?: number): TraceWriter | RotatingTrace =>
  maxSizeB === undefined ? createTrace(path, header) : createRotatingTrace(path, header, maxSizeB)
