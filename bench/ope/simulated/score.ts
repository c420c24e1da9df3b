import { interval95, mean, median } from '../../../src/core/statistics.ts'
import type { ValueInterval } from '../../../src/ope/bootstrap.ts'
import type { SimulatedLog, SimulatedWorld } from './world.ts'

/** How an estimator did over seeds: shares of the truth. */
export interface Score {
  readonly estimator: string
  readonly seeds: number
  /** Mean of |estimate / truth - 1|, and of estimate / truth - 1. */
  readonly error: number
  readonly bias: number
  /** Share of seeds whose interval holds the truth; of those that gave one. */
  readonly coverage: number
  /** Median width of the interval over the truth: of a log that says next to nothing it is all but without bounds. */
  readonly width: number
}

/** Costs, and not rewards. */
export interface Sample extends ValueInterval {
  readonly estimator: string
  readonly truth: number
}

/** A reward's interval as one of costs. */
export const asCost = (estimator: string, { value, lo, hi }: ValueInterval, truth: number): Sample => ({
  estimator,
  value: -value,
  lo: -hi,
  hi: -lo,
  truth,
})

export function scores(samples: readonly Sample[]): Score[] {
  return [...new Set(samples.map(({ estimator }) => estimator))].map((estimator) => {
    const own = samples.filter((sample) => sample.estimator === estimator && Number.isFinite(sample.value))
    const bounded = own.filter(({ lo, hi }) => Number.isFinite(lo) && Number.isFinite(hi))
    return {
      estimator,
      seeds: own.length,
      error: mean(own.map(({ value, truth }) => Math.abs(value / truth - 1))),
      bias: mean(own.map(({ value, truth }) => value / truth - 1)),
      coverage: bounded.filter(({ lo, hi, truth }) => lo <= truth && hi >= truth).length / bounded.length,
      width: median(bounded.map(({ lo, hi, truth }) => (hi - lo) / truth)),
    }
  })
}

/** What many would do: the mean cost of the logged decisions that the target would have taken too, with Student's interval. */
export function naive(
  { objective, spaces }: SimulatedWorld,
  { entries, header }: SimulatedLog,
  target: { distribution(observation: Float64Array, mask: Uint8Array, out: Float64Array): void },
  truth: number,
): Sample {
  const share = new Float64Array(spaces.points.length)
  const costs: number[] = []
  let { requirements } = header
  for (const entry of entries) {
    if (entry.kind === 'requirements') requirements = entry.requirements
    if (entry.kind !== 'decision') continue
    target.distribution(entry.observation, entry.mask, share)
    if ((share[entry.action] as number) > 0.5) costs.push(objective.cost(entry.outcome, requirements))
  }
  const { mean: value, lo, hi } = interval95(costs)
  return { estimator: 'naive mean', value, lo, hi, truth }
}
