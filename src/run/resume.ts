import { agentOf, findAgent } from '../../agents/index.ts'
import { checkFits } from '../checkpoint/fits.ts'
import { FlyballError } from '../core/errors.ts'
import type { Requirements } from '../core/outcome.ts'
import { openTrace } from '../trace/reader.ts'
import { appendTrace, readTraceEnd } from '../trace/writer.ts'
import { type RunEvents, resumeText } from './events.ts'
import { checkExplains } from './explained.ts'
import { prepareFolder } from './folder.ts'
import { readGeneration } from './generation.ts'
import { learn, type RunResult } from './learn.ts'
import { type BoardRequest, defaultGuard } from './open-board.ts'
import { catchUp } from './reexecute.ts'
import { agentInput, openSession, traceHeader } from './session.ts'
import { readSettings } from './settings.ts'
import type { ExplainWhen } from './watch.ts'

/** What can be said of a run that is gone on with: the rest stands in its run.json. */
export interface ResumeRequest {
  readonly board: Pick<BoardRequest, 'guard'>
  /** The run's own, or nothing. */
  readonly agent?: string | undefined
  /** A run that is resumed has its prior: anything is refused. */
  readonly transfer?: string | undefined
  /** In all. */
  readonly steps: number
  readonly out: string
  /** From the generation of its checkpoint before the newest. Default false. */
  readonly previous?: boolean | undefined
  readonly explain?: ExplainWhen | undefined
}

/** Goes on with a run as if it had never stopped: from its checkpoint, reliving what the trace knows beyond it. */
export async function resume(request: ResumeRequest, events: RunEvents): Promise<RunResult> {
  if (request.transfer !== undefined)
    throw new FlyballError('ERR_USAGE', '--transfer: a run that is resumed has its prior already, expected --transfer without --resume')
  const folder = prepareFolder(request.out, 'resume')
  const settings = readSettings(folder)
  if (settings.learnedOn !== undefined)
    throw new FlyballError('ERR_USAGE', `${folder.dir} learned on a table: resumeOnGround goes on there, flyball deploy --learn on the board`)
  const kind = findAgent(settings.agent.name)
  if (request.agent !== undefined && request.agent !== kind.name)
    throw new FlyballError('ERR_USAGE', `${folder.dir} is a run of ${kind.name}, not of ${request.agent}; --resume goes on with the same agent`)
  const checkpoint = readGeneration(folder, request.previous)
  if (request.previous === true)
    events.note(`from the generation before the newest, of step ${checkpoint?.step}: what came after stands in the trace and is lived through again`)
  // What keeps the board safe is not settled once and for all.
  const guard = { ...(settings.env.guard ?? defaultGuard), ...request.board.guard }
  const session = await openSession({ ...settings, env: { ...settings.env, guard } }, { advise: false, onProblem: events.note })
  try {
    if (checkpoint !== undefined) checkFits(checkpoint, { spaces: session.env.spaces, board: session.open.boardId, network: session.open.networkId })
    const data = checkpoint === undefined ? {} : { data: checkpoint.agent.data }
    const agent = agentOf(kind.name, { ...agentInput(session, false), ...data }, folder.checkpoint)
    if (request.explain !== undefined) checkExplains(kind.name, agent)
    const before = readTraceEnd(folder.trace, traceHeader(session, { frozen: false, initial: null }, 0))
    const { nextStep, ended, torn } = before
    const from = checkpoint?.step ?? 0
    if (nextStep < from)
      throw new FlyballError('ERR_TRACE_MISMATCH', `${folder.trace} ends at step ${nextStep}, before its checkpoint (step ${from}): was it edited?`)
    const start = await session.env.reset({ seed: settings.seed, step: nextStep })
    const caught = await catchUp({
      agent,
      objective: session.objective,
      requirements: (checkpoint?.requirements ?? settings.requirements) as Requirements,
      entries: tail(folder.trace, from),
      next: start,
    })
    if (caught.mismatch !== undefined)
      throw new FlyballError(
        'ERR_TRACE_MISMATCH',
        `${folder.trace}: step ${caught.mismatch.step} is not what the agent of the checkpoint decides: was one of them edited?`,
      )
    // From here on nothing is refused any more: until here nothing was changed.
    const { writer } = appendTrace(folder.trace, before)
    if (torn !== undefined) events.note(`${torn.file}: line ${torn.line} was cut off by a crash and dropped`)
    // Killed right after a checkpoint: what its last decision led to is known to the checkpoint alone.
    if (!ended && nextStep === from && checkpoint?.next !== undefined) writer.segmentEnd(nextStep, checkpoint.next.observation, checkpoint.next.mask)
    if (caught.decisions > 0) events.note(`relived ${caught.decisions} decisions that the trace knows beyond the checkpoint`)
    events.note(resumeText(kind.name, nextStep, request.steps))
    const { result } = await learn({
      session,
      agent,
      folder,
      writer,
      start,
      from: nextStep,
      to: Math.max(nextStep, request.steps),
      events,
      explain: request.explain,
    })
    return result
  } finally {
    await session.env.close()
  }
}

function* tail(trace: string, from: number) {
  for (const entry of openTrace(trace).entries()) if (entry.step > from || (entry.step === from && entry.kind !== 'segmentEnd')) yield entry
}
