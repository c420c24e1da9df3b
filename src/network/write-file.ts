import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { FlyballError, isSystemError } from '../core/errors.ts'

/** Writes a file whole or not at all: beside it, to the disk, then renamed. Makes the folder. Throws ERR_OUT_NOT_WRITABLE. */
export function writeFileAtomic(path: string, content: Uint8Array | string): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  atomically(path, (file) => {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
  })
}

/** Copies a file whole or not at all. Throws ERR_OUT_NOT_WRITABLE. */
export function copyFileAtomic(from: string, path: string): void {
  atomically(path, () => copyFileSync(from, besideOf(path)))
}

const besideOf = (path: string): string => `${path}.writing`

function atomically(path: string, write: (file: number) => void): void {
  const beside = besideOf(path)
  try {
    makeFolder(dirname(path))
    const file = openSync(beside, 'w')
    try {
      try {
        write(file)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      renameSync(beside, path)
    } catch (error) {
      rmSync(beside, { force: true })
      throw error
    }
  } catch (error) {
    throw new FlyballError('ERR_OUT_NOT_WRITABLE', `${path} cannot be written: ${(error as Error).message}`, { cause: error })
  }
}

/** Makes a folder where it lacks; for work that should not be done in vain. Throws ERR_OUT_NOT_WRITABLE. */
export function checkWritable(dir: string): void {
  try {
    makeFolder(dir)
    accessSync(dir, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new FlyballError('ERR_OUT_NOT_WRITABLE', `${dir} cannot be written: ${(error as Error).message}`, { cause: error })
  }
}

/** Makes a folder, with the folders above it. Node's own recursion never ends where the system answers ENOENT below a folder that exists, as /proc does. */
export function makeFolder(dir: string): void {
  try {
    mkdirSync(dir)
  } catch (error) {
    if (isSystemError(error, 'EEXIST') && statSync(dir).isDirectory()) return
    if (!isSystemError(error, 'ENOENT') || existsSync(dirname(dir))) throw error
    makeFolder(dirname(dir))
    mkdirSync(dir)
  }
}
