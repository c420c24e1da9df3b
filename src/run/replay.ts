import { findAgent } from '../../agents/index.ts'
import { FlyballError } from '../core/errors.ts'
import type { ObjectiveSpec } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import { openLog } from '../trace/log.ts'
import type { TornLine } from '../trace/reader.ts'
import { traceFile } from './folder.ts'
import { makeJudge, type PolicyValue } from './judge-policy.ts'
import { type Judgement, type Logs, openLogs } from './offline/logs.ts'
import { type PolicyOrigin, readPolicy } from './offline/policies.ts'
import { type RewardStretch, rewardOverTime } from './offline/reward-over-time.ts'
import { type Reexecution, reexecute } from './reexecute.ts'

/** One trace, executed again. */
export interface ReplayedTrace {
  readonly trace: string
  readonly agent: string
  readonly execution: Reexecution & { readonly exact: boolean }
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
  const decisions = replayed.reduce((sum, { execution }) => sum + execution.decisions, 0)
  const logs = await openLogs(traces, judgement)
  try {
    const { objective, requirements } = logs.header
    return {
      ...first,
      traces: replayed,
      objective,
      requirements,
      rewardOverTime: policies.length === 0 ? [] : await rewardOverTime(logs, decisions),
      policies: await judged(policies, logs, decisions),
    }
  } finally {
    logs.close()
  }
}

async function executeAgain(trace: string): Promise<ReplayedTrace> {
  const log = await openLog(trace)
  try {
    const { header } = log
    const execution = await reexecute(header, log.entries(), findAgent(header.agent.name).make)
    return { trace, agent: header.agent.name, execution: { ...execution, exact: execution.firstMismatch === undefined }, torn: log.torn() ?? null }
  } finally {
    log.close()
  }
}

async function judged(policies: readonly string[], logs: Logs, decisions: number): Promise<JudgedValue[]> {
  if (policies.length === 0) return []
  // What cannot be read or does not fit is said before anything is learned.
  const named = policies.map((policy) => readPolicy(policy, logs, decisions))
  const { judge } = await makeJudge(logs, decisions)
  const values: JudgedValue[] = []
  for (const { name, origin, make } of named) values.push({ ...(await judge(name, await make())), origin })
  return values
}
