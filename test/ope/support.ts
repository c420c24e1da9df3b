import { type Evaluation, type EvaluatorOptions, makeEvaluator } from '../../src/ope/evaluate.ts'
import type { RoundColumns } from '../../src/ope/rounds.ts'
import type { Support } from '../../src/ope/support.ts'

export const columnsOf = (
  reward: readonly number[],
  weight: readonly number[],
  modelLogged: readonly number[] = reward.map(() => Number.NaN),
  modelTarget: readonly number[] = modelLogged,
): RoundColumns => ({
  length: reward.length,
  reward: Float64Array.from(reward),
  weight: Float64Array.from(weight),
  modelLogged: Float64Array.from(modelLogged),
  modelTarget: Float64Array.from(modelTarget),
})

export const fullSupport: Support = { neverTried: 0, impossible: 0, concentration: 1 }

/** An evaluation of rounds that are all there. */
export function evaluate(columns: RoundColumns, options: Partial<EvaluatorOptions> = {}, support = fullSupport): Evaluation {
  const evaluator = makeEvaluator({ hasPropensities: true, hasModel: true, actions: 2, draws: 199, ...options })
  evaluator.add(columns)
  return evaluator.finish(support)
}

export const estimateOf = ({ estimates }: Evaluation, name: string): number => estimates.find(({ estimator }) => estimator === name)?.value as number
