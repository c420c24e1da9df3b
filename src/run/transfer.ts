import { resolve } from 'node:path'
import { checkTakesTransfer, findBoardAgent } from '../../agents/index.ts'
import type { Target } from '../checkpoint/fits.ts'
import { readCheckpoint } from '../checkpoint/reader.ts'
import type { Checkpoint } from '../checkpoint/schema.ts'
import type { AgentKind, Transfer } from '../core/agent.ts'
import { FlyballError } from '../core/errors.ts'
import { checkpointPath } from './folder.ts'
import type { RunSettings } from './settings.ts'

/** A checkpoint of another network or board, as the prior of a run. */
export interface AskedTransfer {
  readonly kind: AgentKind
  readonly transfer: Transfer
  /** For run.json: where the prior came from. */
  readonly origin: NonNullable<RunSettings['transfer']>
  /** Throws ERR_USAGE where the checkpoint is of this very board, network and set of points. */
  checkElsewhere(here: Target): void
}

/**
 * Reads `--transfer PATH`, a checkpoint or the folder of a run, for an agent of the name; without one, of the checkpoint's. Throws what reading a checkpoint throws, and ERR_USAGE for an agent that
 * cannot take it over.
 */
export function readTransfer(path: string, agent: string | undefined): AskedTransfer {
  const file = checkpointPath(path)
  const checkpoint = readCheckpoint(file)
  const { name, options, data } = checkpoint.agent
  const kind = findBoardAgent(agent ?? name)
  checkTakesTransfer(kind, `--transfer ${path}`)
  if (kind.name !== name)
    throw new FlyballError(
      'ERR_USAGE',
      `--transfer ${path}: ${name} learned it, which ${kind.name} cannot read, expected a checkpoint of ${kind.name}`,
    )
  return {
    kind,
    transfer: { spaces: checkpoint.spaces, options, data },
    origin: {
      from: resolve(file),
      agent: name,
      step: checkpoint.step,
      board: checkpoint.board.id,
      ...(checkpoint.network === null ? {} : { network: checkpoint.network.name }),
    },
    checkElsewhere: (here) => checkElsewhere(path, checkpoint, here),
  }
}

function checkElsewhere(path: string, there: Checkpoint, here: Target): void {
  const same =
    there.spaces.signature === here.spaces.signature &&
    there.board.fingerprint === here.board.fingerprint &&
    JSON.stringify(there.network?.sha256s) === JSON.stringify(here.network?.sha256s)
  if (same)
    throw new FlyballError(
      'ERR_USAGE',
      `--transfer ${path}: it is of this very board, network and set of points, so nothing has to be carried over, expected train --resume, or deploy --learn, which go on with it`,
    )
}
