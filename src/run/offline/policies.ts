import { existsSync } from 'node:fs'
import { agentKinds, agentOf, findAgent, findBoardAgent } from '../../../agents/index.ts'
import { checkSpacesFit } from '../../checkpoint/fits.ts'
import type { BoardId } from '../../checkpoint/parts.ts'
import { readCheckpoint } from '../../checkpoint/reader.ts'
import type { Agent, AgentKind } from '../../core/agent.ts'
import { FlyballError } from '../../core/errors.ts'
import { checkpointPath } from '../folder.ts'
import { findPoint } from '../incumbent.ts'
import { crossTrain, inputFor } from './folds.ts'
import type { Logs } from './logs.ts'
import type { LogShape } from './shape.ts'
import type { JudgedPolicy } from './steps.ts'

/** Where a policy that is valued on a log comes from. */
export type PolicyOrigin =
  | 'checkpoint, frozen'
  | 'fixed point'
  | 'rule, over the logged states'
  | 'trained on the other folds, frozen'
  | 'learning from the decisions that it would have taken: rejection replay'

export interface NamedPolicy {
  readonly name: string
  readonly origin: PolicyOrigin
  /** What to know of it before the figures are believed. */
  readonly warnings: readonly string[]
  /** Made when its turn comes: learning on a long log takes its time. */
  make(): Promise<JudgedPolicy>
  /** Of an agent that learns: one that has learned nothing yet. */
  fresh?(): Agent
}

/**
 * What `--policy` names: a checkpoint or the folder of a run (its greedy policy), `static:POINT`, or an agent, which learns on two thirds of the log and is valued, frozen, on the third, in three turns.
 * Throws ERR_SPACE_MISMATCH for a checkpoint of other points, ERR_USAGE for an agent that steers by what its own choices cause, which a log of others' choices cannot tell, and what reading throws.
 */
export function readPolicy(text: string, logs: Logs, shape: LogShape): NamedPolicy {
  const { header } = logs
  const input = inputFor(header)
  const profiled = input.nominal !== undefined
  if (text.startsWith('static:')) {
    const point = findPoint(text.slice('static:'.length), header.spaces)
    return {
      name: text,
      origin: 'fixed point',
      warnings: [],
      make: async () => findAgent('static').make({ ...input, options: { point }, frozen: true }),
    }
  }
  if (!agentKinds.some(({ name }) => name === text) || existsSync(checkpointPath(text))) {
    const checkpoint = readCheckpoint(checkpointPath(text))
    checkSpacesFit(checkpoint.spaces, header.spaces)
    const { name, options, data } = checkpoint.agent
    return {
      name: text,
      origin: 'checkpoint, frozen',
      warnings: boardWarnings(checkpoint.board, header.board),
      make: async () => agentOf(name, { ...input, options, seed: checkpoint.seed, data, frozen: true }, text),
    }
  }
  const kind = findBoardAgent(text)
  if (kind.rule === 'own effects' || kind.name === 'explorer')
    throw new FlyballError(
      'ERR_USAGE',
      `--policy ${text}: ${kind.name} steers by what its own choices cause, which a log of others' choices cannot tell; expected a checkpoint, static:POINT, or a learner`,
    )
  if (text === 'static' && !profiled)
    throw new FlyballError('ERR_USAGE', '--policy static: which point? Nothing was profiled before this log, expected static:POINT')
  if (kind.rule !== undefined)
    return { name: text, origin: 'rule, over the logged states', warnings: [], make: async () => kind.make({ ...input, frozen: true }) }
  return {
    name: text,
    origin: 'trained on the other folds, frozen',
    warnings: [],
    make: () => crossTrained(kind, logs, shape),
    fresh: () => kind.make(input),
  }
}

/** A policy of another board may be asked about this one's log, as its points and monitors are the same; it should be known. */
function boardWarnings(learned: BoardId, logged: BoardId): string[] {
  if (learned.fingerprint === logged.fingerprint) return []
  const name = ({ id, fingerprint }: BoardId): string => `${id} (${fingerprint.slice(0, 12)})`
  return [`it was learned on board ${name(learned)}, and the log is of board ${name(logged)}`]
}

/** Of every stretch of the log the policy that was learned on all others. */
async function crossTrained(kind: AgentKind, logs: Logs, shape: LogShape): Promise<JudgedPolicy> {
  const trained = await crossTrain(kind, logs, shape)
  let current = trained.at(0)
  return {
    at: (index) => {
      current = trained.at(index)
    },
    distribution: (observation, mask, out) => current.distribution(observation, mask, out),
  }
}
