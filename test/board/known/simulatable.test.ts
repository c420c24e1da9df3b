import { describe, expect, it } from 'vitest'
import { gradeOf, oppPowerW } from '../../../src/board/known/power.ts'
import type { KnownBoard, KnownCluster } from '../../../src/board/known/schema.ts'
import { readShipped, shippedIds } from '../../../src/board/known/shipped.ts'
import { simulatable } from '../../../src/board/known/simulatable.ts'
import { makeKnownBoard } from '../../support/known-board.ts'

const fieldsOf = (board: KnownBoard) => simulatable(board).missing.map((gap) => gap.field)
/** The made-up board with another first or second cluster. */
const withCluster = (c: number, change: Partial<KnownCluster>): KnownBoard => {
  const board = makeKnownBoard()
  return { ...board, clusters: board.clusters.map((cluster, i) => (i === c ? { ...cluster, ...change } : cluster)) }
}
const without = <T extends object, K extends keyof T>(object: T, key: K): Omit<T, K> => {
  const { [key]: _, ...rest } = object
  return rest
}

describe('a complete board', () => {
  it('can be simulated, whatever is unknown of its GPU', () => {
    expect(simulatable(makeKnownBoard())).toEqual({ ok: true, missing: [] })
  })

  it('may throttle by firmware or hot trips, or give RC facts', () => {
    for (const type of ['hot', 'firmware'] as const)
      expect(simulatable({ ...makeKnownBoard(), thermalZones: [{ id: 'z', trips: [{ id: 't', type, tempC: 90 }] }] }).ok).toBe(true)
    expect(simulatable({ ...makeKnownBoard(), thermalZones: [{ id: 'z', trips: [], rc: { resistanceKPerW: 10, capacitanceJPerK: 2 } }] }).ok).toBe(
      true,
    )
  })
})

describe('an incomplete board says what is missing:', () => {
  it('cores and OPPs', () => {
    expect(fieldsOf(withCluster(0, { cpus: [] }))).toEqual(['clusters.little.cpus'])
    expect(simulatable(withCluster(1, { opps: [{ freqHz: 1e9, powerW: 1 }] })).missing).toEqual([
      { field: 'clusters.big.opps', short: 'OPPs', what: '1 known: give at least 2, each with freqHz and voltageV or powerW' },
    ])
  })

  it('voltages, and the capacitance that makes power of them', () => {
    const opps = [{ freqHz: 1e9 }, { freqHz: 2e9, voltageV: 1 }]
    expect(simulatable(withCluster(0, { opps })).missing.map(({ what }) => what)).toEqual([
      '1 of 2 have neither voltageV nor powerW: give one of them for each',
    ])
    expect(fieldsOf(withCluster(1, { opps }))).toEqual(['clusters.big.opps', 'clusters.big.capacitanceF'])
  })

  it('the speed of a core where types differ', () => {
    const board = makeKnownBoard()
    const clusters = board.clusters.map((cluster) => without(cluster, 'capacity'))
    expect(fieldsOf({ ...board, clusters })).toEqual(['clusters.little.capacity', 'clusters.big.capacity'])
    expect(fieldsOf({ ...board, clusters: clusters.map((cluster) => ({ ...cluster, coreType: 'arm,cortex-a76' })) })).toEqual([])
    expect(fieldsOf({ ...board, clusters: clusters.slice(1) })).toEqual([])
  })

  it('bandwidth, throttling, any CPU', () => {
    const board = makeKnownBoard()
    expect(fieldsOf(without(board, 'memory') as KnownBoard)).toEqual(['memory.bandwidth'])
    expect(fieldsOf(without(board, 'thermalZones') as KnownBoard)).toEqual(['thermalZones'])
    const shutsDown = [{ id: 'z', trips: [{ id: 'c', type: 'critical' as const, tempC: 110 }] }]
    expect(fieldsOf({ ...board, thermalZones: shutsDown })).toEqual(['thermalZones'])
    expect(fieldsOf({ ...board, clusters: board.clusters.slice(2) })).toEqual(['clusters'])
  })
})

describe('power of an OPP', () => {
  it('is as given, else C V^2 f, else unknown', () => {
    const [little, big] = makeKnownBoard().clusters as [KnownCluster, KnownCluster, KnownCluster]
    expect(oppPowerW(big, { freqHz: 1e9, powerW: 0.5 })).toBe(0.5)
    expect(oppPowerW(little, { freqHz: 1e9, voltageV: 0.8 })).toBeCloseTo(0.064, 12)
    expect(oppPowerW(big, { freqHz: 1e9, voltageV: 0.8 })).toBeUndefined()
    expect(oppPowerW(little, { freqHz: 1e9 })).toBeUndefined()
  })

  it('grades a cluster', () => {
    expect(makeKnownBoard().clusters.map(gradeOf)).toEqual(['full', 'full', 'unknown'])
    expect(withCluster(0, { opps: [{ freqHz: 1e9 }, { freqHz: 2e9, voltageV: 1 }] }).clusters.map(gradeOf)[0]).toBe('frequencies only')
  })
})

it('tells of each shipped board what it lacks', () => {
  const orin = [0, 1, 2].flatMap((i) => [`clusters.a78ae_${i}.opps`, `clusters.a78ae_${i}.capacitanceF`])
  expect(Object.fromEntries(shippedIds().map((id) => [id, fieldsOf(readShipped(id))]))).toEqual({
    'apple-m1': ['thermalZones'],
    db845c: ['clusters.silver.opps', 'clusters.gold.opps', 'memory.bandwidth', 'thermalZones'],
    hikey960: ['memory.bandwidth'],
    imx8mm: ['clusters.a53.capacitanceF', 'memory.bandwidth'],
    'jetson-agx-orin': [...orin, 'memory.bandwidth', 'thermalZones'],
    'jetson-nano': ['clusters.a57.capacitanceF'],
    'jetson-orin-nano': ['clusters.a78ae.opps', 'clusters.a78ae.capacitanceF', 'thermalZones'],
    'khadas-vim3': ['clusters.a53.capacitanceF', 'clusters.a73.capacitanceF'],
    'odroid-xu4': [],
    'pixel-6': ['memory.bandwidth', 'thermalZones'],
    'raspberry-pi-4': [],
    'raspberry-pi-5': ['clusters.a76.opps', 'clusters.a76.capacitanceF'],
    rk3399: [],
    rk3588: [],
  })
})
