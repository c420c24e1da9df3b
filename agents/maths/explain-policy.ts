import type { Explanation, Limit, PredictedPoint } from '../../src/core/agent.ts'
import type { Requirements } from '../../src/core/outcome.ts'
import type { Mask, Observation, Spaces } from '../../src/core/spaces.ts'
import { reasons, type Take } from './circumstances.ts'
import { feasibleInstead } from './feasible.ts'

const runners = 3

/** A point of which an agent knows nothing. */
export const unknownPoint: Omit<PredictedPoint, 'action'> = {
  latencyS: Number.NaN,
  latencyHighS: Number.NaN,
  energyJ: Number.NaN,
  accuracy: Number.NaN,
  missRatio: Number.NaN,
  cost: Number.NaN,
  tried: false,
}

export interface PolicyQuestion {
  readonly spaces: Spaces
  readonly take: Take
  /** What the agent knows of a point at `observation`, asked after `take` saw that. Left out by a rule that compares no points. */
  readonly predict?: ((action: number) => Partial<PredictedPoint>) | undefined
  /** By what points are compared, least first. Default: their predicted cost. */
  readonly worth?: (point: PredictedPoint) => number
  readonly relaxed?: readonly Limit[]
  /** Needed where something is relaxed. */
  readonly requirements?: Requirements
  readonly observation: Observation
  readonly mask: Mask
  /** What was done, where chance had a say. */
  readonly action?: number | undefined
}

/** Explains any policy by what it would take, and what it predicts of points, as far as it predicts. Changes nothing. */
export function explainPolicy(question: PolicyQuestion): Explanation {
  const { spaces, take, predict, worth = ({ cost }) => cost, relaxed = [], requirements, observation, mask } = question
  const why = reasons(spaces, take, observation, mask)
  const taken = take(observation, mask)
  const action = question.action ?? taken
  const predicted = (i: number): PredictedPoint => ({ action: i, ...unknownPoint, ...predict?.(i) })
  const points = predict === undefined ? [] : Array.from(mask.keys()).flatMap((i) => (mask[i] === 1 ? [predicted(i)] : []))
  const key = new Map(points.map((point) => [point.action, worth(point)]))
  const keyOf = ({ action }: PredictedPoint): number => key.get(action) ?? Number.NaN
  // What is unknown comes last.
  const known = points.filter((point) => !Number.isNaN(keyOf(point))).sort((a, b) => keyOf(a) - keyOf(b))
  return {
    chosen: predicted(action),
    runnersUp: known.filter((point) => point.action !== action).slice(0, runners),
    trial: known[0] !== undefined && !((key.get(action) ?? Number.NaN) <= keyOf(known[0])),
    ...why,
    relaxed,
    feasible: requirements === undefined ? {} : feasibleInstead(relaxed, points, requirements),
  }
}
