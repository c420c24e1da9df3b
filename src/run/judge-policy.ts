import { findAgent } from '../../agents/index.ts'
import type { Agent, IncumbentSpec } from '../core/agent.ts'
import { makeObjective, type Objective } from '../core/objective.ts'
import { type Evaluation, makeEvaluator } from '../ope/evaluate.ts'
import { makeCrossFit } from '../ope/models/cross-fit.ts'
import { makeRoundColumns } from '../ope/rounds.ts'
import { makeSupportCollector } from '../ope/support.ts'
import type { VerdictCode } from '../ope/verdict.ts'
import type { TraceHeader } from '../trace/header.ts'
import type { TraceLog } from '../trace/log.ts'
import { visitRewards } from './logged-rewards.ts'
import { type LogShape, profileBefore, shapeOf } from './offline/shape.ts'
import { makeTerms, makeWeightHistogram, type OutcomeTerms, type WeightBin } from './offline/terms.ts'
import { rewardFeatures } from './reward-features.ts'

/** What a frozen policy would have been worth on the logged states. Rewards are -cost a decision. */
export interface PolicyValue extends Omit<Evaluation, 'verdict' | 'rewardRange'> {
  readonly policy: string
  /** What the policy's decisions would have been like, each by self-normalised weights, beside what was logged. */
  readonly terms: OutcomeTerms
  /** How many rounds have how large a weight: bins of factors of two. */
  readonly weightHistogram: readonly WeightBin[]
  /** Decisions without a propensity, which an override took, and without an outcome: estimators cannot use them. */
  readonly dropped: number
  /** Decisions whose propensity was raised to the floor. */
  readonly floored: number
  readonly verdictCode: VerdictCode
  /** In words: what can be believed. */
  readonly verdict: string
}

/** A policy that is asked for its distribution alone. */
export interface JudgedPolicy extends Pick<Agent, 'distribution'> {
  /** The next question is about this decision of the log, counted from 0; for policies that differ from stretch to stretch. */
  at?(index: number): void
}

export interface Judge {
  /** Values a policy. Needs a pass over the log. */
  judge(name: string, policy: JudgedPolicy): Promise<PolicyValue>
}

// A learning agent's propensities can fall towards 0, and a single such decision would outweigh the log: none counts as less likely than 1 % of uniform exploration would make it.
const flooredExploration = 0.01
const chunkRounds = 1024

/**
 * Learns the log's reward model, cross-fitted, which all policies share. The model is of the reward itself, not of latency and energy: estimators need its mean alone,
 * which no model of a median gives where deadlines cut. `known`: the log's shape, which else takes a pass.
 */
export async function makeJudge(log: Pick<TraceLog, 'header' | 'entries'>, known?: LogShape): Promise<Judge> {
  const { header } = log
  const objective = makeObjective(header.objective, header.nominal)
  const shape = known ?? (await shapeOf(log))
  const { actions: features, contextSize, context } = rewardFeatures(header.spaces, profileBefore(header), objective, header.requirements)
  const seen = new Float64Array(contextSize)
  // Several runs are folds by themselves: what is alike within a run is never seen by its own model.
  const byRun = shape.runStarts.length >= fewestRunsOfFolds
  const crossFit = makeCrossFit({ features, contextSize, rounds: byRun ? shape.runStarts.length : shape.decisions })
  const unitOf = byRun ? runOf(shape) : (_: number, round: number): number => round
  await visitRewards(
    log,
    objective,
    {
      decision({ observation, action }, reward, requirements, round, index) {
        context(observation, requirements, seen)
        crossFit.learn(unitOf(index, round), seen, action, reward)
      },
    },
    shape.propensities,
  )
  const { predict } = crossFit.fit()
  return {
    judge: (name, policy) =>
      judge(log, objective, shape.propensities, name, policy, (record, requirements, round, index, out) => {
        context(record.observation, requirements, seen)
        predict(unitOf(index, round), seen, out)
      }),
  }
}

/** As many as there are folds. */
const fewestRunsOfFolds = 5

/** Run of a decision; fastest where decisions are asked for in their order. */
function runOf({ runStarts }: LogShape): (index: number) => number {
  let run = 0
  return (index) => {
    if (index < (runStarts[run] as number)) run = 0
    while (index >= (runStarts[run + 1] ?? Number.POSITIVE_INFINITY)) run++
    return run
  }
}

const withoutPropensities =
  'no decision has a propensity: only the reward model (dm) speaks, and its interval does not know how wrong it is. Log with which probability each choice was made, or record with --explore, and the other estimators answer'

type Predict = (record: Parameters<Visit>[0], requirements: Parameters<Visit>[2], round: number, index: number, out: Float64Array) => void
type Visit = Parameters<typeof visitRewards>[2]['decision']

async function judge(
  log: Pick<TraceLog, 'header' | 'entries'>,
  objective: Objective,
  propensities: LogShape['propensities'],
  name: string,
  policy: JudgedPolicy,
  predict: Predict,
): Promise<PolicyValue> {
  const { spaces } = log.header
  const actions = spaces.points.length
  const hasPropensities = propensities === 'logged'
  const evaluator = makeEvaluator({ hasPropensities, hasModel: true, actions })
  const support = makeSupportCollector(actions)
  const target = new Float64Array(actions)
  const model = new Float64Array(actions)
  const chunk = makeRoundColumns(chunkRounds)
  const terms = makeTerms(actions, chunkRounds)
  const learning = isLearning(log.header)
  const weights = makeWeightHistogram()
  let floored = 0
  const flush = (): void => {
    evaluator.add(chunk)
    terms.flush(chunk.weight, chunk.length)
    chunk.length = 0
  }
  const visitor: Parameters<typeof visitRewards>[2] = {
    decision(record, reward, requirements, round, index) {
      const { action, mask, propensity, observation } = record
      policy.at?.(index)
      policy.distribution(observation, mask, target)
      terms.add(record.outcome)
      predict(record, requirements, round, index, model)
      support.add(action, target, record)
      const floor = learning ? flooredExploration / allowed(mask) : 0
      if (propensity < floor) floored++
      const i = chunk.length++
      chunk.reward[i] = reward
      const weight = (target[action] as number) / Math.max(propensity, floor)
      chunk.weight[i] = weight
      if (hasPropensities) weights.add(weight)
      chunk.modelLogged[i] = model[action] as number
      chunk.modelTarget[i] = dot(target, model)
      if (chunk.length === chunkRounds) flush()
    },
    endRun() {
      flush()
      evaluator.endRun()
      terms.endRun()
    },
  }
  const { dropped } = await visitRewards(log, objective, visitor, propensities)
  flush()
  const { verdict, rewardRange: _, warnings, ...evaluation } = evaluator.finish(support.support())
  const own = learning
    ? [
        `the log is of an agent that was learning: it changed along the way, and ${floored} of its propensities were raised to 1 % of uniform exploration`,
      ]
    : []
  if (!hasPropensities) own.push(withoutPropensities)
  return {
    policy: name,
    ...evaluation,
    terms: terms.values(),
    weightHistogram: weights.bins(),
    warnings: [...own, ...warnings],
    dropped,
    floored,
    verdictCode: verdict.code,
    verdict: verdict.words,
  }
}

/** Whether what decided went on learning. An explorer is as fixed as the incumbent that it explores around. */
export function isLearning({ agent: { name, frozen, initial }, runs }: Pick<TraceHeader, 'agent' | 'runs'>): boolean {
  if (runs !== undefined) return runs.some(({ learning }) => learning)
  const incumbent = initial?.['incumbent'] as IncumbentSpec | undefined
  const decides = incumbent ?? { agent: name, frozen }
  return !decides.frozen && findAgent(decides.agent).rule === undefined
}

function allowed(mask: Uint8Array): number {
  let count = 0
  for (const bit of mask) count += bit
  return count
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}
