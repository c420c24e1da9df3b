import { existsSync } from 'node:fs'
import { findAgent, findBoardAgent } from '../../agents/index.ts'
import { readOptions } from '../../agents/options.ts'
import { checkFits } from '../checkpoint/fits.ts'
import { readCheckpoint } from '../checkpoint/reader.ts'
import type { Checkpoint } from '../checkpoint/schema.ts'
import { saveCheckpoint } from '../checkpoint/writer.ts'
import type { Agent } from '../core/agent.ts'
import { systemClock } from '../core/clock.ts'
import { FlyballError } from '../core/errors.ts'
import type { ObjectiveSpec } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import type { NominalOutcome } from '../core/spaces.ts'
import { writeFileAtomic } from '../network/write-file.ts'
import { openTrace } from '../trace/reader.ts'
import { appendTrace, createTrace, type TraceWriter } from '../trace/writer.ts'
import type { RunEvents } from './events.ts'
import { clearRun, type Existing, prepareFolder, type RunFolder } from './folder.ts'
import { type LoopEnd, type LoopStart, runLoop } from './loop.ts'
import { type BoardRequest, boardEnv, openBoard, resolveBoard } from './open-board.ts'
import { profile } from './profile.ts'
import { makeRecorder } from './recorder.ts'
import { catchUp } from './reexecute.ts'
import { resolveWish, type Wish } from './request.ts'
import { agentInput, type LearningSession, openSession, type Session, sessionOf, traceHeader } from './session.ts'
import { type RunSettings, readSettings, settingsSchemaName } from './settings.ts'
import { makeTally, type RunSummary } from './tally.ts'
import { flyballVersion, versions } from './versions.ts'

export interface TrainRequest {
  readonly board: BoardRequest
  readonly network: string
  /** Default q-learning, or the run's own when it is resumed. */
  readonly agent?: string | undefined
  readonly agentOptions: Readonly<Record<string, number | boolean>>
  readonly wish: Wish
  readonly steps: number
  readonly seed: number
  readonly out: string
  readonly existing: Existing
}

/** Summary of a run, with where its files are. */
export interface RunResult extends RunSummary {
  readonly agent: string
  readonly checkpoint: string
  readonly trace: string
  /** What ended the run early; null when it took all its steps. */
  readonly stopped: string | null
  /** Requests dropped because the queue was full. */
  readonly dropped: number
  readonly requirements: Requirements
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
  const kind = findBoardAgent(request.agent ?? 'q-learning')
  const board = resolveBoard(request.board)
  const folder = prepareFolder(request.out, request.existing)
  const open = await openBoard(board, request.network, events.note)
  let session: Session | undefined
  try {
    const env = boardEnv(open, board, { requirements: { percentile: 99 }, advise: false })
    // A wrong hyperparameter is said before the profile, not after.
    if (kind.needs === undefined) kind.make({ spaces: env.spaces, seed: request.seed, options: request.agentOptions })
    else readOptions(kind.name, kind.options, request.agentOptions)
    const nominal = await profile(env, request.seed, events)
    const resolved = resolveWish(request.wish, nominal)
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
    }
    session = sessionOf(settings, open, false)
    const agent = kind.make(agentInput(session, false))
    clearRun(folder)
    writeFileAtomic(folder.settings, `${JSON.stringify(settings, null, 2)}\n`)
    const writer = createTrace(folder.trace, traceHeader(session, { frozen: false, initial: null }, 0))
    const start = await session.env.reset({ seed: request.seed })
    return await then({ session, ...(await learn({ session, agent, folder, writer, start, from: 0, to: request.steps, events })) })
  } finally {
    await (session?.env ?? open.runtime).close()
  }
}

/** Goes on with a run as if it had never stopped: from its checkpoint, reliving what the trace knows beyond it. */
async function resume(request: TrainRequest, events: RunEvents): Promise<RunResult> {
  const folder = prepareFolder(request.out, 'resume')
  const settings = readSettings(folder)
  if (settings.learnedOn !== undefined)
    throw new FlyballError('ERR_USAGE', `${folder.dir} learned on a table: flyball deploy --learn goes on on the board, --force starts over`)
  const kind = findAgent(settings.agent.name)
  if (request.agent !== undefined && request.agent !== kind.name)
    throw new FlyballError('ERR_USAGE', `${folder.dir} is a run of ${kind.name}, not of ${request.agent}; --resume goes on with the same agent`)
  const checkpoint = existsSync(folder.checkpoint) ? readCheckpoint(folder.checkpoint) : undefined
  const session = await openSession(settings, { advise: false, onProblem: events.note })
  try {
    if (checkpoint !== undefined) checkFits(checkpoint, { spaces: session.env.spaces, board: session.open.boardId, network: session.open.networkId })
    const agent = kind.make({ ...agentInput(session, false), ...(checkpoint === undefined ? {} : { data: checkpoint.agent.data }) })
    const { writer, nextStep, ended, torn } = appendTrace(folder.trace, traceHeader(session, { frozen: false, initial: null }, 0))
    if (torn !== undefined) events.note(`${torn.file}: line ${torn.line} was cut off by a crash and dropped`)
    const from = checkpoint?.step ?? 0
    if (nextStep < from)
      throw new FlyballError('ERR_TRACE_MISMATCH', `${folder.trace} ends at step ${nextStep}, before its checkpoint (step ${from}): was it edited?`)
    // Killed right after a checkpoint: what its last decision led to is known to the checkpoint alone.
    if (!ended && nextStep === from && checkpoint?.next !== undefined) writer.segmentEnd(nextStep, checkpoint.next.observation, checkpoint.next.mask)
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
    if (caught.decisions > 0) events.note(`relived ${caught.decisions} decisions that the trace knows beyond the checkpoint`)
    events.note(`going on with ${kind.name} at step ${nextStep}, under the settings in run.json`)
    const { result } = await learn({ session, agent, folder, writer, start, from: nextStep, to: Math.max(nextStep, request.steps), events })
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
  readonly writer: TraceWriter
  readonly start: LoopStart
  readonly from: number
  readonly to: number
  readonly events: RunEvents
}

/** Takes the steps, writes the trace, saves checkpoints and summary. */
export async function learn({ session, agent, folder, writer, start, from, to, events }: LearnInput): Promise<Learned> {
  const { env, objective, settings } = session
  const tally = makeTally(to - from)
  const recorder = makeRecorder(writer, env.spaces, settings.requirements as Requirements)
  let due: { readonly checkpoint: Checkpoint; readonly model: Uint8Array | undefined } | undefined
  let checkpoint = folder.checkpoint
  let end: LoopEnd

  const idle = (): void => {
    recorder.flush()
    if (due === undefined) return
    writer.sync()
    checkpoint = saveCheckpoint(folder.checkpoint, { ...due.checkpoint, trace: traceState(writer) }, due.model)
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
      onDecision: recorder.take,
      afterStep(next) {
        const { index } = next
        if ((index - from) % checkpointPeriod === 0)
          due = { checkpoint: { ...checkpointOf(session, agent, index), next: copyOf(next) }, model: agent.onnx?.() }
        if (env.whenIdle === undefined) idle()
        if (index % 10 === 0 || index === to) events.progress('learning', index, to, `mean cost ${tally.meanCost.toFixed(3)}`)
        return events.stopped() !== undefined
      },
    })
    recorder.flush()
    writer.segmentEnd(end.next, end.observation, end.mask)
    writer.sync()
    const last = { ...checkpointOf(session, agent, end.next), next: copyOf(end), trace: traceState(writer) }
    checkpoint = saveCheckpoint(folder.checkpoint, last, agent.onnx?.())
  } finally {
    recorder.flush()
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
