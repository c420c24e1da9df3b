import type { Agent } from '../core/agent.ts'
import { makeObjective } from '../core/objective.ts'
import { expectedValue } from '../ope/multi-step/fitted-q.ts'
import { questionText } from '../ope/question.ts'
import type { StateMoved } from '../ope/state-moved.ts'
import type { TraceLog } from '../trace/log.ts'
import { type RewardVisitor, visitRewards } from './logged-rewards.ts'
import { loggerOf } from './offline/logger.ts'
import { judgeOverHorizon, type MultiStepValue } from './offline/multi-step.ts'
import { judgeByRejection, type Rejection } from './offline/rejection.ts'
import { type ChosenModel, type ModelChoice, type ModelError, type ModelName, makeTraceModel } from './offline/reward-models.ts'
import { type DeclaredBounds, makeSequences, type SequenceInterval } from './offline/sequences.ts'
import { type LogShape, profileBefore, shapeOf } from './offline/shape.ts'
import { stateMovedIn } from './offline/state-moved.ts'
import type { JudgedPolicy } from './offline/steps.ts'
import { makeValuation, type Valued } from './offline/valuation.ts'
import { rewardFeatures } from './reward-features.ts'

/** What a policy would have been worth on a trace. Rewards are -cost a decision. */
export interface PolicyValue extends Valued {
  /** The reward model of the estimators that have one; null in rejection replay, which has none. */
  readonly model: ModelName | null
  /** Whether the log can answer for the next request alone, also where the verdict is of more. */
  readonly answersNextRequest: boolean
  /** Over several decisions, where that was asked: then the verdict is of that. */
  readonly overHorizon: MultiStepValue | null
  /** How the agent was judged where it learned along the log. */
  readonly rejection: Rejection | null
  /** Intervals that hold at all times, where bounds were declared. */
  readonly confidenceSequence: readonly SequenceInterval[]
}

export interface JudgeOptions {
  /** Default `ridge`. */
  readonly model?: ModelChoice
  /** Decisions that the verdict is about, 1 to 10. Default 1. */
  readonly horizon?: number
  readonly bounds?: DeclaredBounds
}

export interface Judge {
  /** The models that were in question for the reward, the best first. */
  readonly models: readonly ModelError[]
  /** Values a policy. Needs a pass over the log, and over a horizon one more a decision. */
  judge(name: string, policy: JudgedPolicy): Promise<PolicyValue>
  /** Values an agent that has learned nothing yet, as it learns from the log. Two passes. */
  judgeByRejection(name: string, agent: Agent): Promise<PolicyValue>
  /** Whether the log's actions move the state, by monitor. Two passes. */
  stateMoved(): Promise<StateMoved[]>
}

/** Learns the log's reward model, cross-fitted, which all policies share. `known`: the log's shape, which else takes a pass. */
export async function makeJudge(log: Pick<TraceLog, 'header' | 'entries'>, known?: LogShape, options: JudgeOptions = {}): Promise<Judge> {
  const { model: wanted = 'ridge', horizon = 1, bounds } = options
  const { header } = log
  const objective = makeObjective(header.objective, header.nominal)
  const shape = known ?? (await shapeOf(log))
  const hasPropensities = shape.propensities === 'logged'
  const features = rewardFeatures(header.spaces, profileBefore(header), objective, header.requirements)
  const logger = loggerOf(header)
  const { model, errors }: ChosenModel = await makeTraceModel(wanted, log, features, shape)

  const judgeNext = async (name: string, policy: JudgedPolicy) => {
    const valuation = makeValuation(header, true, hasPropensities)
    const target = new Float64Array(header.spaces.points.length)
    const predicted = new Float64Array(target.length)
    const sequences = bounds && hasPropensities ? makeSequences(features, bounds) : undefined
    const visitor: RewardVisitor = {
      decision(record, reward, requirements, round, index) {
        const { action, mask, propensity, observation } = record
        policy.at?.(index)
        policy.distribution(observation, mask, target)
        model.predict(record, requirements, round, index, predicted)
        const weight = (target[action] as number) / Math.max(propensity, logger.floor(record))
        const modelTarget = expectedValue(target, predicted)
        valuation.add({ record, reward, weight, target, modelLogged: predicted[action] as number, modelTarget })
        sequences?.add(record, requirements, reward, weight, target)
      },
      endRun: () => valuation.endRun(),
    }
    const { dropped } = await visitRewards(log, objective, visitor, shape.propensities)
    return { ...valuation.finish(name, dropped), confidenceSequence: sequences?.intervals() ?? [] }
  }

  return {
    models: errors,
    async judge(name, policy) {
      const { valued, support, confidenceSequence } = await judgeNext(name, policy)
      const answersNextRequest = valued.verdictCode !== 'cannotAnswer'
      const value = { ...valued, answersNextRequest, model: model.name, overHorizon: null, rejection: null, confidenceSequence }
      if (horizon === 1) return value
      const { value: overHorizon, verdict } = await judgeOverHorizon({ log, objective, features, policy, logger, horizon, shape }, support)
      return {
        ...value,
        overHorizon,
        questionCode: 'overHorizon',
        question: questionText('overHorizon', horizon),
        verdictCode: verdict.code,
        verdict: verdict.words,
      }
    },
    async judgeByRejection(name, agent) {
      const { valued, rejection } = await judgeByRejection(name, agent, log, objective)
      return {
        ...valued,
        answersNextRequest: valued.verdictCode !== 'cannotAnswer',
        model: null,
        overHorizon: null,
        rejection,
        confidenceSequence: [],
      }
    },
    stateMoved: () => stateMovedIn({ log, objective, features, logger, shape }),
  }
}
