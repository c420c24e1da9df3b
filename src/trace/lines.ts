import { closeSync, openSync, readSync } from 'node:fs'

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

/** Streams a file line by line, so that a trace of any size can be read. */
export function* readLines(path: string): Generator<Line> {
  const file = openSync(path, 'r')
  try {
    let held: Buffer[] = []
    let number = 1
    let offsetB = 0
    const chunk = Buffer.alloc(chunkB)
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) {
      let from = 0
      for (let end = chunk.indexOf(10, from); end >= 0 && end < size; end = chunk.indexOf(10, from)) {
        // Most lines lie within a chunk.
        const bytes = held.length === 0 ? chunk.subarray(from, end) : Buffer.concat([...held, chunk.subarray(from, end)])
        const { length } = bytes
        yield { text: bytes.toString('utf8'), number: number++, offsetB, complete: true }
        offsetB += length + 1
        held = []
        from = end + 1
      }
      if (from < size) held.push(Buffer.from(chunk.subarray(from, size)))
    }
    if (held.length > 0) yield { text: Buffer.concat(held).toString('utf8'), number, offsetB, complete: false }
  } finally {
    closeSync(file)
  }
}
