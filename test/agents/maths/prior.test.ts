import { describe, expect, it } from 'vitest'
import { makePrior } from '../../../agents/maths/prior.ts'
import { makeRequirementClasses } from '../../../agents/maths/requirement-classes.ts'
import type { AgentInput } from '../../../src/core/agent.ts'
import { makeObjective } from '../../../src/core/objective.ts'
import { makeSpaces } from '../../../src/core/spaces.ts'

const spaces = makeSpaces({
  knobs: [{ name: 'k', kind: 'other', values: [0, 1, 2] }],
  points: [{ k: 0 }, { k: 1 }, { k: 2 }],
  monitors: [
    { name: 'big.interference', low: 0, high: 1 },
    { name: 'big.availableCores', low: 0, high: 4 },
    { name: 'tempC', low: 20, high: 100 },
    { name: 'deadlineS', low: 0, high: 1 },
    { name: 'energyBudgetJ', low: 0, high: 1 },
    { name: 'accuracyFloor', low: 0, high: 1 },
  ],
})
const nominal = [
  { latencyS: 0.01, energyJ: 0.3, accuracy: 0.5 },
  { latencyS: 0.02, energyJ: 0.2, accuracy: 0.6 },
  { latencyS: 0.04, energyJ: 0.1, accuracy: 0.7 },
]
const none = { deadlineS: Number.NaN, energyBudgetJ: Number.NaN, accuracyFloor: Number.NaN }

const priorUnder = (input: Partial<AgentInput>, asked: typeof none, origin: typeof none): number[] => {
  const out = new Float64Array(3)
  makePrior({ spaces, seed: 1, options: {}, ...input }).under(asked, origin, out, 0)
  return Array.from(out)
}

describe('prior costs', () => {
  // Costs of an objective that counts energy only: what latency is over the deadline does not shift with the deadline.
  const reference = { ...(nominal[0] as (typeof nominal)[number]), point: 0 }
  const objective = makeObjective({ kind: 'energy', weights: { latency: 0, energy: 1, accuracy: 0, confidence: 0 }, reference }, nominal)
  const costs = (asked: typeof none): Float64Array => {
    const defined = Object.fromEntries(Object.entries(asked).filter(([, value]) => !Number.isNaN(value)))
    return Float64Array.from(nominal, (point) => objective.nominalCost(point, { percentile: 99, ...defined }))
  }
  const requirements = [
    none,
    { ...none, deadlineS: 0.03 },
    { ...none, deadlineS: 0.015, accuracyFloor: 0.55 },
    { ...none, energyBudgetJ: 0.15 },
    { ...none, deadlineS: 0.001, accuracyFloor: 0.65 },
  ]

  it('move penalties as the objective does when requirements change', () => {
    for (const origin of requirements)
      for (const asked of requirements) {
        const moved = priorUnder({ priorCost: costs(origin), nominal }, asked, origin)
        costs(asked).forEach((cost, a) => {
          expect(moved[a]).toBeCloseTo(cost, 12)
        })
      }
  })

  it('stay as they are to the last bit when nothing changes, or when nothing is known about the points', () => {
    const priorCost = Float64Array.of(0.1, 1 / 3, 0.7)
    expect(priorUnder({ priorCost, nominal }, { ...none, deadlineS: 0.03 }, { ...none, deadlineS: 0.03 })).toEqual(Array.from(priorCost))
    expect(priorUnder({ priorCost }, { ...none, deadlineS: 0.001 }, none)).toEqual(Array.from(priorCost))
  })

  it('are 0 without a profile, and the least for a point that was not profiled', () => {
    expect(priorUnder({}, none, none)).toEqual([0, 0, 0])
    expect(priorUnder({ priorCost: Float64Array.of(3, Number.NaN, 2) }, none, none)).toEqual([3, 2, 2])
  })

  it('take the penalty from a profiled point although the first one was not', () => {
    // In time no point breaks anything. At 30 ms the last does: the fastest known, 0.2, comes on top of its 0.1; the unknown one breaks nothing.
    const unknown = { latencyS: Number.NaN, energyJ: Number.NaN, accuracy: Number.NaN }
    const holed = nominal.map((point, a) => (a === 0 ? unknown : point))
    const moved = priorUnder({ priorCost: Float64Array.of(Number.NaN, 0.2, 0.1), nominal: holed }, { ...none, deadlineS: 0.03 }, none)
    expect(moved).toEqual([0.1, 0.2, 0.1 + 0.2])
  })
})

describe('requirement classes', () => {
  const observe = (deadlineS: number, accuracyFloor = Number.NaN): Float64Array => Float64Array.of(0, 4, 20, deadlineS, Number.NaN, accuracyFloor)

  it('share what is alike: deadlines within 15 %, floors within 0.02, "not asked" with itself only', () => {
    const opened: number[] = []
    const classes = makeRequirementClasses(spaces, 4, (slot) => opened.push(slot))
    expect(classes.find(observe(0.01))).toBe(-1)
    expect(classes.enter(observe(0.01))).toBe(0)
    expect(classes.enter(observe(0.0114))).toBe(0)
    expect(classes.enter(observe(0.0117))).toBe(1)
    expect(classes.enter(observe(0.01, 0.6))).toBe(2)
    expect(classes.enter(observe(0.01, 0.615))).toBe(2)
    expect(classes.enter(observe(Number.NaN))).toBe(3)
    expect(classes.find(observe(Number.NaN))).toBe(3)
    expect(opened).toEqual([0, 1, 2, 3])
  })

  it('replace the class used longest ago, also after a restart', () => {
    const classes = makeRequirementClasses(spaces, 2, () => {})
    for (const deadlineS of [0.01, 0.02, 0.01]) classes.enter(observe(deadlineS))
    const resumed = makeRequirementClasses(spaces, 2, () => {})
    resumed.restore(JSON.parse(JSON.stringify(classes.save())))
    for (const one of [classes, resumed]) {
      expect(one.enter(observe(0.04))).toBe(1)
      expect(one.find(observe(0.02))).toBe(-1)
      expect(one.find(observe(0.01))).toBe(0)
    }
  })
})
