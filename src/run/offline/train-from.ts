import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import { findBoardAgent } from '../../../agents/index.ts'
import { saveCheckpoint } from '../../checkpoint/writer.ts'
import type { AgentInput } from '../../core/agent.ts'
import { FlyballError } from '../../core/errors.ts'
import { makeObjective } from '../../core/objective.ts'
import type { Requirements } from '../../core/outcome.ts'
import { writeFileAtomic } from '../../network/write-file.ts'
import type { TraceHeader } from '../../trace/header.ts'
import type { RunEvents } from '../events.ts'
import { clearRun, type Existing, prepareFolder, type RunFolder, runFolder } from '../folder.ts'
import { makeJudge, type PolicyValue } from '../judge-policy.ts'
import { priorCostOf } from '../reexecute.ts'
import { boardSettings, type RunSettings, readSettings, settingsSchemaName } from '../settings.ts'
import { networkNamed } from '../shipped.ts'
import { flyballVersion, versions } from '../versions.ts'
import { learnFromLog } from './learn.ts'
import { type Judgement, type Logs, openLogs } from './logs.ts'
import { importedEnv } from './shape.ts'

export interface TrainFromRequest extends Pick<Judgement, 'objective' | 'weights'> {
  readonly traces: readonly string[]
  readonly agent: string
  readonly agentOptions: Readonly<Record<string, number | boolean>>
  /** Of the network that the checkpoint is to govern, where no run.json beside the trace says it. */
  readonly network: string
  readonly seed: number
  readonly out: string
  readonly existing: Existing
}

export interface TrainFromResult {
  readonly agent: string
  readonly traces: readonly string[]
  /** Decisions learned from, and how often the agent went through them. */
  readonly decisions: number
  readonly passes: number
  /** Decisions that could not be learned from. */
  readonly dropped: number
  /** Last decisions of the log, which the agent has not seen, and what its frozen policy is worth on them. */
  readonly heldOut: PolicyValue & { readonly decisions: number }
  readonly checkpoint: string
  /** Whether `flyball deploy` can put it in charge: the log is of a board. */
  readonly deployable: boolean
}

const heldOutRatio = 0.2
/** Fewer decisions are no log. */
const leastDecisions = 10

/**
 * Learns from logs alone, without a board, and values what was learned on the last fifth of them, which it has not seen. Leaves a folder with a checkpoint, and with run.json where the log is of a board.
 * Throws ERR_TRACE_MISMATCH for logs that do not fit together or are too short, and what opening logs and agents throws.
 */
export async function trainFrom(request: TrainFromRequest, events: RunEvents): Promise<TrainFromResult> {
  if (request.existing === 'resume') throw new FlyballError('ERR_USAGE', '--resume: learning from logs begins anew, expected --force to start over')
  const kind = findBoardAgent(request.agent)
  const logs = await openLogs(request.traces, { objective: request.objective, weights: request.weights })
  try {
    const { header } = logs
    const agent = kind.make(inputOf(header, request))
    const total = await count(logs)
    if (total < leastDecisions)
      throw new FlyballError(
        'ERR_TRACE_MISMATCH',
        `${logs.paths.join(', ')}: ${total} decisions are too few to learn from, expected at least ${leastDecisions}`,
      )
    const split = Math.ceil(total * (1 - heldOutRatio))
    const objective = makeObjective(header.objective, header.nominal)
    const passes = kind.passes ?? 1
    let learned = { decisions: 0, dropped: 0 }
    for (let pass = 0; pass < passes; pass++) {
      if (events.stopped() !== undefined) throw new FlyballError('ERR_INTERRUPTED', 'interrupted while learning: nothing was kept')
      learned = await learnFromLog(agent, objective, logs.entries(), { from: 0, to: split })
      events.progress('learning', pass + 1, passes, `${learned.decisions} decisions`)
    }
    const data = agent.save()
    const frozen = kind.make({ ...inputOf(header, request), data, frozen: true })
    const { judge } = await makeJudge({ ...logs, entries: () => tail(logs, split) })
    const value = await judge(kind.name, frozen)
    const folder = prepareFolder(request.out, request.existing)
    clearRun(folder)
    const deployable = writeSettings(folder, header, request, logs)
    const checkpoint = saveCheckpoint(
      folder.checkpoint,
      {
        flyball: flyballVersion(),
        agent: { name: kind.name, options: request.agentOptions, data },
        ...partsOf(header),
        step: split,
        seed: request.seed,
      },
      agent.onnx?.(),
    )
    const result: TrainFromResult = {
      agent: kind.name,
      traces: logs.paths,
      ...learned,
      passes,
      heldOut: { ...value, decisions: total - split },
      checkpoint,
      deployable,
    }
    writeFileAtomic(folder.summary, `${JSON.stringify(result, null, 2)}\n`)
    return result
  } finally {
    logs.close()
  }
}

const inputOf = (header: TraceHeader, { agentOptions, seed }: TrainFromRequest): AgentInput => {
  const { spaces, objective, requirements } = header
  const judge = makeObjective(objective, header.nominal)
  const input = { spaces, seed, options: agentOptions, objective: judge }
  // Of an imported log the profile is its own mean, which the held-out part is in.
  if (header.env.name === importedEnv) return input
  return { ...input, nominal: header.nominal, priorCost: priorCostOf(judge, header.nominal, requirements) }
}

const partsOf = ({ spaces, board, network, objective, requirements, nominal }: TraceHeader) => ({
  spaces,
  board,
  network,
  objective,
  requirements,
  nominal,
})

async function count(logs: Logs): Promise<number> {
  let decisions = 0
  for await (const { kind } of logs.entries()) if (kind === 'decision') decisions++
  return decisions
}

/** Entries from a decision on, with the requirements that hold there. */
async function* tail(logs: Logs, from: number) {
  let index = 0
  for await (const entry of logs.entries()) {
    if (entry.kind === 'decision' && index++ < from) continue
    if (entry.kind === 'decision' || entry.kind === 'requirements') yield entry
  }
}

/** run.json, with which `deploy` opens the board; false where the log is of something that cannot be governed. */
function writeSettings(folder: RunFolder, header: TraceHeader, { network, seed, agent, agentOptions }: TrainFromRequest, { paths }: Logs): boolean {
  const env = v.safeParse(boardSettings, header.env.options)
  if (header.env.name !== 'board' || !env.success) return false
  const settings: RunSettings = {
    schema: settingsSchemaName,
    createdAt: new Date().toISOString(),
    versions: versions(),
    seed,
    env: env.output,
    network: networkNamed(networkBeside(paths[0] as string) ?? network),
    agent: { name: agent, options: { ...agentOptions } },
    requirements: header.requirements as RunSettings['requirements'] & Requirements,
    objective: header.objective,
    nominal: [...header.nominal],
  }
  writeFileAtomic(folder.settings, `${JSON.stringify(settings, null, 2)}\n`)
  return true
}

/** What the run that wrote the trace was started with; a deployment's trace lies one folder further down. */
function networkBeside(trace: string): string | undefined {
  for (const dir of [dirname(trace), join(dirname(trace), '..')]) {
    const folder = runFolder(dir)
    if (existsSync(folder.settings)) return readSettings(folder).network
  }
  return undefined
}
