import type { RoundColumns } from '../rounds.ts'

/**
 * A stretch of consecutive decisions, the first to the last: rewards and weights as in RoundColumns; `modelLogged` and `modelTarget` are Q(s, a) and V(s) of
 * the target for all that is left of the stretch, this decision included.
 */
export type Trajectory = Pick<RoundColumns, 'length' | 'reward' | 'weight' | 'modelLogged' | 'modelTarget'>

/** Weights multiply along a stretch: beyond, hardly a log is worth anything. */
export const longestHorizon = 10
