import { findAgent } from '../../agents/index.ts'
import { FlyballError } from '../core/errors.ts'
import { makeObjective, type ObjectiveSpec } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import { describePoint, type OperatingPoint } from '../core/spaces.ts'
import { makePointAverages, type PointAverage } from '../ope/point-averages.ts'
import type { StateMoved } from '../ope/state-moved.ts'
import type { TraceHeader } from '../trace/header.ts'
import { openLog, type TraceLog } from '../trace/log.ts'
import type { TornLine } from '../trace/reader.ts'
import { traceFile } from './folder.ts'
import { makeJudge, type PolicyValue } from './judge-policy.ts'
import { visitRewards } from './logged-rewards.ts'
import { declaredWeightBound } from './offline/logger.ts'
import { type Judgement, type Logs, openLogs } from './offline/logs.ts'
import { type NamedPolicy, type PolicyOrigin, readPolicy } from './offline/policies.ts'
import type { ModelChoice, ModelError } from './offline/reward-models.ts'
import { type RewardStretch, rewardOverTime } from './offline/reward-over-time.ts'
import { type LogShape, shapeOf, whyNoAgent } from './offline/shape.ts'
import { movedMonitors } from './offline/state-moved.ts'
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
  /** Where the log has no propensities: what each point earned where it was taken, the most often taken first. Rewards are -cost a decision. */
  readonly averages: readonly (PointAverage & { readonly point: string })[]
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
  const logs = await openLogs(traces, judgement)
  try {
    const { objective, requirements } = logs.header
    return { ...first, traces: replayed, objective, requirements, ...(await judged(policies, logs, settings)) }
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

type Judged = Pick<ReplayResult, 'averages' | 'rewardOverTime' | 'models' | 'stateMoved' | 'advice' | 'policies'>

async function judged(policies: readonly string[], logs: Logs, settings: JudgeSettings): Promise<Judged> {
  if (policies.length === 0) return { averages: [], rewardOverTime: [], models: [], stateMoved: [], advice: null, policies: [] }
  const shape = await shapeOf(logs)
  // What cannot be read or does not fit is said before anything is learned.
  const named = policies.map((policy) => readPolicy(policy, logs, shape))
  const { model, horizon = 1, judge: how } = settings
  if (how === 'rejection') checkRejection(named, settings, shape)
  const bounds = boundsOf(settings, logs)
  const judge = await makeJudge(logs, shape, { ...(model === undefined ? {} : { model }), horizon, ...(bounds === undefined ? {} : { bounds }) })
  const values: JudgedValue[] = []
  for (const { name, warnings, origin: as, make, fresh } of named) {
    const agent = how === 'rejection' ? fresh?.() : undefined
    const value = agent === undefined ? await judge.judge(name, await make()) : await judge.judgeByRejection(name, agent)
    const origin = agent === undefined ? as : 'learning from the decisions that it would have taken: rejection replay'
    values.push({ ...value, origin, warnings: [...warnings, ...value.warnings] })
  }
  const stateMoved = await judge.stateMoved()
  return {
    averages: shape.propensities === 'unknown' ? await averagesOf(logs, shape) : [],
    rewardOverTime: await rewardOverTime(logs, shape),
    models: judge.models,
    stateMoved,
    advice: adviceOn(movedMonitors(stateMoved), horizon),
    policies: values,
  }
}

function checkRejection(named: readonly NamedPolicy[], { horizon = 1, model, rewardRange }: JudgeSettings, { propensities }: LogShape): void {
  if (propensities === 'unknown')
    throw new FlyballError('ERR_USAGE', '--judge rejection rests on propensities, and this log has none, expected --judge folds')
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
