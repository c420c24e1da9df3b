import { type ActionFeatures, addRound, fitRidge, makeMoments, type RewardModel } from './ridge.ts'

/** A reward model that at every round knows earlier ones alone, as an interval that holds at all times needs it. */
export interface ProgressiveModel {
  /** Expected outcome of every action; 0 at first. */
  predict(context: ArrayLike<number>, out: Float64Array): void
  /** After the prediction of the same round. */
  learn(context: ArrayLike<number>, action: number, outcome: number): void
}

const firstFit = 50
const growth = 1.3

/** Ridge regression, fitted anew whenever the log has grown by a third: so long a log costs few fits. Memory does not grow with it. */
export function makeProgressive(features: ActionFeatures, contextSize: number): ProgressiveModel {
  const moments = makeMoments(features.actions, contextSize)
  let model: RewardModel | undefined
  let nextFit = firstFit
  return {
    predict(context, out) {
      if (model === undefined) out.fill(0)
      else model.predict(context, out)
    },
    learn(context, action, outcome) {
      addRound(moments, context, action, outcome)
      if (moments.rounds < nextFit) return
      model = fitRidge([moments], features, contextSize)
      nextFit = Math.ceil(moments.rounds * growth)
    },
  }
}
