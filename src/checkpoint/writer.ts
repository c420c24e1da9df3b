import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError } from '../core/errors.ts'
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from './schema.ts'

export const policyFile = 'policy.json'
/** Beside it, where the policy is a network. */
export const modelFile = 'policy.onnx'
export const previousFolder = 'previous'

/**
 * Saves a checkpoint as `folder/policy.json`; what stood there becomes `folder/previous/policy.json`. Whatever instant the power fails,
 * an intact generation stands under its name. `model`, the policy as a network, goes to `policy.onnx` just before; the checkpoint names its digest and needs it for
 * nothing, so a file of another generation, which a crash between the two leaves, is told apart and harms nothing. Returns the path.
 */
export function saveCheckpoint(folder: string, checkpoint: Checkpoint, model?: Uint8Array): string {
  const steps = saveSteps(folder, formatCheckpoint(model === undefined ? checkpoint : { ...checkpoint, model: modelOf(model) }))
  if (model !== undefined) steps.splice(-2, 0, ...modelSteps(folder, model))
  for (const step of steps) step()
  return join(folder, policyFile)
}

const modelOf = (bytes: Uint8Array): Checkpoint['model'] => ({ file: modelFile, sha256: createHash('sha256').update(bytes).digest('hex') })

const modelSteps = (folder: string, bytes: Uint8Array): (() => void)[] => [
  () => writeSynced(`${join(folder, modelFile)}.tmp`, bytes),
  () => renameSync(`${join(folder, modelFile)}.tmp`, join(folder, modelFile)),
]

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

function writeSynced(path: string, content: string | Uint8Array): void {
  const file = openSync(path, 'w')
  try {
    const bytes = Buffer.from(content)
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
