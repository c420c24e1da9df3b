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
    if (!isIntact(fallback)) throw new FlyballError('ERR_RUN_MISSING', `${file} does not exist, expected a checkpoint that flyball train wrote`)
    throw new FlyballError('ERR_CHECKPOINT_CORRUPT', `${file} is missing${hint(fallback)}`)
  }
  const parsed = parseCheckpoint(text)
  if (!('fault' in parsed)) return parsed
  if (parsed.fault === 'schema') throw new FlyballError('ERR_CHECKPOINT_SCHEMA', `${file} is no checkpoint of this version: ${parsed.reason}`)
  throw new FlyballError('ERR_CHECKPOINT_CORRUPT', `${file} is corrupt: ${parsed.reason}${isIntact(fallback) ? hint(fallback) : ''}`)
}

const hint = (fallback: string): string => `; the previous generation is intact: ${fallback}`

function isIntact(file: string): boolean {
  const { text } = readText(file)
  return text !== undefined && !('fault' in parseCheckpoint(text))
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
