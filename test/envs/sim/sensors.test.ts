import { describe, expect, it } from 'vitest'
import { constants } from '../../../envs/sim/constants.ts'
import { makeSensors } from '../../../envs/sim/sensors.ts'
import { makeWorldState, type SensorFault } from '../../../envs/world/world.ts'
import { makeRng } from '../../../src/core/rng.ts'

const clusters = [
  { id: 'little', cores: 4 },
  { id: 'big', cores: 4 },
]

/** Readings every `everyS` of what `at` says: `[interference of little, of big, pressure on big, temperature]`. */
function readings(n: number, everyS: number, at: (k: number) => { share?: number; tempC?: number; fault?: SensorFault }, seed = 1): number[][] {
  const sensors = makeSensors(2)
  sensors.reset(makeRng(seed), 40)
  const [world, earlier] = [makeWorldState(clusters), makeWorldState(clusters)]
  const observation = new Float64Array(8)
  return Array.from({ length: n }, (_, k) => {
    const { share = 0, tempC = 40, fault = 'none' } = at(k)
    earlier.interference[1] = at(k - 1).share ?? 0
    world.interference[1] = share
    world.tempFault = world.interferenceFault = fault
    sensors.read(k * everyS, k * everyS, tempC, world, everyS >= constants.monitorPeriodS.value ? earlier : undefined, 1, observation)
    return [observation[0], observation[1], observation[4], observation[5]] as number[]
  })
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value / values.length, 0)
const column = (rows: readonly number[][], i: number): number[] => rows.map((row) => row[i] as number)

describe('simulated sensors', () => {
  it('read the temperature in whole degrees, with noise around it', () => {
    const temps = column(
      readings(2000, 0.5, () => ({ tempC: 63.3 })),
      3,
    )
    expect(temps.every(Number.isInteger)).toBe(true)
    expect(new Set(temps).size).toBeGreaterThan(1)
    expect(Math.abs(mean(temps) - 63.3)).toBeLessThan(0.1)
  })

  it('read it no more often than their period', () => {
    const temps = column(
      readings(20, 0.01, (k) => ({ tempC: 40 + 2 * k })),
      3,
    )
    expect(new Set(temps.slice(0, 10)).size).toBe(1)
    expect(new Set(temps).size).toBe(2)
  })

  it('tell interference one period late, with noise, in [0, 1], and pressure where inference ran', () => {
    const rows = readings(400, 0.2, (k) => ({ share: k < 200 ? 0 : 0.5 }))
    expect(column(rows, 1)[200]).toBeLessThan(0.2)
    expect(column(rows, 1)[201]).toBeGreaterThan(0.3)
    expect(Math.abs(mean(column(rows, 1).slice(201)) - 0.5)).toBeLessThan(0.01)
    expect(column(rows, 2)).toEqual(column(rows, 1))
    for (const share of column(rows, 0)) {
      expect(share).toBeGreaterThanOrEqual(0)
      expect(share).toBeLessThan(0.1)
    }
  })

  it('hold, jump or fall silent when they are faulty', () => {
    const stale = readings(50, 0.2, (k) => (k < 10 ? { tempC: 50, share: 0.3 } : { tempC: 90, share: 0.9, fault: 'stale' }))
    expect(new Set(column(stale, 3).slice(10)).size).toBe(1)
    expect(column(stale, 3)[49]).toBe(column(stale, 3)[9])
    expect(column(stale, 1)[49]).toBe(column(stale, 1)[9])

    const missing = readings(3, 0.2, () => ({ fault: 'missing' }))
    expect(missing.flat().every(Number.isNaN)).toBe(true)

    const jumping = column(
      readings(1000, 0.2, () => ({ tempC: 60, fault: 'jumping' })),
      3,
    )
    const far = jumping.filter((tempC) => Math.abs(tempC - 60) > 15)
    expect(far.length / jumping.length).toBeCloseTo(constants.jumpShare.value, 1)
    expect(Math.min(...far)).toBeLessThan(45)
    expect(Math.max(...far)).toBeGreaterThan(75)
  })

  it('draw as much whatever they read, so that other actions meet the same noise', () => {
    const one = readings(50, 0.2, () => ({ tempC: 60 }))
    const other = readings(50, 0.2, (k) => ({ tempC: 60, fault: k === 20 ? 'missing' : 'none' }))
    expect(other.slice(21)).toEqual(one.slice(21))
  })
})
