import { readCheckpoint } from '../../checkpoint/reader.ts'
import { checkpointPath } from '../folder.ts'
import type { AskedCheckpoint } from './lineup.ts'

/** The checkpoint at a path, its own or that of a run's folder, for `lineUp`. Throws what reading a checkpoint throws. */
export const askCheckpoint = (path: string): AskedCheckpoint => ({ path, checkpoint: readCheckpoint(checkpointPath(path)) })
