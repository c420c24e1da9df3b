import { describePoint, type NominalOutcome, type OperatingPoint } from '../core/spaces.ts'

/** An operating point in words, and what it gave. */
export interface ParetoPoint {
  readonly point: string
  readonly latencyS: number
  /** J; null where unknown. */
  readonly energyJ: number | null
  readonly accuracy: number | null
}

/** Of the points `among`, those that no other one beats in latency, energy and accuracy at once, the fastest first. What is unknown decides nothing. */
export function paretoOf(points: readonly OperatingPoint[], outcomes: readonly NominalOutcome[], among: readonly number[]): ParetoPoint[] {
  const outcomeOf = (a: number): NominalOutcome => outcomes[a] as NominalOutcome
  return among
    .filter((a) => !among.some((b) => beats(outcomeOf(b), outcomeOf(a))))
    .sort((a, b) => outcomeOf(a).latencyS - outcomeOf(b).latencyS)
    .map((a) => {
      const { latencyS, energyJ, accuracy } = outcomeOf(a)
      return { point: describePoint(points[a] as OperatingPoint), latencyS, energyJ: orNull(energyJ), accuracy: orNull(accuracy) }
    })
}

function beats(one: NominalOutcome, other: NominalOutcome): boolean {
  const gains = [other.latencyS - one.latencyS, other.energyJ - one.energyJ, one.accuracy - other.accuracy].filter((gain) => !Number.isNaN(gain))
  return gains.every((gain) => gain >= 0) && gains.some((gain) => gain > 0)
}

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null)
