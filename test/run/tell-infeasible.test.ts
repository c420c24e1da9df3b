import { describe, expect, it } from 'vitest'
import { tellInfeasible } from '../../src/run/tell-infeasible.ts'
import { makeScriptedEnv } from '../support/scripted-env.ts'

const { spaces } = makeScriptedEnv()
// Every point takes 10 ms and 20 mJ at half the answers right, but the third: 4 ms.
const nominal = spaces.points.map((_, a) => ({ latencyS: a === 2 ? 0.004 : 0.01, energyJ: 0.02, accuracy: 0.5 }))
const told = (...requirements: object[]): string[] => {
  const notes: string[] = []
  tellInfeasible(
    requirements.map((asked) => ({ percentile: 99, ...asked })),
    spaces,
    nominal,
    { note: (message) => void notes.push(message) },
  )
  return notes
}

describe('what no point meets', () => {
  it('is told with the point that comes nearest', () => {
    const [note, ...rest] = told({ deadlineS: 0.002 })
    expect(rest).toEqual([])
    expect(note).toMatch(/^infeasible: 2 ms is met by no point even on the quiet board; least bad is .*, which gives 4 ms, 20 mJ, accuracy 0.5$/)
  })

  it('is told of each phase by its number, and of none that can be met', () => {
    expect(told({ deadlineS: 0.005 })).toEqual([])
    const notes = told({ deadlineS: 0.005 }, { energyBudgetJ: 0.01, accuracyFloor: 0.6 })
    expect(notes).toHaveLength(1)
    expect(notes[0]).toContain('infeasible: phase 2: 10 mJ, accuracy 0.6 is met by no point')
  })
})
