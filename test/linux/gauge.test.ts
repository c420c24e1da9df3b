import { describe, expect, it } from 'vitest'
import { makeGauge } from '../../src/linux/gauge.ts'
import { boardPowerLimits, railPowerLimits, type SensorLimits, temperatureLimits, whyImplausible } from '../../src/linux/plausible.ts'
import { sensorText } from '../../src/linux/sensor-trouble.ts'
import { heldHeapB } from '../support/collect-garbage.ts'

/** A gauge that is told what it reads. */
function make(limits: SensorLimits, periodS = Number.NaN) {
  const told: string[] = []
  let value = Number.NaN
  const gauge = makeGauge({
    label: 'zone',
    limits,
    open: () => ({ read: () => value, access: 'ok', periodS, rangeJ: Number.NaN, paths: ['zone'], close() {} }),
    onTrouble: (event) => told.push(sensorText(event)),
  })
  const at = (nowS: number, reads: number, loadRatio = 0.5): [number, string] => {
    value = reads
    gauge.sample(nowS, loadRatio)
    return [gauge.reading.value, gauge.reading.quality]
  }
  return { gauge, told, at }
}

describe('a temperature that leaps', () => {
  it('is held for one reading, and followed where the next one confirms it', () => {
    const { at, told } = make(temperatureLimits)
    expect(at(0, 45)).toEqual([45, 'measured'])
    // 40 degrees at once are no leap; 41 are.
    expect(at(0.1, 85)).toEqual([85, 'measured'])
    expect(at(0.2, 44)).toEqual([85, 'estimated'])
    expect(at(0.3, 46)).toEqual([46, 'measured'])
    expect(told).toEqual([])
  })

  it('and back is not followed: the sensor is doubted until it has been calm for ten readings', () => {
    const { at, told } = make(temperatureLimits)
    at(0, 45)
    expect(at(0.1, 110)).toEqual([45, 'estimated'])
    expect(at(0.2, 45.5)).toEqual([45.5, 'estimated'])
    expect(told).toEqual(['sensor zone: jumped from 45 degC to 110 degC and back; it is not believed until that is over'])
    for (let k = 1; k <= 8; k++) expect(at(0.2 + k / 10, 45)[1]).toBe('estimated')
    expect(at(1.1, 45)[1]).toBe('measured')
    expect(told.at(-1)).toBe('sensor zone: believed again (jumping before)')
  })

  it('anywhere, again and again, is absent after a second', () => {
    const { at, gauge } = make(temperatureLimits)
    at(0, 20)
    const away = [90, -30, 120, -35, 100, -25, 125, -40, 95, -25, 115, -30, 90]
    const seen = away.map((tempC, k) => at(0.1 * (k + 1), tempC)[1])
    expect(seen.slice(0, 9).every((quality) => quality === 'estimated')).toBe(true)
    expect(seen.at(-1)).toBe('absent')
    expect(gauge.trouble).toBe('jumping')
  })

  it('after a pause is just another temperature', () => {
    const { at } = make(temperatureLimits)
    at(0, 30)
    expect(at(6, 90)).toEqual([90, 'measured'])
  })
})

describe('a temperature that rests', () => {
  it('does so for hours where the load does', () => {
    const { at, told } = make(temperatureLimits)
    for (let k = 0; k < 3600; k++) expect(at(k, 52, 0.5)).toEqual([52, 'measured'])
    expect(told).toEqual([])
  })

  it('while the load goes from none to all for a minute is stuck; held for another, then absent', () => {
    const { at, told, gauge } = make(temperatureLimits)
    for (let k = 0; k < 60; k++) expect(at(k, 52, k % 20 < 10 ? 0 : 1)[1]).toBe('measured')
    for (let k = 60; k <= 120; k++) expect(at(k, 52, 0)).toEqual([52, 'estimated'])
    expect(at(121, 52, 0)).toEqual([Number.NaN, 'absent'])
    expect(gauge.reading.ageS).toBe(62)
    expect(told).toEqual(['sensor zone: has read 52 degC for 60 s whatever the load; it is not believed until that is over'])
    expect(at(122, 53, 0)).toEqual([53, 'measured'])
  })
})

describe('a power', () => {
  it('eight times the highest so far must be confirmed, once the board is known', () => {
    const { at, told } = make(railPowerLimits)
    for (let k = 0; k < 60; k++) at(k / 10, 1 + (k % 2) / 10)
    expect(at(6, 8.8)).toEqual([8.8, 'measured'])
    for (let k = 0; k < 60; k++) at(6.1 + k / 10, 1 + (k % 2) / 10)
    expect(at(12.1, 71)).toEqual([1.1, 'estimated'])
    expect(at(12.2, 1)).toEqual([1, 'estimated'])
    expect(told).toEqual(['sensor zone: jumped from 1.1 W to 71 W and back; it is not believed until that is over'])
  })

  it('of a board that reads a thousandth is told as what it most likely is', () => {
    expect(whyImplausible(0.004122, boardPowerLimits)).toBe(
      'reads 4.12 mW, expected 100 mW to 500 W: does its driver say mW where the kernel has uW?',
    )
    expect(whyImplausible(4122, boardPowerLimits)).toBe('reads 4120 W, expected 100 mW to 500 W: does its driver say uW where the kernel has mW?')
    expect(whyImplausible(0, boardPowerLimits)).toBe('reads 0 W, expected 100 mW to 500 W')
    expect(whyImplausible(0.046, temperatureLimits)).toBe(
      'reads 0.046 degC, expected 0.3 degC to 126 degC: does its driver say degrees where the kernel has thousandths?',
    )
    expect(whyImplausible(-274, temperatureLimits)).toBe('reads -274 degC, expected -40 degC to 126 degC')
    expect(whyImplausible(0, temperatureLimits)).toBe('reads exactly 0 degC, as failed sensors do')
  })
})

describe('a gauge', () => {
  it('counts new values: those that differ, or those that the sensor has had time for', () => {
    const told = make(railPowerLimits, 0.01)
    told.at(0, 5)
    told.at(0.005, 5)
    expect(told.gauge.updates).toBe(1)
    told.at(0.02, 5)
    expect(told.gauge.updates).toBe(2)
    const silent = make(railPowerLimits)
    for (const [nowS, watts] of [
      [0, 5],
      [1, 5],
      [1.001, 6],
    ] as const)
      silent.at(nowS, watts)
    expect(silent.gauge.updates).toBe(2)
  })

  it('leaves nothing to collect while nothing happens', () => {
    const { at } = make(temperatureLimits)
    for (let k = 0; k < 1000; k++) at(k / 10, 45 + (k % 3))
    const beforeB = heldHeapB()
    for (let k = 1000; k < 200_000; k++) at(k / 10, 45 + (k % 3))
    expect(heldHeapB() - beforeB).toBeLessThan(50_000)
  })
})
