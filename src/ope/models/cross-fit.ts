import { type ActionFeatures, addRound, fitRidge, makeMoments, type RewardModel } from './ridge.ts'

export interface CrossFitSettings {
  readonly features: ActionFeatures
  readonly contextSize: number
  /** Rounds of the log, as far as known: they are cut into four blocks of time per fold. */
  readonly rounds: number
  /** Default 5. */
  readonly folds?: number
}

export interface CrossFit {
  /** Rounds in the order of time, counted from 0. */
  learn(round: number, context: ArrayLike<number>, action: number, outcome: number): void
  /** To be called after the last `learn`. The model that predicts a round has not seen it, nor the rounds around it. */
  fit(): { predict(round: number, context: ArrayLike<number>, out: Float64Array): void }
}

const blocksPerFold = 4

/**
 * Cross-fitting (Chernozhukov et al., "Double/debiased machine learning", Econometrics Journal 2018): every round is predicted by a model of the other
 * folds, so that a model that follows its own noise cannot hide it. Folds are of whole blocks of time: neighbours are alike, and a model that
 * has seen the neighbours has seen the round. Memory does not grow with the log.
 */
export function makeCrossFit({ features, contextSize, rounds, folds = 5 }: CrossFitSettings): CrossFit {
  const blockRounds = Math.max(1, Math.ceil(rounds / (folds * blocksPerFold)))
  const foldOf = (round: number): number => Math.floor(round / blockRounds) % folds
  const moments = Array.from({ length: folds }, () => makeMoments(features.actions, contextSize))
  return {
    learn(round, context, action, outcome) {
      addRound(moments[foldOf(round)] as (typeof moments)[number], context, action, outcome)
    },
    fit() {
      const models = moments.map((_, fold) =>
        fitRidge(
          moments.filter((_, other) => other !== fold),
          features,
          contextSize,
        ),
      )
      return { predict: (round, context, out) => (models[foldOf(round)] as RewardModel).predict(context, out) }
    },
  }
}
