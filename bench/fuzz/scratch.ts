import { accessSync, constants, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** In memory where the system has that: a million inputs are a million files. */
const memory = '/dev/shm'

/** A new folder for the files of a parser, who removes it. */
export const scratchFolder = (): string => mkdtempSync(join(isWritable(memory) ? memory : tmpdir(), 'flyball-fuzz-'))

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}
