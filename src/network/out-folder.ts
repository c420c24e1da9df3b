import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { FlyballError } from '../core/errors.ts'
import { manifestFile } from './manifest.ts'
import { trainingFile } from './training/state.ts'

/** Refuses a folder for a network that holds a training, or a network unless `force` says to write over it. Throws ERR_OUT_EXISTS. */
export function checkOutFolder(out: string, force: boolean): void {
  if (existsSync(join(out, trainingFile)))
    throw new FlyballError('ERR_OUT_EXISTS', `${out} holds a training (${trainingFile}), expected another folder`)
  if (!force && existsSync(join(out, manifestFile)))
    throw new FlyballError('ERR_OUT_EXISTS', `${out} already holds ${manifestFile}: --force writes over it`)
}
