import { findAgent } from '../../agents/index.ts'
import { FlyballError } from '../core/errors.ts'
import { makeObjective, type ObjectiveSpec } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import { describePoint, type OperatingPoint } from '../core/spaces.ts'
import { makePointAverages, type PointAverage } from '../ope/point-averages.ts'
import type { TraceHeader } from '../trace/header.ts'
import { openLog, type TraceLog } from '../trace/log.ts'
import type { TornLine } from '../trace/reader.ts'
import { traceFile } from './folder.ts'
import { makeJudge, type PolicyValue } from './judge-policy.ts'
import { visitRewards } from './logged-rewards.ts'
import { type Judgement, type Logs, openLogs } from './offline/logs.ts'
import { type PolicyOrigin, readPolicy } from './offline/policies.ts'
import { type RewardStretch, rewardOverTime } from './offline/reward-over-time.ts'
import { type LogShape, shapeOf, whyNoAgent } from './offline/shape.ts'
import { type Reexecution, reexecute } from './reexecute.ts'

/** One trace, executed again. */
export interface ReplayedTrace {
  readonly trace: string
  readonly agent: string
  /** `exact` is null where there was no agent to run again, and `skipped` says why. */
  readonly execution: Reexecution & { readonly exact: boolean | null; readonly skipped?: string }
  readonly torn: TornLine | null
}

export interface JudgedValue extends PolicyValue {
  readonly origin: PolicyOrigin
}

export interface ReplayResult extends ReplayedTrace {
  /** Where there are several; the fields beside are of the first. */
  readonly traces: readonly ReplayedTrace[]
  readonly objective: ObjectiveSpec
  /** At the start of the first trace, with what was asked otherwise. */
  readonly requirements: Requirements
  /** Where the log has no propensities: what each point earned where it was taken, the most often taken first. Rewards are -cost a decision. */
  readonly averages: readonly (PointAverage & { readonly point: string })[]
  /** Mean logged reward over stretches of the log. */
  readonly rewardOverTime: readonly RewardStretch[]
  readonly policies: readonly JudgedValue[]
}

/** Runs the agents of traces again and compares every decision; then values policies on the logged states, judged otherwise where asked. */
export async function replay(traces: readonly string[], policies: readonly string[], judgement: Judgement = {}): Promise<ReplayResult> {
  const replayed: ReplayedTrace[] = []
  for (const trace of traces) replayed.push(await executeAgain(traceFile(trace)))
  const [first] = replayed
  if (first === undefined) throw new FlyballError('ERR_USAGE', "missing argument 'trace': expected a trace, or the folder of a run")
  const logs = await openLogs(traces, judgement)
  try {
    const { objective, requirements } = logs.header
    return { ...first, traces: replayed, objective, requirements, ...(await judged(policies, logs)) }
  } finally {
    logs.close()
  }
}

async function executeAgain(trace: string): Promise<ReplayedTrace> {
  const log = await openLog(trace)
  try {
    const { header } = log
    const execution = header.runs === undefined ? await runAgain(header, log) : await countOnly(header, log)
    return { trace, agent: header.agent.name, execution, torn: log.torn() ?? null }
  } finally {
    log.close()
  }
}

async function runAgain(header: TraceHeader, log: TraceLog): Promise<ReplayedTrace['execution']> {
  const execution = await reexecute(header, log.entries(), findAgent(header.agent.name).make)
  return { ...execution, exact: execution.firstMismatch === undefined }
}

async function countOnly(header: TraceHeader, log: TraceLog): Promise<ReplayedTrace['execution']> {
  let decisions = 0
  let overridden = 0
  for await (const entry of log.entries())
    if (entry.kind === 'decision') {
      decisions++
      if (entry.executedAction !== entry.action) overridden++
    }
  return { decisions, reproduced: 0, overridden, exact: null, skipped: `it ${whyNoAgent(header)}` }
}

async function judged(policies: readonly string[], logs: Logs): Promise<Pick<ReplayResult, 'averages' | 'rewardOverTime' | 'policies'>> {
  if (policies.length === 0) return { averages: [], rewardOverTime: [], policies: [] }
  const shape = await shapeOf(logs)
  // What cannot be read or does not fit is said before anything is learned.
  const named = policies.map((policy) => readPolicy(policy, logs, shape))
  const { judge } = await makeJudge(logs, shape)
  const values: JudgedValue[] = []
  for (const { name, origin, warnings, make } of named) {
    const value = await judge(name, await make())
    values.push({ ...value, origin, warnings: [...warnings, ...value.warnings] })
  }
  const averages = shape.propensities === 'unknown' ? await averagesOf(logs, shape) : []
  return { averages, rewardOverTime: await rewardOverTime(logs, shape), policies: values }
}

async function averagesOf(logs: Logs, { decisions }: LogShape): Promise<ReplayResult['averages']> {
  const { objective, nominal, spaces } = logs.header
  const averages = makePointAverages(spaces.points.length, decisions)
  await visitRewards(
    logs,
    makeObjective(objective, nominal),
    { decision: ({ action }, reward, _, round) => averages.add(round, action, reward) },
    'unknown',
  )
  return averages.averages().map((average) => ({ ...average, point: describePoint(spaces.points[average.action] as OperatingPoint) }))
}
