import { FlyballError } from '../../core/errors.ts'
import { type ActionFeatures, addRound, fitRidge, makeMoments, type RewardModel } from '../models/ridge.ts'
import { longestHorizon } from './trajectory.ts'

/** A log as steps from context to context. */
export interface Transitions {
  readonly length: number
  readonly contextSize: number
  /** `contexts[i * contextSize + k]`; one row more than steps: what step i leads to is row i + 1, unless an end came between. */
  readonly contexts: Float64Array
  readonly action: ArrayLike<number>
  readonly reward: ArrayLike<number>
  /** 1 where the next row is no consequence of this one: such a step teaches its reward only at the last decision of a stretch. */
  readonly end: ArrayLike<number>
  /** The target policy's distribution at row i. */
  target(row: number, out: Float64Array): void
}

export interface FittedQOptions {
  readonly features: ActionFeatures
  /** Decisions, 1 to 10. */
  readonly horizon: number
  /** Default 1. */
  readonly discount?: number
}

/**
 * Fitted-Q evaluation (Le, Voloshin, Yue, "Batch policy learning under constraints", ICML 2019) over a finite horizon, with ridge regression on contexts, action
 * features and their products: backwards from the last decision,
 *
 *     Q_1 = fit(r),   Q_h = fit(r + discount sum_a target(a | s') Q_{h-1}(s', a))
 *
 * Returns Q_1 … Q_horizon, Q_h being what h decisions earn, the first as given and the others the target's. Needs no propensities; as wrong as the features are poor.
 */
export function fittedQ(transitions: Transitions, { features, horizon, discount = 1 }: FittedQOptions): RewardModel[] {
  if (!(Number.isInteger(horizon) && horizon >= 1 && horizon <= longestHorizon))
    throw new FlyballError('ERR_RANGE', `a horizon of ${horizon} decisions, expected 1 to ${longestHorizon}`)
  const { length, contextSize, contexts, action, reward, end } = transitions
  const q = new Float64Array(features.actions)
  const distribution = new Float64Array(features.actions)
  const row = (i: number): Float64Array => contexts.subarray(i * contextSize, (i + 1) * contextSize)
  const models: RewardModel[] = []
  for (let h = 1; h <= horizon; h++) {
    const moments = makeMoments(features.actions, contextSize)
    const later = models.at(-1)
    for (let i = 0; i < length; i++) {
      if (later !== undefined && end[i] === 1) continue
      const rest = later === undefined ? 0 : discount * valueAt(later, row(i + 1), i + 1)
      addRound(moments, row(i), action[i] as number, (reward[i] as number) + rest)
    }
    models.push(fitRidge([moments], features, contextSize))
  }
  return models

  function valueAt(model: RewardModel, context: Float64Array, at: number): number {
    model.predict(context, q)
    transitions.target(at, distribution)
    return expectedValue(distribution, q)
  }
}

/** Sum over actions of target(a | s) Q(s, a). */
export function expectedValue(distribution: Float64Array, q: Float64Array): number {
  let sum = 0
  for (let a = 0; a < q.length; a++) sum += (distribution[a] as number) * (q[a] as number)
  return sum
}
