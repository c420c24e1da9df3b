import { describe, expect, it } from 'vitest'
import { eventText } from '../../src/report/event-text.ts'
import { makeEventMarks } from '../../src/report/timeline-events.ts'
import type { GuardEntry } from '../../src/trace/event.ts'

const took: GuardEntry = { kind: 'guard', step: 812, cause: 'heat', sensor: 'soc-thermal', tempC: 81.2, limitC: 80, points: 12, before: 40 }

describe('what the guard did, in words', () => {
  it('names sensor, reading and limit', () => {
    expect(eventText(took)).toBe('decision 812: guard took 28 points away, 12 points left: soc-thermal at 81.2 degC, limit 80 degC')
    expect(eventText({ ...took, points: 40, before: 39, tempC: 77 })).toBe(
      'decision 812: guard gave 1 point back, 40 points left: soc-thermal at 77 degC, limit 80 degC',
    )
  })

  it('names the last point', () => {
    expect(eventText({ ...took, points: 1, only: 'subnet=25 cluster=little' })).toBe(
      'decision 812: guard took 39 points away, only subnet=25 cluster=little left: soc-thermal at 81.2 degC, limit 80 degC',
    )
  })

  it('says what is not known, and what is only estimated', () => {
    expect(eventText({ kind: 'guard', step: 3, cause: 'heat', sensor: 'soc-thermal', points: 1, before: 40 })).toBe(
      'decision 3: guard took 39 points away, 1 point left: soc-thermal is silent',
    )
    expect(eventText({ ...took, quality: 'estimated' })).toContain(': soc-thermal at 81.2 degC (silent; by the other sensors), limit 80 degC')
    const power = { kind: 'guard', step: 3, cause: 'power', sensor: 'VDD_IN', limitW: 5, points: 9, before: 40 } as const
    expect(eventText({ ...power, powerW: 6.25, quality: 'estimated' })).toBe(
      'decision 3: guard took 31 points away, 9 points left: VDD_IN at 6.25 W (estimated), cap 5 W',
    )
    expect(eventText(power)).toBe('decision 3: guard took 31 points away, 9 points left: power of VDD_IN is unknown, cap 5 W')
  })

  it('stands in the picture of a run', () => {
    const marks = makeEventMarks()
    marks.add(took, 1)
    marks.add({ ...took, step: 900, points: 40, before: 12 }, 2)
    expect(marks.marks(0, 3).map(({ kind, row, timeS, toS }) => ({ kind, row, timeS, toS }))).toEqual([
      { kind: 'took', row: 'guard: heat', timeS: 1, toS: 1 },
      { kind: 'gave', row: 'guard: heat', timeS: 2, toS: 2 },
    ])
    expect(marks.marks(0, 3)[0]?.text).toBe('took 28 points away, 12 points left: soc-thermal at 81.2 degC, limit 80 degC')
  })
})
