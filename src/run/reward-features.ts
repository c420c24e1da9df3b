import type { Objective } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import type { NominalOutcome, Observation, Spaces } from '../core/spaces.ts'
import type { ActionFeatures } from '../ope/models/ridge.ts'

/** What a reward model of a trace looks at, on a scale of about 1. */
export interface RewardFeatures {
  readonly actions: ActionFeatures
  readonly contextSize: number
  /** Fills `out`: monitors over their ranges, then what is asked against the reference point. What is absent counts as usual. */
  context(observation: Observation, requirements: Requirements, out: Float64Array): void
}

// A monitor far outside its range must not outweigh all others.
const farthest = 3

/** `requirements`: what was asked at the start. */
export function rewardFeatures(spaces: Spaces, nominal: readonly NominalOutcome[], objective: Objective, requirements: Requirements): RewardFeatures {
  const { monitors } = spaces
  const { reference } = objective.spec
  const kept = (value: number): number => (Number.isFinite(value) ? Math.min(farthest, Math.max(-farthest, value)) : 0)
  const actions = actionFeatures(spaces, nominal, objective, requirements)
  return {
    actions,
    contextSize: monitors.length + 3,
    context(observation, { deadlineS, energyBudgetJ, accuracyFloor }, out) {
      for (let i = 0; i < monitors.length; i++) {
        const { low, high } = monitors[i] as (typeof monitors)[number]
        out[i] = high > low ? kept((2 * ((observation[i] as number) - low)) / (high - low) - 1) : 0
      }
      const at = monitors.length
      out[at] = deadlineS === undefined ? 0 : kept(Math.log(deadlineS / reference.latencyS))
      out[at + 1] = energyBudgetJ === undefined ? 0 : kept(Math.log(energyBudgetJ / reference.energyJ))
      out[at + 2] = accuracyFloor ?? 0
    },
  }
}

/** The features that the points carry, which sub-network and cluster they use, and what the profile says that they cost; standardised over points. */
function actionFeatures(spaces: Spaces, nominal: readonly NominalOutcome[], objective: Objective, requirements: Requirements): ActionFeatures {
  const { points, features, featureNames, knobs } = spaces
  const cost = nominal.map((point) => Math.log(objective.nominalCost(point, requirements)))
  const columns: number[][] = [cost, ...featureNames.map((_, f) => points.map((_, a) => features[a * featureNames.length + f] as number))]
  for (const { name, kind, values } of knobs)
    if (kind === 'subnet' || kind === 'cluster') for (const value of values) columns.push(points.map((point) => (point[name] === value ? 1 : 0)))
  const used = columns.map(standardised).filter((column) => column !== undefined)
  const values = new Float64Array(points.length * used.length)
  used.forEach((column, f) => {
    column.forEach((value, a) => {
      values[a * used.length + f] = value
    })
  })
  return { actions: points.length, size: used.length, values }
}

/** Mean 0 and variance 1; what is not known is usual. Undefined for a column that tells no points apart. */
export function standardised(column: readonly number[]): number[] | undefined {
  const known = column.filter(Number.isFinite)
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length
  const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length)
  if (!(deviation > 1e-9 * Math.abs(mean))) return undefined
  return column.map((value) => (Number.isFinite(value) ? (value - mean) / deviation : 0))
}
