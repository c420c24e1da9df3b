import { FlyballError } from '../core/errors.ts'
import { fastestPoint, type ObjectiveKind, type ObjectiveSpec, type Weights } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import type { NominalOutcome } from '../core/spaces.ts'
import type { Deadline } from '../core/units.ts'

/** What an application asks, before it is known what the board can do: a deadline may still be a multiple. */
export interface Wish {
  readonly deadline?: Deadline | undefined
  /** Default 99. */
  readonly percentile?: number | undefined
  readonly energyBudgetJ?: number | undefined
  readonly accuracyFloor?: number | undefined
  readonly leastConfidence?: number | undefined
  /** Default `weighted`. */
  readonly objective?: ObjectiveKind | undefined
  /** Default `defaultWeights`. */
  readonly weights?: Weights | undefined
}

export const defaultWeights: Weights = { latency: 1, energy: 0.5, accuracy: 1, confidence: 0 }

/**
 * `1.3x` becomes 1.3 times the unloaded latency of the fastest point that meets the floor. That point is also the reference: its energy is the
 * unit of the energy term. Throws ERR_RANGE for a floor that no sub-network meets.
 */
export function resolveWish(wish: Wish, nominal: readonly NominalOutcome[]): { requirements: Requirements; objective: ObjectiveSpec } {
  const { deadline, percentile = 99, energyBudgetJ, accuracyFloor, leastConfidence } = wish
  const best = Math.max(...nominal.map((point) => point.accuracy))
  if (accuracyFloor !== undefined && accuracyFloor > best)
    throw new FlyballError('ERR_RANGE', `--accuracy-floor ${accuracyFloor} is above what the network reaches, expected at most ${best}`)
  const point = fastestPoint(nominal, accuracyFloor)
  const reference = { point, ...(nominal[point] as NominalOutcome) }
  const deadlineS = deadline === undefined ? undefined : 'seconds' in deadline ? deadline.seconds : deadline.times * reference.latencyS
  return {
    requirements: {
      percentile,
      ...(deadlineS === undefined ? {} : { deadlineS: Number(deadlineS.toPrecision(4)) }),
      ...(energyBudgetJ === undefined ? {} : { energyBudgetJ }),
      ...(accuracyFloor === undefined ? {} : { accuracyFloor }),
      ...(leastConfidence === undefined ? {} : { leastConfidence }),
    },
    objective: { kind: wish.objective ?? 'weighted', weights: wish.weights ?? defaultWeights, reference },
  }
}

/** `latency=1,energy=0.5,accuracy=1`; what is not named weighs 0. Throws ERR_USAGE or ERR_RANGE. */
export function parseWeights(text: string, where = '--weights'): Weights {
  const weights = { latency: 0, energy: 0, accuracy: 0, confidence: 0 }
  const names = Object.keys(weights)
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.split('=')
    if (!names.includes(name))
      throw new FlyballError('ERR_USAGE', `${where}: unknown weight '${name}', expected ${names.join(', ')}, e.g. latency=1,energy=0.5,accuracy=1`)
    const weight = value.trim() === '' ? Number.NaN : Number(value)
    if (!(weight >= 0 && Number.isFinite(weight)))
      throw new FlyballError('ERR_RANGE', `${where}: ${name} is '${value}', expected a number of at least 0`)
    weights[name as keyof typeof weights] = weight
  }
  if (Object.values(weights).every((weight) => weight === 0)) throw new FlyballError('ERR_RANGE', `${where}: all weights are 0, expected one above 0`)
  return weights
}
