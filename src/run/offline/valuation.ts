import { type Evaluation, makeEvaluator } from '../../ope/evaluate.ts'
import { type QuestionCode, questionText } from '../../ope/question.ts'
import { makeRoundColumns } from '../../ope/rounds.ts'
import { makeSupportCollector, type Support } from '../../ope/support.ts'
import type { VerdictCode } from '../../ope/verdict.ts'
import type { TraceHeader } from '../../trace/header.ts'
import type { DecisionRecord } from '../../trace/record.ts'
import { loggerOf } from './logger.ts'
import { makeTerms, makeWeightHistogram, type OutcomeTerms, type WeightBin } from './terms.ts'

/** What a policy would have been worth on the states of a trace, decision by decision. Rewards are -cost a decision. */
export interface Valued extends Omit<Evaluation, 'verdict' | 'rewardRange'> {
  readonly policy: string
  /** What the policy's decisions would have been like, each by self-normalised weights, beside what was logged. */
  readonly terms: OutcomeTerms
  /** How many rounds have how large a weight: bins of factors of two. */
  readonly weightHistogram: readonly WeightBin[]
  /** Decisions without a propensity, which an override took, and without an outcome: estimators cannot use them. */
  readonly dropped: number
  /** Decisions whose propensity was raised to the floor. */
  readonly floored: number
  /** Which question the verdict answers, as a code and in words. */
  readonly questionCode: QuestionCode
  readonly question: string
  readonly verdictCode: VerdictCode
  /** In words: what can be believed. */
  readonly verdict: string
}

export interface Round {
  readonly record: DecisionRecord
  readonly reward: number
  readonly weight: number
  readonly target: Float64Array
  /** As in RoundColumns; NaN without a model. */
  readonly modelLogged: number
  readonly modelTarget: number
}

export interface Valuation {
  add(round: Round): void
  endRun(): void
  finish(policy: string, dropped: number): { readonly valued: Valued; readonly support: Support }
}

const chunkRounds = 1024
const withoutPropensities =
  'no decision has a propensity: only the reward model (dm) speaks, and its interval does not know how wrong it is. Log with which probability each choice was made, or record with --explore, and the other estimators answer'

/** Gathers the rounds of one pass over a trace. */
export function makeValuation(header: TraceHeader, hasModel: boolean, hasPropensities = true): Valuation {
  const actions = header.spaces.points.length
  const evaluator = makeEvaluator({ hasPropensities, hasModel, actions })
  const support = makeSupportCollector(actions)
  const chunk = makeRoundColumns(chunkRounds)
  const terms = makeTerms(actions, chunkRounds)
  const weights = makeWeightHistogram()
  const logger = loggerOf(header)
  let floored = 0
  const flush = (): void => {
    evaluator.add(chunk)
    terms.flush(chunk.weight, chunk.length)
    chunk.length = 0
  }
  return {
    add({ record, reward, weight, target, modelLogged, modelTarget }) {
      terms.add(record.outcome)
      support.add(record.action, target, record)
      if (record.propensity < logger.floor(record)) floored++
      const i = chunk.length++
      chunk.reward[i] = reward
      chunk.weight[i] = weight
      if (hasPropensities) weights.add(weight)
      chunk.modelLogged[i] = modelLogged
      chunk.modelTarget[i] = modelTarget
      if (chunk.length === chunkRounds) flush()
    },
    endRun() {
      flush()
      evaluator.endRun()
      terms.endRun()
    },
    finish(policy, dropped) {
      flush()
      const { verdict, rewardRange: _, warnings, ...evaluation } = evaluator.finish(support.support())
      const own = logger.learning
        ? [
            `the log is of an agent that was learning: it changed along the way, and ${floored} of its propensities were raised to 1 % of uniform exploration`,
          ]
        : []
      if (!hasPropensities) own.push(withoutPropensities)
      const valued: Valued = {
        policy,
        ...evaluation,
        terms: terms.values(),
        weightHistogram: weights.bins(),
        warnings: [...own, ...warnings],
        dropped,
        floored,
        questionCode: 'nextRequest',
        question: questionText('nextRequest'),
        verdictCode: verdict.code,
        verdict: verdict.words,
      }
      return { valued, support: evaluation.support }
    },
  }
}
