import type { RoundColumns } from './rounds.ts'

/**
 * Every estimator here is V = mean of q(target), where it has a model, + sum(terms) / sum(per), so that sums over blocks of rounds are all that values,
 * intervals and paired differences need, however long the log.
 */
export interface Estimator {
  readonly name: string
  /** Where a weight is clipped, switched off or shrunk. */
  readonly hyperparameter?: number
  readonly needsWeight: boolean
  /** It adds to the mean of RoundColumns.modelTarget. */
  readonly needsModel: boolean
  /** What the sum of terms is divided by: the number of rounds, or the sum of weights. */
  readonly per: 'round' | 'weight'
  /** Writes the terms of rounds `from` to before `to` to `out`, from its start. */
  terms(rounds: RoundColumns, from: number, to: number, out: Float64Array): void
}

/** What the model missed of a round. */
export function residual({ reward, modelLogged }: RoundColumns, i: number): number {
  return (reward[i] as number) - (modelLogged[i] as number)
}
