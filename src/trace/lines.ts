import { closeSync, openSync, readSync } from 'node:fs'
import { FlyballError } from '../core/errors.ts'

/** A line without its end. `complete` is false for a last line that nothing ends. */
export interface Line {
  readonly text: string
  /** From 1. */
  readonly number: number
  /** Where the line begins, B. */
  readonly offsetB: number
  readonly complete: boolean
}

const chunkB = 1 << 16
/** A header with the state of an agent takes some MB, a record some 400 B. What is longer is no trace, and is not gathered in memory. */
const mostLineB = 64 * 2 ** 20

/** Streams a file line by line, so that a trace of any size can be read. Throws ERR_TRACE_CORRUPT for what cannot be read, and for a line of more than 64 MiB. */
export function* readLines(path: string): Generator<Line> {
  const unreadable = (error: unknown): FlyballError =>
    new FlyballError('ERR_TRACE_CORRUPT', `${path} cannot be read, expected a trace: ${(error as Error).message}`, { cause: error })
  const read = (): number => {
    try {
      return readSync(file, chunk)
    } catch (error) {
      throw unreadable(error)
    }
  }
  const chunk = Buffer.alloc(chunkB)
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    throw unreadable(error)
  }
  try {
    let held: Buffer[] = []
    let heldB = 0
    let number = 1
    let offsetB = 0
    for (let size = read(); size > 0; size = read()) {
      let from = 0
      for (let end = chunk.indexOf(10, from); end >= 0 && end < size; end = chunk.indexOf(10, from)) {
        // Most lines lie within a chunk.
        const bytes = held.length === 0 ? chunk.subarray(from, end) : Buffer.concat([...held, chunk.subarray(from, end)])
        const { length } = bytes
        yield { text: bytes.toString('utf8'), number: number++, offsetB, complete: true }
        offsetB += length + 1
        held = []
        heldB = 0
        from = end + 1
      }
      if (from < size) held.push(Buffer.from(chunk.subarray(from, size)))
      heldB += size - from
      if (heldB > mostLineB)
        throw new FlyballError('ERR_TRACE_CORRUPT', `${path}, line ${number}: it has more than ${mostLineB} B, expected a header or a record`)
    }
    if (held.length > 0) yield { text: Buffer.concat(held).toString('utf8'), number, offsetB, complete: false }
  } finally {
    closeSync(file)
  }
}
