import type { ObjectiveSpec } from '../core/objective.ts'
import { makeObjective } from '../core/objective.ts'
import { makeOutcome, type Requirements } from '../core/outcome.ts'
import { describePoint, type NominalOutcome, type OperatingPoint, type Spaces } from '../core/spaces.ts'

/** What a governor would have done, and what the profile says that this would have been worth. Nothing of it was done. */
export interface Advice {
  /** What ran. */
  readonly ran: OperatingPoint
  /** What would have run instead, the most frequent first, and in which share of decisions. */
  readonly points: readonly { readonly point: OperatingPoint; readonly shareRatio: number }[]
  /** Expected over all decisions, by the profile of an undisturbed board: what would have been over what was; null where the profile does not know. */
  readonly expected: { readonly costRatio: number | null; readonly latencyRatio: number | null; readonly energyRatio: number | null }
}

export interface Adviser {
  /** Once for every decision. */
  take(chosen: number, executed: number): void
  advice(): Advice
}

export interface AdviserInput {
  readonly spaces: Spaces
  readonly nominal: readonly NominalOutcome[]
  readonly objective: ObjectiveSpec
  readonly requirements: Requirements
}

const mostPoints = 5

export function makeAdviser({ spaces, nominal, objective, requirements }: AdviserInput): Adviser {
  const { points } = spaces
  const chosenTimes = new Float64Array(points.length)
  const executedTimes = new Float64Array(points.length)
  let decisions = 0
  const judge = makeObjective(objective, nominal)
  const costOf = ({ latencyS, energyJ, accuracy }: NominalOutcome): number => {
    const met = requirements.deadlineS === undefined || latencyS <= requirements.deadlineS
    return judge.cost({ ...makeOutcome(), latencyS, energyJ, accuracy, deadlineMet: met }, requirements)
  }
  /** Sum over decisions of what a point is expected to give. */
  const sum = (times: Float64Array, of: (outcome: NominalOutcome) => number): number =>
    times.reduce((total, count, a) => (count === 0 ? total : total + count * of(nominal[a] as NominalOutcome)), 0)
  const ratio = (of: (outcome: NominalOutcome) => number): number | null => {
    const value = sum(chosenTimes, of) / sum(executedTimes, of)
    return Number.isFinite(value) ? value : null
  }
  return {
    take(chosen, executed) {
      decisions++
      chosenTimes[chosen] = (chosenTimes[chosen] as number) + 1
      executedTimes[executed] = (executedTimes[executed] as number) + 1
    },
    advice() {
      const ranked = points.map((_, a) => a).filter((a) => (chosenTimes[a] as number) > 0)
      ranked.sort((a, b) => (chosenTimes[b] as number) - (chosenTimes[a] as number) || a - b)
      return {
        ran: points[executedTimes.indexOf(Math.max(...executedTimes))] as OperatingPoint,
        points: ranked.slice(0, mostPoints).map((a) => ({ point: points[a] as OperatingPoint, shareRatio: (chosenTimes[a] as number) / decisions })),
        expected: {
          costRatio: ratio(costOf),
          latencyRatio: ratio(({ latencyS }) => latencyS),
          energyRatio: ratio(({ energyJ }) => energyJ),
        },
      }
    },
  }
}

/** Lines for people, each of which says that it is advice. */
export function adviceLines({ ran, points, expected }: Advice): string[] {
  const change = (name: string, value: number | null): string[] => {
    if (value === null) return []
    const percent = Math.abs(100 * (value - 1))
    return [percent < 0.05 ? `${name} as it was` : `${name} ${percent.toFixed(1)} % ${value < 1 ? 'lower' : 'higher'}`]
  }
  const gains = [...change('cost', expected.costRatio), ...change('latency', expected.latencyRatio), ...change('energy', expected.energyRatio)]
  return [
    `advice    ran at ${describePoint(ran)}`,
    ...points.map(({ point, shareRatio }) => `advice    ${(100 * shareRatio).toFixed(0).padStart(3)} % of decisions: ${describePoint(point)}`),
    `advice    expected by the profile, had it been followed: ${gains.length === 0 ? 'not known' : gains.join(', ')}`,
  ]
}
