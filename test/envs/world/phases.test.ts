import { describe, expect, it } from 'vitest'
import { phasesOf } from '../../../envs/world/scenario/phases.ts'
import { readScenario } from '../../../envs/world/scenario/shipped.ts'

const study = readScenario('budget-change')

describe('what is asked in a scenario', () => {
  it('is as written on the board that it was written for', () => {
    expect(phasesOf(study, { referenceLatencyS: 0.1, boardId: 'odroid-xu4' })).toEqual({
      fromS: [0, 160, 320],
      changes: [
        { deadline: { seconds: 0.4 }, energyBudgetJ: 0.1 },
        { deadline: { seconds: 0.2 }, energyBudgetJ: 0.15 },
        { deadline: { seconds: 0.2 }, energyBudgetJ: 0.15, accuracyFloor: 0.68 },
      ],
    })
  })

  it('follows what another board can do: a tenth of the time, a fifth of the energy, other accuracies', () => {
    const { changes } = phasesOf(study, { referenceLatencyS: 0.0117, referenceEnergyJ: 0.0496, accuracyRange: [0.7, 0.776], boardId: 'rk3588' })
    const [first, , third] = changes as [(typeof changes)[number], (typeof changes)[number], (typeof changes)[number]]
    expect((first.deadline as { seconds: number }).seconds).toBeCloseTo(0.04, 12)
    expect(first.energyBudgetJ).toBeCloseTo(0.02, 12)
    expect(first.accuracyFloor).toBeUndefined()
    // 0.68 lies 0.12 / 0.152 of the way up from 0.56 to 0.712.
    expect(third.accuracyFloor).toBeCloseTo(0.7 + (0.12 / 0.152) * 0.076, 12)
  })

  it('holds no budget where nobody knows what anything costs', () => {
    expect(phasesOf(study, { referenceLatencyS: 0.1 }).changes[0]?.energyBudgetJ).toBeNull()
  })

  it('holds no floor where nobody knows how often anything is right', () => {
    expect(phasesOf(study, { referenceLatencyS: 0.1, accuracyRange: [Number.NaN, Number.NaN] }).changes[2]?.accuracyFloor).toBeNull()
  })

  it('begins with nothing beyond what is asked of the run where the first wish comes later', () => {
    expect(phasesOf({ ...study, requirements: [{ fromS: 10, deadline: '1.5x', percentile: 95 }] }, { referenceLatencyS: 0.1 })).toEqual({
      fromS: [0, 10],
      changes: [{}, { deadline: { times: 1.5 }, percentile: 95 }],
    })
  })
})
