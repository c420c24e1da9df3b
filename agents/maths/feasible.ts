import type { Explanation, Limit, PredictedPoint } from '../../src/core/agent.ts'
import type { Requirements } from '../../src/core/outcome.ts'

/** What could be asked instead of each relaxed requirement, while those that are not relaxed hold: what the best of the points would give. */
export function feasibleInstead(relaxed: readonly Limit[], points: readonly PredictedPoint[], requirements: Requirements): Explanation['feasible'] {
  const { percentile, energyBudgetJ = Number.POSITIVE_INFINITY, accuracyFloor = Number.NEGATIVE_INFINITY } = requirements
  // What is not known breaks nothing.
  const breaks: Readonly<Record<Limit, (point: PredictedPoint) => boolean>> = {
    deadlineS: ({ missRatio }) => missRatio > 1 - percentile / 100,
    energyBudgetJ: ({ energyJ }) => energyJ > energyBudgetJ,
    accuracyFloor: ({ accuracy }) => accuracy < accuracyFloor,
  }
  const kept = (Object.keys(breaks) as Limit[]).filter((limit) => !relaxed.includes(limit))
  const usable = points.filter((point) => !kept.some((limit) => breaks[limit](point)))
  const bestOf = (values: readonly number[], best: (...values: number[]) => number): number => best(...values.filter((value) => !Number.isNaN(value)))
  const instead: Readonly<Record<Limit, () => number>> = {
    deadlineS: () =>
      bestOf(
        usable.map(({ latencyHighS }) => latencyHighS),
        Math.min,
      ),
    energyBudgetJ: () =>
      bestOf(
        usable.map(({ energyJ }) => energyJ),
        Math.min,
      ),
    accuracyFloor: () =>
      bestOf(
        usable.map(({ accuracy }) => accuracy),
        Math.max,
      ),
  }
  return Object.fromEntries(relaxed.map((limit) => [limit, instead[limit]()] as const).filter(([, value]) => Number.isFinite(value)))
}
