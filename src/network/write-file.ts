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

/**
 * Writes a file whole or not at all: beside it, to the disk, then renamed. Makes the folder. What is there and is no file, as /dev/null, is written into and stays
 * what it is. Throws ERR_OUT_NOT_WRITABLE.
 */
export function writeFileAtomic(path: string, content: Uint8Array | string): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const fill = (file: number): void => {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
  }
  refusable(path, () => (isStream(path) ? throughFile(path, fill) : atomically(path, fill)))
}

/** A device, a pipe or a socket: renaming over it would take it away. */
function isStream(path: string): boolean {
  const there = statSync(path, { throwIfNoEntry: false })
  return there !== undefined && !there.isFile() && !there.isDirectory()
}

function throughFile(path: string, write: (file: number) => void): void {
  const file = openSync(path, 'w')
  try {
    write(file)
  } finally {
    closeSync(file)
  }
}

/** Copies a file whole or not at all. Throws ERR_OUT_NOT_WRITABLE. */
export function copyFileAtomic(from: string, path: string): void {
  refusable(path, () => atomically(path, () => copyFileSync(from, besideOf(path))))
}

const besideOf = (path: string): string => `${path}.writing`

function atomically(path: string, write: (file: number) => void): void {
  const beside = besideOf(path)
  makeFolder(dirname(path))
  try {
    throughFile(beside, (file) => {
      write(file)
      fsyncSync(file)
    })
    renameSync(beside, path)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
}

/** Runs what writes to a path. Throws ERR_OUT_NOT_WRITABLE for whatever that throws. */
export function refusable(path: string, run: () => void): void {
  try {
    run()
  } catch (error) {
    throw new FlyballError('ERR_OUT_NOT_WRITABLE', `${path} cannot be written: ${(error as Error).message}`, { cause: error })
  }
}

/** Makes a folder where it lacks; for work that should not be done in vain. Throws ERR_OUT_NOT_WRITABLE. */
export function checkWritable(dir: string): void {
  refusable(dir, () => {
    makeFolder(dir)
    accessSync(dir, constants.W_OK | constants.X_OK)
  })
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
