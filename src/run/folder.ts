import { accessSync, constants, existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { FlyballError } from '../core/errors.ts'
import { makeFolder } from '../network/write-file.ts'

/** Where a run keeps what. */
export interface RunFolder {
  readonly dir: string
  readonly settings: string
  readonly checkpoint: string
  readonly trace: string
  readonly summary: string
  /** Picture of the trace. */
  readonly timeline: string
}

export function runFolder(dir: string): RunFolder {
  const at = resolve(dir)
  return {
    dir: at,
    settings: join(at, 'run.json'),
    checkpoint: join(at, 'checkpoint'),
    trace: join(at, 'trace.jsonl'),
    summary: join(at, 'summary.json'),
    timeline: join(at, 'timeline.svg'),
  }
}

/** The trace that a path means: itself, or that of the run whose folder it is. */
export const traceFile = (path: string): string => (isFolder(path) ? runFolder(path).trace : path)

/** The checkpoint that a path means: itself, or that of the run whose folder it is. */
export function checkpointPath(path: string): string {
  const { checkpoint } = runFolder(path)
  return isFolder(checkpoint) ? checkpoint : path
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    // Absent, or below a file: whoever reads it says what is wrong.
    return false
  }
}

/** What to do with a folder that already holds a run. */
export type Existing = 'refuse' | 'resume' | 'force'

/**
 * Makes an output folder ready before anything else happens; what is in it stays until `clearRun`.
 * Throws ERR_OUT_NOT_WRITABLE, ERR_OUT_EXISTS, or ERR_RUN_MISSING when there is nothing to resume.
 */
export function prepareFolder(dir: string, existing: Existing): RunFolder {
  const folder = runFolder(dir)
  try {
    makeFolder(folder.dir)
    accessSync(folder.dir, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new FlyballError(
      'ERR_OUT_NOT_WRITABLE',
      `${folder.dir} cannot be written (${(error as Error).message}), expected a folder of yours: --out DIR`,
      { cause: error },
    )
  }
  const holdsRun = existsSync(folder.settings) || existsSync(folder.trace) || existsSync(folder.checkpoint)
  if (existing === 'resume') {
    if (!existsSync(folder.settings))
      throw new FlyballError('ERR_RUN_MISSING', `${folder.settings} does not exist: there is no run to resume in ${folder.dir}`)
    return folder
  }
  if (holdsRun && existing === 'refuse')
    throw new FlyballError('ERR_OUT_EXISTS', `${folder.dir} already holds a run; --resume goes on with it, --force starts over`)
  return folder
}

/** Removes an earlier run's own files and nothing else. Called when the new run is sure to begin, so that a failed start loses nothing. */
export function clearRun({ dir }: RunFolder): void {
  for (const name of readdirSync(dir))
    if (/^(run\.json|summary\.json|trace\.jsonl(\.\d+)?|timeline\.svg|checkpoint)$/.test(name)) rmSync(join(dir, name), { recursive: true })
}
