import type { Checkpoint } from '../checkpoint/schema.ts'
import { saveCheckpoint } from '../checkpoint/writer.ts'
import type { Agent } from '../core/agent.ts'
import { systemClock } from '../core/clock.ts'
import { costText } from '../core/cost-text.ts'
import type { ObjectiveSpec } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import type { NominalOutcome } from '../core/spaces.ts'
import { writeFileAtomic } from '../network/write-file.ts'
import type { TraceHeader } from '../trace/header.ts'
import type { RotatingTrace } from '../trace/rotating.ts'
import type { TraceWriter } from '../trace/writer.ts'
import type { RunEvents } from './events.ts'
import type { RunFolder } from './folder.ts'
import { type LoopEnd, type LoopStart, runLoop } from './loop.ts'
import { type KnobNote, makeObserver, type ObserverState, type SensorNote } from './observer.ts'
import type { LearningSession } from './session.ts'
import { makeTally, type RunSummary } from './tally.ts'
import { flyballVersion } from './versions.ts'
import type { ExplainWhen, Noticed } from './watch.ts'

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
  /** Sensors that were doubted or believed again, the last hundred. */
  readonly sensors: readonly SensorNote[]
}

// A checkpoint costs some milliseconds of a time when no request waits; a kill costs reliving at most this many decisions from the trace.
const checkpointPeriod = 250

/** What came of the steps. */
export interface Learned {
  readonly agent: Agent
  readonly result: RunResult
  readonly end: LoopEnd
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
    // Who goes on from here, also by way of a later generation, goes on before the end.
    const trace = traceState(writer)
    writer.segmentEnd(end.next, end.observation, end.mask)
    writer.sync()
    const last = { ...checkpointOf(session, agent, end.next), next: copyOf(end), ...observed(), trace }
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
