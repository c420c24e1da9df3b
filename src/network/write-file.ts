import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { FlyballError } from '../core/errors.ts'

/** Writes a file whole or not at all: beside it, to the disk, then renamed. Makes the folder. Throws ERR_OUT_NOT_WRITABLE. */
export function writeFileAtomic(path: string, content: Uint8Array | string): void {
  const beside = `${path}.writing`
  try {
    mkdirSync(dirname(path), { recursive: true })
    const file = openSync(beside, 'w')
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(beside, path)
  } catch (error) {
    throw new FlyballError('ERR_OUT_NOT_WRITABLE', `${path} cannot be written: ${(error as Error).message}`, { cause: error })
  }
}
