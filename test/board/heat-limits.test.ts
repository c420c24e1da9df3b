import { describe, expect, it, onTestFinished } from 'vitest'
import { diagnose } from '../../src/board/diagnosis.ts'
import { discoverBoard } from '../../src/board/discover.ts'
import { heatLimits, whyNoHeatLimit } from '../../src/board/heat-limits.ts'
import type { ThermalZone } from '../../src/linux/thermal.ts'
import { unpackBoard } from '../fixtures/boards/unpack.ts'

const zone = (...trips: [string, number][]): ThermalZone => ({
  path: '',
  type: 'soc',
  role: 'soc',
  trips: trips.map(([type, tempC]) => ({ type, tempC })),
})
const limitOf = (one: ThermalZone, firmwareTripC?: number): number | undefined =>
  heatLimits({ cpuZones: [one], ...(firmwareTripC === undefined ? {} : { firmwareTripC }) })[0]?.tripC

describe('where a board throttles', () => {
  it('is its lowest passive trip, else the hot one, else well below the critical one', () => {
    expect(limitOf(zone(['active', 50], ['passive', 85], ['passive', 70], ['hot', 60], ['critical', 120]))).toBe(70)
    expect(limitOf(zone(['hot', 98.5], ['critical', 102.5]))).toBe(98.5)
    expect(limitOf(zone(['critical', 110]))).toBe(95)
    expect(limitOf(zone(['active', 50]))).toBe(Number.POSITIVE_INFINITY)
  })

  it('is no trip that comes after the board was switched off', () => {
    expect(limitOf(zone(['passive', 105], ['critical', 100]))).toBe(85)
    expect(limitOf(zone(['passive', 100], ['hot', 95], ['critical', 100]))).toBe(95)
    expect(limitOf(zone(['hot', 100], ['critical', 100]))).toBe(100)
    expect(limitOf(zone(['hot', 110], ['critical', 100]))).toBe(85)
    expect(limitOf(zone(['hot', 110]))).toBe(110)
    expect(limitOf(zone(['passive', 95]))).toBe(95)
  })

  it('is where its firmware throttles, if that is sooner', () => {
    expect(limitOf(zone(['critical', 110]), 80)).toBe(80)
    expect(limitOf(zone(['passive', 75]), 80)).toBe(75)
  })

  const of = (name: string) => {
    const { root, remove } = unpackBoard(name)
    onTestFinished(remove)
    return discoverBoard({ root })
  }

  it.each([
    // Passive at 70 degrees C, on each of the big cores' sensors.
    ['odroid-xu4', 'cpu0-thermal', 70],
    // The kernel knows a critical trip and the fan; the firmware throttles at 80.
    ['raspberry-pi-5', 'cpu-thermal', 80],
    ['jetson-orin-nano', 'cpu-thermal', 99],
    // Only critical at 102.5.
    ['jetson-nano', 'CPU-therm', 87.5],
  ] as const)('%s: %s at %d degC', (name, sensor, tripC) => {
    const board = of(name)
    expect(heatLimits(board)[0]).toEqual({ sensor, tripC })
    expect(diagnose(board).guard.heat[0]).toEqual({ sensor, tripC, fromC: tripC - 5 })
  })

  it('is told where it is not known', () => {
    expect(whyNoHeatLimit(of('vm'))).toBe('the kernel has no thermal zones')
    expect(diagnose(of('vm')).guard).toEqual({ heat: [], heatOff: 'the kernel has no thermal zones', power: 'estimated' })
    const zones = [zone()]
    expect(whyNoHeatLimit({ cpuZones: zones, thermalZones: zones })).toBe('soc has no trip points')
    expect(whyNoHeatLimit({ cpuZones: [], thermalZones: zones })).toBe('no thermal zone is of the CPUs')
  })
})
