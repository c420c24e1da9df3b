import { describe, expect, it } from 'vitest'
import { makeObjective } from '../../src/core/objective.ts'
import { makeSpaces } from '../../src/core/spaces.ts'
import { rewardFeatures } from '../../src/run/reward-features.ts'

const spaces = makeSpaces({
  knobs: [
    { name: 'cluster', kind: 'cluster', values: ['big', 'little'] },
    { name: 'cores', kind: 'cores', values: [1, 2] },
  ],
  points: [
    { cluster: 'big', cores: 1 },
    { cluster: 'big', cores: 2 },
    { cluster: 'little', cores: 1 },
  ],
  featureNames: ['same', 'rising'],
  features: [
    [4, 1],
    [4, 2],
    [4, 3],
  ],
  monitors: [
    { name: 'tempC', low: 20, high: 80 },
    { name: 'flat', low: 1, high: 1 },
  ],
})
const nominal = [0.01, 0.02, 0.04].map((latencyS) => ({ latencyS, energyJ: 1, accuracy: 0.7 }))
const objective = makeObjective(
  {
    kind: 'latency',
    weights: { latency: 1, energy: 0, accuracy: 0, confidence: 0 },
    reference: { latencyS: 0.02, energyJ: 1, accuracy: 0.7, point: 1 },
  },
  nominal,
)
const { actions, context, contextSize } = rewardFeatures(spaces, nominal, objective, { percentile: 99 })

describe('features of a reward model', () => {
  it('of points are standardised; columns that are all alike are left out', () => {
    // Cost, rising, big, little.
    const spread = Math.sqrt(1.5)
    expect(Array.from(actions.values.subarray(0, 4), (x) => Number(x.toFixed(6)))).toEqual(
      [-spread, -spread, Math.SQRT1_2, -Math.SQRT1_2].map((x) => Number(x.toFixed(6))),
    )
    expect(actions).toMatchObject({ actions: 3, size: 4 })
  })

  it('of contexts are monitors over their ranges, and what is asked', () => {
    const out = new Float64Array(contextSize)
    context(Float64Array.of(65, 7), { percentile: 99, deadlineS: 0.02, energyBudgetJ: 1, accuracyFloor: 0.6 }, out)
    expect(Array.from(out)).toEqual([0.5, 0, 0, 0, 0.6])
    context(Float64Array.of(Number.NaN, 7), { percentile: 99, deadlineS: 0.02 * Math.E }, out)
    expect(Array.from(out)).toEqual([0, 0, 1, 0, 0])
    context(Float64Array.of(1e6, 7), { percentile: 99 }, out)
    expect(out[0]).toBe(3)
  })
})
