import { closeSync, openSync, readSync } from 'node:fs'
import { isSystemError } from '../core/errors.ts'
import { firstNumber } from './bytes.ts'

/** How a kernel file answers: with a value, not at all, not to this user, or with an error (a sleeping sensor, an offline policy). */
export type Access = 'ok' | 'absent' | 'denied' | 'broken'

/** What an error of `open`, `read` or `write` says about the file. */
export function accessOf(error: unknown): Access {
  if (isSystemError(error, 'EACCES', 'EPERM')) return 'denied'
  // ENODEV: the device behind a file that is still open has gone.
  if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ENODEV')) return 'absent'
  return 'broken'
}

/** A kernel file that stays open and is read from its start each time, into one buffer. */
export interface KeptFile {
  readonly path: string
  /** Holds what the last `read` gave; reused. */
  readonly buffer: Buffer
  /** How the last open or read ended. */
  readonly access: Access
  /** Reads the file anew; the number of bytes in `buffer`, 0 when it cannot be read (`access` says why). Never throws, does not allocate when the read succeeds. */
  read(): number
  close(): void
}

class OpenFile implements KeptFile {
  readonly path: string
  readonly buffer: Buffer
  access: Access = 'ok'
  #descriptor: number | undefined

  constructor(path: string, sizeB: number) {
    this.path = path
    this.buffer = Buffer.alloc(sizeB)
    try {
      this.#descriptor = openSync(path, 'r')
    } catch (error) {
      this.access = accessOf(error)
    }
  }

  read(): number {
    if (this.#descriptor === undefined) return 0
    try {
      const count = readSync(this.#descriptor, this.buffer, 0, this.buffer.length, 0)
      this.access = 'ok'
      return count
    } catch (error) {
      this.access = accessOf(error)
      return 0
    }
  }

  close(): void {
    if (this.#descriptor === undefined) return
    closeSync(this.#descriptor)
    this.#descriptor = undefined
    this.access = 'absent'
  }
}

/** Opens a kernel file for reading again and again. Undefined when it does not exist; `access` of the result tells denied from broken. */
export function openKept(path: string, sizeB = 64): KeptFile | undefined {
  const file = new OpenFile(path, sizeB)
  return file.access === 'absent' ? undefined : file
}

/** The integer that a one-value file holds now, in the kernel's unit; NaN when it cannot be read. */
export function readKeptNumber(file: KeptFile): number {
  return firstNumber(file.buffer, file.read())
}

/** The first line that the file holds now; '' when it cannot be read. */
export function readKeptLine(file: KeptFile): string {
  return (file.buffer.toString('utf8', 0, file.read()).split('\n', 1)[0] as string).trim()
}
