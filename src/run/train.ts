import { agentOf, findBoardAgent } from '../../agents/index.ts'
import { readOptions } from '../../agents/options.ts'
import { saveCheckpoint } from '../checkpoint/writer.ts'
import type { GuardSettings } from '../core/guard.ts'
import { writeFileAtomic } from '../network/write-file.ts'
import { beginTrace } from '../trace/rotating.ts'
import type { RunEvents } from './events.ts'
import { checkExplains } from './explained.ts'
import { clearRun, type Existing, prepareFolder } from './folder.ts'
import { readIncumbent } from './incumbent.ts'
import { checkpointOf, type Learned, learn, type RunResult } from './learn.ts'
import { type BoardRequest, boardEnv, openBoard, resolveBoard } from './open-board.ts'
import { profile } from './profile.ts'
import { resolveWish, type Wish } from './request.ts'
import { type ResumeRequest, resume } from './resume.ts'
import { agentInput, type Session, sessionOf, traceHeader } from './session.ts'
import { type RunSettings, settingsSchemaName } from './settings.ts'
import { networkNamed } from './shipped.ts'
import { tellInfeasible } from './tell-infeasible.ts'
import { type AskedTransfer, readTransfer } from './transfer.ts'
import { versions } from './versions.ts'

export interface TrainRequest extends ResumeRequest {
  readonly board: BoardRequest
  readonly network: string
  /** Default q-learning, or the run's own when it is resumed. */
  readonly agent?: string | undefined
  readonly agentOptions: Readonly<Record<string, number | boolean>>
  /** A checkpoint, or the folder of a run, of another network or board, from which the agent begins. */
  readonly transfer?: string | undefined
  /** Of a simulated board or a table; of this machine it is the board request's. */
  readonly guard?: Partial<GuardSettings> | undefined
  readonly wish: Wish
  readonly seed: number
  readonly existing: Existing
  /** Of a recording: whom `explorer` explores around (run/incumbent.ts). */
  readonly incumbent?: string | undefined
  /** Bound on the trace, B; the oldest decisions go. Default: none. */
  readonly maxSizeB?: number | undefined
}

/** A run that has taken its steps, with the board still open. */
export interface Trained extends Learned {
  readonly session: Session
}

/** Learns on this machine. Leaves a folder with run.json, checkpoint and trace; restores the board however it ends. */
export function train(request: TrainRequest, events: RunEvents): Promise<RunResult> {
  return request.existing === 'resume' ? resume(request, events) : trainThen(request, events, async ({ result }) => result)
}

/** Learns from the start, then does something more on the open board. */
export async function trainThen<T>(request: TrainRequest, events: RunEvents, then: (trained: Trained) => Promise<T>): Promise<T> {
  const asked = request.transfer === undefined ? undefined : readTransfer(request.transfer, request.agent)
  const kind = asked?.kind ?? findBoardAgent(request.agent ?? 'q-learning')
  const board = resolveBoard(request.board)
  const folder = prepareFolder(request.out, request.existing)
  const open = await openBoard(board, request.network, events.note)
  let session: Session | undefined
  try {
    const env = boardEnv(open, board, { requirements: { percentile: 99 }, advise: false })
    // A wrong hyperparameter is said before the profile, not after.
    if (kind.needs === undefined) {
      const agent = kind.make({ spaces: env.spaces, seed: request.seed, options: request.agentOptions })
      if (request.explain !== undefined) checkExplains(kind.name, agent)
    } else readOptions(kind.name, kind.options, request.agentOptions)
    const incumbent = request.incumbent === undefined ? {} : { incumbent: readIncumbent(request.incumbent, env.spaces) }
    asked?.checkElsewhere({ spaces: env.spaces, board: open.boardId, network: open.networkId })
    const nominal = await profile(env, request.seed, events)
    const resolved = resolveWish(request.wish, nominal)
    tellInfeasible([resolved.requirements], env.spaces, nominal, events)
    const settings: RunSettings = {
      schema: settingsSchemaName,
      createdAt: new Date().toISOString(),
      versions: versions(),
      seed: request.seed,
      env: board,
      network: networkNamed(request.network),
      agent: { name: kind.name, options: { ...request.agentOptions } },
      requirements: resolved.requirements as RunSettings['requirements'],
      objective: resolved.objective,
      nominal,
      ...originOf(asked, events),
    }
    session = sessionOf(settings, open, false)
    const transfer = asked === undefined ? {} : { transfer: asked.transfer }
    const agent = agentOf(kind.name, { ...agentInput(session, false), ...incumbent, ...transfer }, `--transfer ${request.transfer}`)
    clearRun(folder)
    writeFileAtomic(folder.settings, `${JSON.stringify(settings, null, 2)}\n`)
    // An incumbent, and a prior that was taken over, are part of the agent's state: without them the log could not be re-executed.
    const own = request.incumbent !== undefined || asked !== undefined
    const header = traceHeader(session, { frozen: false, initial: own ? agent.save() : null }, 0)
    const writer = beginTrace(folder.trace, header, request.maxSizeB)
    // Killed before the first checkpoint, a run would have lost its prior.
    if (asked !== undefined) saveCheckpoint(folder.checkpoint, checkpointOf(session, agent, 0))
    const start = await session.env.reset({ seed: request.seed })
    return await then({
      session,
      ...(await learn({ session, agent, folder, writer, header, start, from: 0, to: request.steps, events, explain: request.explain })),
    })
  } finally {
    await (session?.env ?? open.runtime).close()
  }
}

/** Where the prior came from, for run.json; says it as well. */
export function originOf(asked: AskedTransfer | undefined, { note }: Pick<RunEvents, 'note'>): Pick<RunSettings, 'transfer'> {
  if (asked === undefined) return {}
  const { from, agent, step, board, network } = asked.origin
  note(`prior from ${from}: ${agent} after ${step} decisions on ${board}${network === undefined ? '' : ` with ${network}`}`)
  return { transfer: asked.origin }
}
