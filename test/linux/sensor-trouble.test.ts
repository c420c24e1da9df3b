import { describe, expect, it } from 'vitest'
import type { SensorEvent } from '../../src/core/sensor-event.ts'
import { makeTroubleReport, sensorText } from '../../src/linux/sensor-trouble.ts'

function make() {
  const told: string[] = []
  const report = makeTroubleReport('soc', ({ what, trouble }: SensorEvent) => void told.push(`${what} ${trouble}`))
  const begin = (trouble: 'stuck' | 'broken', nowS: number): void => report.begin(trouble, nowS, () => 'why')
  return { report, begin, told }
}

describe('what is told of a sensor', () => {
  it('of one that comes and goes every second grows less and less: after a minute, two, four, and once an hour at last', () => {
    const { report, begin, told } = make()
    const toldS: number[] = []
    for (let nowS = 0; nowS < 6 * 3600; nowS++) {
      const before = told.length
      begin('broken', nowS)
      report.end()
      if (told.length === before) continue
      expect(told.slice(before)).toEqual(['doubted broken', 'believed broken'])
      toldS.push(nowS)
    }
    expect(toldS).toEqual([0, 60, 180, 420, 900, 1860, 3780, 7380, 10980, 14580, 18180])
  })

  it('always ends with what began, and tells no end of what was not told', () => {
    const { report, begin, told } = make()
    begin('broken', 0)
    begin('stuck', 1)
    // Not told again; what was told last goes on.
    begin('broken', 2)
    expect(report.trouble).toBe('broken')
    report.end()
    report.end()
    begin('stuck', 3)
    report.end()
    expect(told).toEqual(['doubted broken', 'doubted stuck', 'believed stuck'])
    expect(report.trouble).toBeUndefined()
  })

  it('is said in words', () => {
    expect(sensorText({ what: 'doubted', sensor: 'soc', trouble: 'broken', why: 'does not answer' })).toBe(
      'sensor soc: does not answer; it is not believed until that is over',
    )
    expect(sensorText({ what: 'believed', sensor: 'soc', trouble: 'broken' })).toBe('sensor soc: believed again (broken before)')
  })
})
