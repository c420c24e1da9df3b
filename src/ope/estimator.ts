/** What one round adds to an estimate. Reused by its maker. */
export interface Terms {
  direct: number
  weighted: number
  normaliser: number
}

/**
 * Every estimator here is V = sum(direct) / n + sum(weighted) / sum(normaliser), so that sums over blocks of rounds are all that values,
 * intervals and paired differences need, however long the log.
 */
export interface Estimator {
  readonly name: string
  /** Where a weight is clipped, switched off or shrunk. */
  readonly hyperparameter?: number
  readonly needsWeight: boolean
  readonly needsModel: boolean
  /** Fills `out` for one round of RoundColumns. Pure; no allocation. */
  terms(reward: number, weight: number, modelLogged: number, modelTarget: number, out: Terms): void
}

export const makeTerms = (): Terms => ({ direct: 0, weighted: 0, normaliser: 0 })
