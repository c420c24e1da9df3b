import { describe, expect, it } from 'vitest'
import { resolvePhases } from '../../../src/run/compare/phases.ts'
import type { Wish } from '../../../src/run/request.ts'

const nominal = [
  { latencyS: 0.01, energyJ: 0.05, accuracy: 0.5 },
  { latencyS: 0.02, energyJ: 0.1, accuracy: 0.6 },
]
const resolve = (wish: Wish, ...phases: Parameters<typeof resolvePhases>[1]['phases']) =>
  resolvePhases(wish, { phases, objective: 'energy', nominal })

describe('what is asked over time', () => {
  it('begins as the scenario says, where the user says nothing', () => {
    const { requirements, objective } = resolve({}, { deadline: { seconds: 0.03 }, percentile: 95, energyBudgetJ: 0.2 })
    expect(requirements).toEqual([{ percentile: 95, deadlineS: 0.03, energyBudgetJ: 0.2 }])
    expect(objective).toMatchObject({ kind: 'energy', reference: { point: 0 } })
    expect(resolve({}, {})).toMatchObject({ requirements: [{ percentile: 99 }] })
  })

  it('begins as the user says, whatever the scenario says', () => {
    const wish = {
      deadline: { times: 2 },
      percentile: 90,
      energyBudgetJ: 0.3,
      accuracyFloor: 0.6,
      leastConfidence: 0.4,
      objective: 'latency',
    } as const
    const { requirements, objective } = resolve(wish, { deadline: { seconds: 0.03 }, percentile: 95, accuracyFloor: null, leastConfidence: 0.2 })
    expect(requirements).toEqual([{ percentile: 90, deadlineS: 0.04, energyBudgetJ: 0.3, accuracyFloor: 0.6, leastConfidence: 0.4 }])
    expect(objective.kind).toBe('latency')
  })

  it('changes as the scenario says, each time over its start', () => {
    const start = { deadline: { times: 3 }, percentile: 95 }
    const { requirements, objective } = resolve({ energyBudgetJ: 0.3 }, start, { accuracyFloor: 0.6 }, { deadline: null, energyBudgetJ: 0.1 })
    expect(requirements).toEqual([
      { percentile: 95, energyBudgetJ: 0.3, deadlineS: 0.03 },
      // A multiple follows the fastest point that meets the floor; the reference stays.
      { percentile: 95, energyBudgetJ: 0.3, deadlineS: 0.06, accuracyFloor: 0.6 },
      { percentile: 95, energyBudgetJ: 0.1 },
    ])
    expect(objective.reference.point).toBe(0)
  })
})
