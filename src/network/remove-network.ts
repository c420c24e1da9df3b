import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { FlyballError } from '../core/errors.ts'
import { manifestFile } from './manifest.ts'

const increment = /^increment-\d+\.onnx$/

/**
 * Makes a folder hold no network: takes away the manifest, then increments, of which the next network may have fewer. Files of other names stay, because
 * they may be the user's own. Throws ERR_OUT_NOT_WRITABLE.
 */
export function removeNetwork(out: string): void {
  if (!existsSync(out)) return
  try {
    rmSync(join(out, manifestFile), { force: true })
    for (const name of readdirSync(out)) if (increment.test(name)) rmSync(join(out, name))
  } catch (error) {
    throw new FlyballError('ERR_OUT_NOT_WRITABLE', `${out} cannot be written: ${(error as Error).message}`, { cause: error })
  }
}
