/**
 * A stretch of a bandit log as estimators see it, one entry per round in the order of time; entries from `length` on are not used.
 *
 * - `reward`: what the logged action earned.
 * - `weight`: target(a | x) / behaviour(a | x) of the logged action; NaN in a log without propensities.
 * - `modelLogged`: the reward model's q(x, a) of the logged action; NaN without a model.
 * - `modelTarget`: sum over actions of target(a | x) q(x, a); NaN without a model.
 */
export interface RoundColumns {
  length: number
  readonly reward: Float64Array
  readonly weight: Float64Array
  readonly modelLogged: Float64Array
  readonly modelTarget: Float64Array
}

export function makeRoundColumns(capacity: number): RoundColumns {
  const column = (): Float64Array => new Float64Array(capacity)
  return { length: 0, reward: column(), weight: column(), modelLogged: column(), modelTarget: column() }
}
