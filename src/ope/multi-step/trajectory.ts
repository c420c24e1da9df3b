import { FlyballError } from '../../core/errors.ts'
import type { RoundColumns } from '../rounds.ts'

/**
 * A stretch of consecutive decisions, the first to the last: rewards and weights as in RoundColumns; `modelLogged` and `modelTarget` are Q(s, a) and V(s) of
 * the target for all that is left of the stretch, this decision included.
 */
export type Trajectory = Pick<RoundColumns, 'length' | 'reward' | 'weight' | 'modelLogged' | 'modelTarget'>

/** Weights multiply along a stretch: beyond, hardly a log is worth anything. */
export const longestHorizon = 10

/** Cuts rounds into stretches of `horizon` decisions that share the columns' memory; what is left at the end is not used. Throws ERR_RANGE. */
export function cutTrajectories({ length, reward, weight, modelLogged, modelTarget }: RoundColumns, horizon: number): Trajectory[] {
  if (!(Number.isInteger(horizon) && horizon >= 1 && horizon <= longestHorizon))
    throw new FlyballError('ERR_RANGE', `a horizon of ${horizon} decisions, expected 1 to ${longestHorizon}`)
  return Array.from({ length: Math.floor(length / horizon) }, (_, i) => {
    const of = (column: Float64Array): Float64Array => column.subarray(i * horizon, (i + 1) * horizon)
    return { length: horizon, reward: of(reward), weight: of(weight), modelLogged: of(modelLogged), modelTarget: of(modelTarget) }
  })
}
