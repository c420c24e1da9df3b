import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { agentOf, findAgent, findBoardAgent } from '../../agents/index.ts'
import { readOptions } from '../../agents/options.ts'
import { checkFits } from '../checkpoint/fits.ts'
import { readCheckpoint } from '../checkpoint/reader.ts'
import type { Checkpoint } from '../checkpoint/schema.ts'
import { policyFile, saveCheckpoint } from '../checkpoint/writer.ts'
import type { Agent } from '../core/agent.ts'
import { systemClock } from '../core/clock.ts'
import { costText } from '../core/cost-text.ts'
import { FlyballError } from '../core/errors.ts'
import type { GuardSettings } from '../core/guard.ts'
import type { ObjectiveSpec } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import type { NominalOutcome } from '../core/spaces.ts'
import { writeFileAtomic } from '../network/write-file.ts'
import type { TraceHeader } from '../trace/header.ts'
import { openTrace } from '../trace/reader.ts'
import { beginTrace, type RotatingTrace } from '../trace/rotating.ts'
import { appendTrace, readTraceEnd, type TraceWriter } from '../trace/writer.ts'
import { type RunEvents, resumeText } from './events.ts'
import { checkExplains } from './explained.ts'
import { clearRun, type Existing, prepareFolder, type RunFolder } from './folder.ts'
import { readIncumbent } from './incumbent.ts'
import { type LoopEnd, type LoopStart, runLoop } from './loop.ts'
import { type KnobNote, makeObserver, type ObserverState, type SensorNote } from './observer.ts'
import { type BoardRequest, boardEnv, defaultGuard, openBoard, resolveBoard } from './open-board.ts'
import { profile } from './profile.ts'
import { catchUp } from './reexecute.ts'
import { resolveWish, type Wish } from './request.ts'
import { agentInput, type LearningSession, openSession, type Session, sessionOf, traceHeader } from './session.ts'
import { type RunSettings, readSettings, settingsSchemaName } from './settings.ts'
import { makeTally, type RunSummary } from './tally.ts'
import { tellInfeasible } from './tell-infeasible.ts'
import { type AskedTransfer, readTransfer } from './transfer.ts'
import { flyballVersion, versions } from './versions.ts'
import type { ExplainWhen, Noticed } from './watch.ts'

export interface TrainRequest {
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
  readonly steps: number
  readonly seed: number
  readonly out: string
  readonly existing: Existing
  /** Of a recording: whom `explorer` explores around (run/incumbent.ts). */
  readonly incumbent?: string | undefined
  /** Bound on the trace, B; the oldest decisions go. Default: none. */
  readonly maxSizeB?: number | undefined
  /** Decisions that are explained; default none. */
  readonly explain?: ExplainWhen | undefined
}

/** Summary of a run, with where its files are. */
export interface RunResult extends RunSummary, Noticed {
  readonly agent: string
  readonly checkpoint: string
  readonly trace: string
  /** What ended the run early; null when it took all its steps. */
  readonly stopped: string | null
  /** Requests dropped because the queue was full. */
  readonly dropped: number
  readonly requirements: Requirements
  readonly objective: ObjectiveSpec
  /** What became of knobs that somebody else wrote, or that heat or firmware held, the last hundred. */
  readonly knobs: readonly KnobNote[]
  /** Sensors that were doubted, believed again or found, the last hundred. */
  readonly sensors: readonly SensorNote[]
}

// A checkpoint costs some milliseconds of a time when no request waits; a kill costs reliving at most this many decisions from the trace.
const checkpointPeriod = 250

/** A run that has taken its steps, with the board still open. */
export interface Trained extends Learned {
  readonly session: Session
}

/** What came of the steps. */
export interface Learned {
  readonly agent: Agent
  readonly result: RunResult
  readonly end: LoopEnd
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
      network: request.network,
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

/** Goes on with a run as if it had never stopped: from its checkpoint, reliving what the trace knows beyond it. */
async function resume(request: TrainRequest, events: RunEvents): Promise<RunResult> {
  if (request.transfer !== undefined)
    throw new FlyballError('ERR_USAGE', '--transfer: a run that is resumed has its prior already, expected --transfer without --resume')
  const folder = prepareFolder(request.out, 'resume')
  const settings = readSettings(folder)
  if (settings.learnedOn !== undefined)
    throw new FlyballError('ERR_USAGE', `${folder.dir} learned on a table: resumeOnGround goes on there, flyball deploy --learn on the board`)
  const kind = findAgent(settings.agent.name)
  if (request.agent !== undefined && request.agent !== kind.name)
    throw new FlyballError('ERR_USAGE', `${folder.dir} is a run of ${kind.name}, not of ${request.agent}; --resume goes on with the same agent`)
  const checkpoint = existsSync(join(folder.checkpoint, policyFile)) ? readCheckpoint(folder.checkpoint) : undefined
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

interface LearnInput {
  readonly session: LearningSession
  readonly agent: Agent
  readonly folder: RunFolder
  readonly writer: TraceWriter | RotatingTrace
  /** That of the trace; the next parts of a rotating one get theirs from it. */
  readonly header?: TraceHeader
  readonly start: LoopStart
  readonly from: number
  readonly to: number
  readonly events: RunEvents
  readonly explain: ExplainWhen | undefined
  /** Of the run that it goes on with, where it lives through the same world. */
  readonly state?: ObserverState | undefined
}

/** Takes the steps, writes the trace, saves checkpoints and summary. */
export async function learn({ session, agent, folder, writer, header, start, from, to, events, explain, state }: LearnInput): Promise<Learned> {
  const { env, objective, settings } = session
  const tally = makeTally(to - from)
  const observer = makeObserver({ session, agent, writer, explain, state, events })
  let due: { readonly checkpoint: Checkpoint; readonly model: Uint8Array | undefined } | undefined
  let checkpoint = folder.checkpoint
  let end: LoopEnd

  // A board's world goes on while nobody looks; the others stand still, and a resumed run goes on in the very middle of them.
  const observed = () => (env.whenIdle === undefined ? { observer: observer.save() } : {})
  const idle = (): void => {
    observer.write()
    if (due === undefined) return
    writer.sync()
    checkpoint = saveCheckpoint(folder.checkpoint, { ...due.checkpoint, ...observed(), trace: traceState(writer) }, due.model)
    due = undefined
  }
  env.whenIdle?.(() => {
    idle()
    agent.idle?.()
  })
  try {
    end = await runLoop({
      env,
      agent,
      objective,
      clock: systemClock,
      tally,
      start,
      from,
      to,
      onChoice: observer.chosen,
      onDecision: observer.take,
      afterStep(next) {
        const { index } = next
        observer.learned(index)
        if (index % checkpointPeriod === 0)
          due = { checkpoint: { ...checkpointOf(session, agent, index), next: copyOf(next) }, model: agent.onnx?.() }
        if (env.whenIdle === undefined) idle()
        if (header !== undefined) observer.rotate(header, index)
        if (index % 10 === 0 || index === to)
          events.progress(
            settings.agent.name === 'explorer' ? 'logging' : 'learning',
            index,
            to,
            `mean cost ${costText(tally.meanCost, settings.objective)}`,
          )
        return events.stopped() !== undefined
      },
    })
    observer.write()
    writer.segmentEnd(end.next, end.observation, end.mask)
    writer.sync()
    const last = { ...checkpointOf(session, agent, end.next), next: copyOf(end), ...observed(), trace: traceState(writer) }
    checkpoint = saveCheckpoint(folder.checkpoint, last, agent.onnx?.())
  } finally {
    observer.write()
    writer.close()
  }
  const result: RunResult = {
    agent: settings.agent.name,
    ...tally.summary(session.open.runtime.meter.scope),
    checkpoint,
    trace: folder.trace,
    stopped: events.stopped() ?? null,
    dropped: env.dropped ?? 0,
    requirements: settings.requirements as Requirements,
    objective: settings.objective as ObjectiveSpec,
    ...observer.noticed(),
  }
  writeFileAtomic(folder.summary, `${JSON.stringify(result, null, 2)}\n`)
  return { agent, result, end }
}

/** Everything needed to go on from here. */
export function checkpointOf({ settings, open, env }: LearningSession, agent: Agent, step: number): Checkpoint {
  return {
    flyball: flyballVersion(),
    agent: { ...settings.agent, data: agent.save() },
    spaces: env.spaces,
    board: open.boardId,
    network: open.networkId,
    objective: settings.objective as ObjectiveSpec,
    requirements: settings.requirements as Requirements,
    nominal: settings.nominal as NominalOutcome[],
    step,
    seed: settings.seed,
  }
}

const copyOf = ({ observation, mask }: LoopStart): LoopStart => ({ observation: observation.slice(), mask: mask.slice() })

const traceState = (writer: TraceWriter) => ({ file: 'trace.jsonl', records: writer.records(), sizeB: writer.sizeB() })
