import { FlyballError } from '../../core/errors.ts'
import { type ActionFeatures, addRound, fitRidge, type Moments, makeMoments, type RewardModel } from '../models/ridge.ts'
import { longestHorizon } from './trajectory.ts'

/** A context that a decision led to, and the target policy's distribution there. */
export interface LoggedState {
  readonly context: Float64Array
  readonly target: Float64Array
}

/** A decision of a log and what it led to. May be reused from call to call. */
export interface LoggedStep extends Pick<LoggedState, 'context'> {
  /** Part of the log that it lies in, from 0. */
  readonly fold: number
  readonly action: number
  readonly reward: number
  /** Undefined where the log does not say: such a step teaches its reward only at the last decision of a stretch. */
  readonly next: LoggedState | undefined
}

/** A log that can be read again and again, always in the same order. */
export interface LoggedSteps {
  pass(visit: (step: LoggedStep) => void): void | Promise<void>
}

export interface FittedQOptions {
  readonly features: ActionFeatures
  readonly contextSize: number
  /** Decisions, 1 to 10. */
  readonly horizon: number
  /** Parts of the log; with one, the model learns from all of it. */
  readonly folds: number
  /** Default 1. */
  readonly discount?: number
}

/**
 * Fitted-Q evaluation (Le, Voloshin, Yue, "Batch policy learning under constraints", ICML 2019) over a finite horizon, with ridge regression on contexts, action
 * features and their products: backwards from the last decision,
 *
 *     Q_1 = fit(r),   Q_h = fit(r + discount sum_a target(a | s') Q_{h-1}(s', a))
 *
 * `[fold][h - 1]` is what h decisions earn, the first as given and the others the target's, learned without the rewards of that fold: of a step in it, the Q of the
 * fold has seen nothing but the context that the step before led to. One pass over the log a decision; memory does not grow with it. Needs no propensities; as wrong as the features are poor.
 */
export async function fittedQ(steps: LoggedSteps, { features, contextSize, horizon, folds, discount = 1 }: FittedQOptions): Promise<RewardModel[][]> {
  checkHorizon(horizon)
  const q = new Float64Array(features.actions)
  const models = Array.from({ length: folds }, (): RewardModel[] => [])
  for (let h = 1; h <= horizon; h++) {
    const moments = models.map(() => makeMoments(features.actions, contextSize))
    await steps.pass(({ fold, context, action, reward, next }) => {
      if (h > 1 && next === undefined) return
      models.forEach((earlier, of) => {
        if (of === fold && folds > 1) return
        const later = earlier.at(-1)
        const rest = later === undefined || next === undefined ? 0 : discount * valueAt(later, next)
        addRound(moments[of] as Moments, context, action, reward + rest)
      })
    })
    models.forEach((earlier, of) => {
      earlier.push(fitRidge([moments[of] as Moments], features, contextSize))
    })
  }
  return models

  function valueAt(model: RewardModel, { context, target }: LoggedState): number {
    model.predict(context, q)
    return expectedValue(target, q)
  }
}

/** Throws ERR_RANGE. */
export function checkHorizon(horizon: number): void {
  if (!(Number.isInteger(horizon) && horizon >= 1 && horizon <= longestHorizon))
    throw new FlyballError('ERR_RANGE', `a horizon of ${horizon} decisions, expected 1 to ${longestHorizon}`)
}

/** Sum over actions of target(a | s) Q(s, a). */
export function expectedValue(distribution: Float64Array, q: Float64Array): number {
  let sum = 0
  for (let a = 0; a < q.length; a++) {
    const share = distribution[a] as number
    if (share !== 0) sum += share * (q[a] as number)
  }
  return sum
}
