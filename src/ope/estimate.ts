import { type Interval, interval95 } from '../core/statistics.ts'
import type { LoggedRounds } from './rounds.ts'

/** The value of a policy on somebody else's log. */
export interface Estimate {
  readonly estimator: string
  /** Mean of the contributions, with its 95 % interval (Student's t on the contributions). Reward per decision. */
  readonly value: Interval
  /** What each round adds: value and interval both come from these, so that they cannot disagree. */
  readonly contributions: Float64Array
}

export function estimateFrom(estimator: string, contributions: Float64Array): Estimate {
  return { estimator, value: interval95(contributions), contributions }
}

/** Importance weights: how much more the target policy wants the logged action than the log did. */
export function importanceWeights({ targetProbability, behaviourProbability }: LoggedRounds): Float64Array {
  return Float64Array.from(targetProbability, (target, i) => target / (behaviourProbability[i] as number))
}
