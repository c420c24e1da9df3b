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
 * which no model of a median gives where deadlines cut. `decisions` in the log, as far as known.
 */
export async function makeJudge(log: Pick<TraceLog, 'header' | 'entries'>, decisions: number): Promise<Judge> {
  const { header } = log
  const objective = makeObjective(header.objective, header.nominal)
  const { actions: features, contextSize, context } = rewardFeatures(header.spaces, header.nominal, objective, header.requirements)
  const seen = new Float64Array(contextSize)
  const crossFit = makeCrossFit({ features, contextSize, rounds: decisions })
  await visitRewards(log, objective, {
    decision({ observation, action }, reward, requirements, round) {
      context(observation, requirements, seen)
      crossFit.learn(round, seen, action, reward)
    },
  })
  const { predict } = crossFit.fit()
  return {
    judge: (name, policy) =>
      judge(log, objective, name, policy, (record, requirements, round, out) => {
        context(record.observation, requirements, seen)
        predict(round, seen, out)
      }),
  }
}

type Predict = (record: Parameters<Visit>[0], requirements: Parameters<Visit>[2], round: number, out: Float64Array) => void
type Visit = Parameters<typeof visitRewards>[2]['decision']

async function judge(
  log: Pick<TraceLog, 'header' | 'entries'>,
  objective: Objective,
  name: string,
  policy: JudgedPolicy,
  predict: Predict,
): Promise<PolicyValue> {
  const { spaces, agent } = log.header
  const actions = spaces.points.length
  const evaluator = makeEvaluator({ hasPropensities: true, hasModel: true, actions })
  const support = makeSupportCollector(actions)
  const target = new Float64Array(actions)
  const model = new Float64Array(actions)
  const chunk = makeRoundColumns(chunkRounds)
  const terms = makeTerms(actions, chunkRounds)
  const learning = isLearning(agent)
  const weights = makeWeightHistogram()
  let floored = 0
  const flush = (): void => {
    evaluator.add(chunk)
    terms.flush(chunk.weight, chunk.length)
    chunk.length = 0
  }
  const { dropped } = await visitRewards(log, objective, {
    decision(record, reward, requirements, round, index) {
      const { action, mask, propensity, observation } = record
      policy.at?.(index)
      policy.distribution(observation, mask, target)
      terms.add(record.outcome)
      predict(record, requirements, round, model)
      support.add(action, target, record)
      const floor = learning ? flooredExploration / allowed(mask) : 0
      if (propensity < floor) floored++
      const i = chunk.length++
      chunk.reward[i] = reward
      const weight = (target[action] as number) / Math.max(propensity, floor)
      chunk.weight[i] = weight
      weights.add(weight)
      chunk.modelLogged[i] = model[action] as number
      chunk.modelTarget[i] = dot(target, model)
      if (chunk.length === chunkRounds) flush()
    },
    endRun() {
      flush()
      evaluator.endRun()
      terms.endRun()
    },
  })
  flush()
  const { verdict, rewardRange: _, warnings, ...evaluation } = evaluator.finish(support.support())
  const own = learning
    ? [
        `the log is of an agent that was learning: it changed along the way, and ${floored} of its propensities were raised to 1 % of uniform exploration`,
      ]
    : []
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

// Baselines and references decide by rule: their state is what they measure.
const byRule = ['alert', 'ladder', 'static', 'performance', 'powersave', 'ondemand', 'schedutil', 'random', 'oracle', 'planner']

/** An explorer is as fixed as the incumbent that it explores around. */
function isLearning({ name, frozen, initial }: TraceHeader['agent']): boolean {
  const incumbent = initial?.['incumbent'] as IncumbentSpec | undefined
  const decides = incumbent ?? { agent: name, frozen }
  return !decides.frozen && !byRule.includes(decides.agent)
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
