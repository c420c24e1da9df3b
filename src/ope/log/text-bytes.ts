import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'

const mostChunkB = 1 << 18
const leastChunkB = 1 << 12

/** Bytes of a plain or gzipped file, told apart by its first bytes, in chunks of up to 256 KiB. Throws what reading it throws, and what broken gzip data does (Z_BUF_ERROR, Z_DATA_ERROR). */
export async function* textBytes(path: string): AsyncGenerator<Buffer> {
  const bytes = fileBytes(path)
  try {
    const first = bytes.next()
    if (first.done === true) return
    const chunk = first.value
    if (chunk[0] === 0x1f && chunk[1] === 0x8b) yield* gunzipped(chunk, bytes)
    else {
      yield chunk
      yield* bytes
    }
  } finally {
    // Whoever stops reading, or never began, leaves no file open.
    bytes.return()
  }
}

/** Reading waits for the disk alone: a file that is read ahead by the kernel has no need of streams, which cost a small one more than its records. */
function* fileBytes(path: string): Generator<Buffer, void> {
  const file = openSync(path, 'r')
  try {
    const chunkB = Math.max(leastChunkB, Math.min(mostChunkB, fstatSync(file).size))
    for (;;) {
      const chunk = Buffer.allocUnsafe(chunkB)
      const sizeB = readSync(file, chunk)
      if (sizeB === 0) return
      yield chunk.subarray(0, sizeB)
    }
  } finally {
    closeSync(file)
  }
}

async function* gunzipped(first: Buffer, rest: Iterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: Math.min(mostChunkB, Math.max(leastChunkB, 16 * first.length)) })
  // What goes wrong reaches the reader through the last of the streams, and whoever stops reading ends them all.
  pipeline(both(first, rest), gunzip, () => {})
  yield* gunzip as AsyncIterable<Buffer>
}

function* both(first: Buffer, rest: Iterable<Buffer>): Generator<Buffer> {
  yield first
  yield* rest
}
