import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FlyballError, isSystemError } from '../core/errors.ts'
import { type Checkpoint, parseCheckpoint } from './schema.ts'
import { policyFile, previousFolder } from './writer.ts'

/**
 * Reads a checkpoint: a file, or the folder that holds `policy.json`. Throws ERR_RUN_MISSING when there is none, ERR_CHECKPOINT_CORRUPT
 * when it is truncated, no JSON or fails its checksum (naming the previous generation when that one is intact), and
 * ERR_CHECKPOINT_SCHEMA for another or a newer schema.
 */
export function readCheckpoint(path: string): Checkpoint {
  const { file, text } = readText(path)
  const fallback = join(dirname(file), previousFolder, policyFile)
  if (text === undefined) {
    const hint = hintAt(fallback)
    if (hint === '') throw new FlyballError('ERR_RUN_MISSING', `${file} does not exist, expected a checkpoint that flyball train wrote`)
    throw new FlyballError('ERR_CHECKPOINT_CORRUPT', `${file} is missing${hint}`)
  }
  const parsed = parseCheckpoint(text)
  if (!('fault' in parsed)) return parsed
  if (parsed.fault === 'schema') throw new FlyballError('ERR_CHECKPOINT_SCHEMA', `${file} is no checkpoint of this version: ${parsed.reason}`)
  throw new FlyballError('ERR_CHECKPOINT_CORRUPT', `${file} is corrupt: ${parsed.reason}${hintAt(fallback)}`)
}

/** Empty where the previous generation is not intact. */
function hintAt(fallback: string): string {
  const { text } = readText(fallback)
  const parsed = text === undefined ? undefined : parseCheckpoint(text)
  if (parsed === undefined || 'fault' in parsed) return ''
  return `; the previous generation is intact: ${fallback}, of step ${parsed.step}; flyball train --resume and flyball deploy go on from it with --previous`
}

/** The text of a file, or of the policy in a folder; undefined when neither exists. */
function readText(path: string): { file: string; text: string | undefined } {
  try {
    return { file: path, text: readFileSync(path, 'utf8') }
  } catch (error) {
    if (isSystemError(error, 'EISDIR')) return readText(join(path, policyFile))
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return { file: path, text: undefined }
    throw new FlyballError('ERR_CHECKPOINT_CORRUPT', `${path} cannot be read, expected a checkpoint: ${(error as Error).message}`, { cause: error })
  }
}
