import { findAgent } from '../../agents/index.ts'
import { FlyballError } from '../core/errors.ts'
import type { ObjectiveSpec } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import type { StateMoved } from '../ope/state-moved.ts'
import { openLog } from '../trace/log.ts'
import type { TornLine } from '../trace/reader.ts'
import { traceFile } from './folder.ts'
import { makeJudge, type PolicyValue } from './judge-policy.ts'
import { declaredWeightBound } from './offline/logger.ts'
import { type Judgement, type Logs, openLogs } from './offline/logs.ts'
import { type NamedPolicy, type PolicyOrigin, readPolicy } from './offline/policies.ts'
import type { ModelChoice, ModelError } from './offline/reward-models.ts'
import { type RewardStretch, rewardOverTime } from './offline/reward-over-time.ts'
import { movedMonitors } from './offline/state-moved.ts'
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

/** How policies are to be judged. */
export interface JudgeSettings {
  /** Whether an agent is trained on other folds and frozen, or learns as it goes, from the decisions that it would have taken. Default `folds`. */
  readonly judge?: 'folds' | 'rejection'
  /** Default `ridge`. */
  readonly model?: ModelChoice
  /** Decisions that the verdict is about, 1 to 10. Default 1. */
  readonly horizon?: number
  /** What rewards, which are -cost, lie between, whatever the log holds: with it, intervals are given that hold at all times. */
  readonly rewardRange?: readonly [low: number, high: number]
  /** What no importance weight exceeds; default: what the recording was told to explore, where that says so. */
  readonly weightBound?: number
}

export interface ReplayResult extends ReplayedTrace {
  /** Where there are several; the fields beside are of the first. */
  readonly traces: readonly ReplayedTrace[]
  readonly objective: ObjectiveSpec
  /** At the start of the first trace, with what was asked otherwise. */
  readonly requirements: Requirements
  /** Mean logged reward over stretches of the log. */
  readonly rewardOverTime: readonly RewardStretch[]
  /** Reward models that were in question, the best first; empty without policies. */
  readonly models: readonly ModelError[]
  /** Whether the log's actions move heat and queue; empty without policies, and where the log does not show them. */
  readonly stateMoved: readonly StateMoved[]
  /** What to ask beside; null where there is nothing. */
  readonly advice: string | null
  readonly policies: readonly JudgedValue[]
}

/** Runs the agents of traces again and compares every decision; then values policies on the logged states, judged otherwise where asked. */
export async function replay(
  traces: readonly string[],
  policies: readonly string[],
  judgement: Judgement = {},
  settings: JudgeSettings = {},
): Promise<ReplayResult> {
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
      ...(await judged(policies, logs, decisions, settings)),
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

type Judged = Pick<ReplayResult, 'models' | 'stateMoved' | 'advice' | 'policies'>

async function judged(policies: readonly string[], logs: Logs, decisions: number, settings: JudgeSettings): Promise<Judged> {
  if (policies.length === 0) return { models: [], stateMoved: [], advice: null, policies: [] }
  // What cannot be read or does not fit is said before anything is learned.
  const named = policies.map((policy) => readPolicy(policy, logs, decisions))
  const { model, horizon = 1, judge: how } = settings
  if (how === 'rejection') checkRejection(named, settings)
  const bounds = boundsOf(settings, logs)
  const judge = await makeJudge(logs, decisions, { ...(model === undefined ? {} : { model }), horizon, ...(bounds === undefined ? {} : { bounds }) })
  const values: JudgedValue[] = []
  for (const { name, origin, make, fresh } of named)
    if (how === 'rejection' && fresh !== undefined)
      values.push({
        ...(await judge.judgeByRejection(name, fresh())),
        origin: 'learning from the decisions that it would have taken: rejection replay',
      })
    else values.push({ ...(await judge.judge(name, await make())), origin })
  const stateMoved = await judge.stateMoved()
  return { models: judge.models, stateMoved, advice: adviceOn(movedMonitors(stateMoved), horizon), policies: values }
}

function checkRejection(named: readonly NamedPolicy[], { horizon = 1, model, rewardRange }: JudgeSettings): void {
  const still = named.find(({ fresh }) => fresh === undefined)
  if (still !== undefined)
    throw new FlyballError(
      'ERR_USAGE',
      `--judge rejection: ${still.name} does not learn, expected agents that do, e.g. --policy linucb, or --judge folds`,
    )
  if (horizon > 1 || model !== undefined || rewardRange !== undefined)
    throw new FlyballError(
      'ERR_USAGE',
      '--judge rejection values single decisions without a model: expected no --horizon, --model or --reward-range beside it',
    )
}

function boundsOf({ rewardRange, weightBound }: JudgeSettings, { header, paths }: Logs) {
  if (rewardRange === undefined) {
    if (weightBound !== undefined) throw new FlyballError('ERR_USAGE', '--weight-bound: expected --reward-range LOW,HIGH as well; rewards are -cost')
    return undefined
  }
  const weight = weightBound ?? declaredWeightBound(header)
  if (weight === undefined)
    throw new FlyballError(
      'ERR_USAGE',
      `--reward-range: ${paths[0]} was not recorded with a share that every action is sure of, so that weights have no bound by themselves, expected --weight-bound W`,
    )
  return { weight, reward: rewardRange }
}

function adviceOn(moved: readonly string[], horizon: number): string | null {
  if (moved.length === 0 || horizon > 1) return null
  return `decisions of this log move ${moved.join(' and ')}: what a policy does there comes back to it later, which the estimates here leave out; ask --horizon 5 as well`
}
