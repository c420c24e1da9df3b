import { findAgent } from '../../../agents/index.ts'
import type { Agent } from '../../core/agent.ts'
import { FlyballError } from '../../core/errors.ts'
import { makeObjective } from '../../core/objective.ts'
import type { Requirements } from '../../core/outcome.ts'
import { makeCrossFit } from '../../ope/models/cross-fit.ts'
import type { TraceLog } from '../../trace/log.ts'
import type { DecisionRecord } from '../../trace/record.ts'
import { type RewardVisitor, visitRewards } from '../logged-rewards.ts'
import type { RewardFeatures } from '../reward-features.ts'
import { crossTrain } from './folds.ts'
import type { LogShape } from './shape.ts'

/** What a reward model can be: ridge regression, or what an agent of ours believes that points cost. */
export const modelNames = ['ridge', 'bayes', 'linucb'] as const
export type ModelName = (typeof modelNames)[number]
/** `auto`: the one whose predictions of the log's rewards have the least squared error. */
export type ModelChoice = ModelName | 'auto'

/** Expected reward of every point at a decision, by a model that has not learned from that. */
export interface TraceModel {
  readonly name: ModelName
  predict(record: DecisionRecord, requirements: Requirements, round: number, index: number, out: Float64Array): void
}

/** How far a model was off: root mean squared error of its predictions of logged rewards, each by a model that had not seen it. */
export interface ModelError {
  readonly model: ModelName
  readonly error: number
}

export interface ChosenModel {
  readonly model: TraceModel
  /** Of each that was in question; the best first. */
  readonly errors: readonly ModelError[]
}

interface Log extends Pick<TraceLog, 'header' | 'entries'> {}

/** Learns the reward models of a trace, cross-fitted, and takes one. */
export async function makeTraceModel(choice: ModelChoice, log: Log, features: RewardFeatures, shape: LogShape): Promise<ChosenModel> {
  const candidates: { model: TraceModel; error: number }[] = []
  for (const name of choice === 'auto' ? modelNames : [choice]) {
    const model = name === 'ridge' ? await ridgeOf(log, features, shape) : await beliefsOf(name, log, shape)
    candidates.push({ model, error: await errorOf(model, log, shape) })
  }
  // What cannot predict comes last.
  const byError = candidates.sort((a, b) => (Number.isNaN(a.error) ? 1 : Number.isNaN(b.error) ? -1 : a.error - b.error))
  const { model, error } = byError[0] as (typeof byError)[number]
  if (model.name !== 'ridge' && Number.isNaN(error))
    throw new FlyballError('ERR_USAGE', `--model ${model.name}: the log is too short to learn it from, expected --model ridge`)
  return { model, errors: byError.map((one) => ({ model: one.model.name, error: one.error })) }
}

/** Of the reward itself, not of latency and energy: estimators need its mean alone, which no model of a median gives where deadlines cut. */
async function ridgeOf(log: Log, { actions, contextSize, context }: RewardFeatures, shape: LogShape): Promise<TraceModel> {
  const seen = new Float64Array(contextSize)
  // Several runs are folds by themselves: what is alike within a run is never seen by its own model.
  const byRun = shape.runStarts.length >= fewestRunsOfFolds
  const crossFit = makeCrossFit({ features: actions, contextSize, rounds: byRun ? shape.runStarts.length : shape.decisions })
  const unitOf = byRun ? runOf(shape) : (_: number, round: number): number => round
  const visitor: RewardVisitor = {
    decision({ observation, action }, reward, requirements, round, index) {
      context(observation, requirements, seen)
      crossFit.learn(unitOf(index, round), seen, action, reward)
    },
  }
  await visitRewards(log, objectiveOf(log), visitor, shape.propensities)
  const { predict } = crossFit.fit()
  return {
    name: 'ridge',
    predict({ observation }, requirements, round, index, out) {
      context(observation, requirements, seen)
      predict(unitOf(index, round), seen, out)
    },
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

/** What an agent, trained on the other folds and frozen, believes that points cost. */
async function beliefsOf(name: Exclude<ModelName, 'ridge'>, log: Log, shape: LogShape): Promise<TraceModel> {
  const trained = await crossTrain(findAgent(name), log, shape)
  return {
    name,
    predict({ observation }, _, __, index, out) {
      const { costs } = trained.at(index) as Agent & Required<Pick<Agent, 'costs'>>
      costs(observation, out)
      for (let a = 0; a < out.length; a++) out[a] = -(out[a] as number)
    },
  }
}

async function errorOf({ predict }: TraceModel, log: Log, { propensities }: LogShape): Promise<number> {
  const out = new Float64Array(log.header.spaces.points.length)
  let squares = 0
  const visitor: RewardVisitor = {
    decision(record, reward, requirements, round, index) {
      predict(record, requirements, round, index, out)
      squares += (reward - (out[record.action] as number)) ** 2
    },
  }
  const { rounds } = await visitRewards(log, objectiveOf(log), visitor, propensities)
  return Math.sqrt(squares / rounds)
}

const objectiveOf = ({ header }: Log) => makeObjective(header.objective, header.nominal)
