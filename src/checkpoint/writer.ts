import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError } from '../core/errors.ts'
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from './schema.ts'

export const policyFile = 'policy.json'
export const previousFolder = 'previous'

/**
 * Saves a checkpoint as `folder/policy.json`; what stood there becomes `folder/previous/policy.json`. Whatever instant the power fails,
 * an intact generation stands under its name. Returns the path.
 */
export function saveCheckpoint(folder: string, checkpoint: Checkpoint): string {
  for (const step of saveSteps(folder, formatCheckpoint(checkpoint))) step()
  return join(folder, policyFile)
}

/**
 * The single operations of a save, in order; a test stops after each. The old generation is copied, not moved, so that `policy.json` never
 * is away (hard links would do, but the FAT of an SD card has none), and a broken one is not copied over an intact older one.
 */
export function saveSteps(folder: string, text: string): (() => void)[] {
  const current = join(folder, policyFile)
  const previous = join(folder, previousFolder)
  const kept = join(previous, policyFile)
  let old: string | undefined
  return [
    () => mkdirSync(previous, { recursive: true }),
    () => writeSynced(`${current}.tmp`, text),
    () => {
      const found = readIfThere(current)
      old = found !== undefined && !('fault' in parseCheckpoint(found)) ? found : undefined
    },
    () => old !== undefined && writeSynced(`${kept}.tmp`, old),
    () => old !== undefined && renameSync(`${kept}.tmp`, kept),
    () => old !== undefined && syncFolder(previous),
    () => renameSync(`${current}.tmp`, current),
    () => syncFolder(folder),
  ]
}

function writeSynced(path: string, text: string): void {
  const file = openSync(path, 'w')
  try {
    const bytes = Buffer.from(text)
    let written = 0
    while (written < bytes.length) written += writeSync(file, bytes, written)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** A rename is safe only once its folder is on disk. Some file systems cannot sync a folder; they order renames themselves. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } catch (error) {
    if (!isSystemError(error, 'EINVAL', 'EPERM', 'EBADF')) throw error
  } finally {
    closeSync(folder)
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
}
