import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Cluster } from '../../src/board/board.ts'
import { discoverBoard } from '../../src/board/discover.ts'
import { assumedCorePowerW, assumedVoltageRatio, makeClusterPower } from '../../src/board/energy-model.ts'
import { unpackBoard } from '../fixtures/boards/unpack.ts'

const bare: Cluster = { id: 'cpu', kind: 'cpu', cpus: [0, 1], opps: [], oppsQuality: 'none', policyPaths: [], writable: 'absent' }
const listed: Cluster = { ...bare, opps: [{ freqHz: 5e8 }, { freqHz: 1e9 }, { freqHz: 2e9 }] }

describe('assumed law', () => {
  it('lets the voltage fall to 0.6 at a fifth of the clock', () => {
    expect([1, 0.6, 0.2, 0.1, 2].map(assumedVoltageRatio)).toEqual([1, expect.closeTo(0.8, 12), 0.6, 0.6, 1])
  })

  it('gives 5 W to an x86 core, and 1 W times capacity^1.4 to others; nothing to devices', () => {
    expect(assumedCorePowerW(bare, 'x86')).toBe(5)
    expect(assumedCorePowerW(bare, 'arm')).toBe(1)
    expect(assumedCorePowerW({ kind: 'cpu', capacity: 0.5 }, 'arm')).toBeCloseTo(0.3789, 4)
    expect(assumedCorePowerW({ kind: 'gpu' }, 'arm')).toBeNaN()
  })

  it('is V^2 f at real OPPs', () => {
    const power = makeClusterPower(listed, 'x86')
    expect([power.basis, power.maxPowerW, power.quality]).toEqual(['assumed', 5, 'estimated'])
    expect(power.corePowerW(2e9)).toBe(5)
    // Half the clock: V = 0.6 + 0.4 (0.5 - 0.2) / 0.8 = 0.75.
    expect(power.corePowerW(1e9)).toBeCloseTo(5 * 0.75 ** 2 * 0.5, 12)
    expect(power.energyOfCpuTime(1e9, 2)).toBeCloseTo(5 * 0.75 ** 2, 12)
  })

  it('takes one unknown OPP for the top', () => {
    expect(makeClusterPower(bare, 'x86').corePowerW(123)).toBe(5)
  })
})

describe('virtual OPPs', () => {
  it('cost what a board at that speed would: power V^2 s over time t / s', () => {
    const power = makeClusterPower(bare, 'x86')
    expect(power.virtualEnergyJ(1, 0.01)).toBeCloseTo(0.05, 12)
    expect(power.virtualEnergyJ(0.6, 0.01)).toBeCloseTo(0.05 * 0.64, 12)
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 1, noNaN: true }), fc.double({ min: 0, max: 10, noNaN: true }), (speed, timeS) => {
        const busyS = timeS / speed
        const powerW = power.maxPowerW * assumedVoltageRatio(speed) ** 2 * speed
        expect(power.virtualEnergyJ(speed, timeS)).toBeCloseTo(powerW * busyS, 9)
      }),
    )
  })

  it('never cost more when slower', () => {
    const power = makeClusterPower(bare, 'arm')
    const speed = fc.double({ min: 0.01, max: 1, noNaN: true })
    fc.assert(
      fc.property(speed, speed, (a, b) => {
        expect(power.virtualEnergyJ(Math.min(a, b), 1)).toBeLessThanOrEqual(power.virtualEnergyJ(Math.max(a, b), 1))
      }),
    )
  })
})

describe('known OPPs', () => {
  const known: Cluster = {
    ...bare,
    opps: [{ freqHz: 5e8 }, { freqHz: 1e9, voltageV: 1, powerW: 0.4 }, { freqHz: 1.5e9 }, { freqHz: 2e9, voltageV: 1.25, powerW: 1.25 }],
  }

  it('are used as they are, filled between, and scaled with the clock beyond, where the voltage no longer falls', () => {
    const power = makeClusterPower(known, 'arm')
    expect([power.basis, power.maxPowerW]).toEqual(['opps', 1.25])
    expect([2e9, 1.5e9, 1e9, 5e8].map(power.corePowerW)).toEqual([1.25, expect.closeTo(0.825, 12), 0.4, 0.2])
  })

  it('are not used where most are unknown', () => {
    expect(makeClusterPower({ ...known, opps: [...known.opps, { freqHz: 2.1e9 }] }, 'arm').basis).toBe('assumed')
  })
})

describe('a known board', () => {
  it('serves the OPPs of a vendor kernel that the device tree does not list', () => {
    const tree = unpackBoard('rk3588')
    const board = discoverBoard({ root: tree.root })
    tree.remove()
    const power = makeClusterPower(board.clusters[2] as Cluster, board.architecture)
    expect(power.basis).toBe('opps')
    // 2352 MHz lies between 2208 (0.9874 V at 0.8957 W) and nothing above on this pair: proportional to the clock.
    expect(power.maxPowerW).toBeCloseTo(0.895708 * (2352 / 2208), 5)
    expect(power.corePowerW(6e8)).toBeCloseTo(0.227448 / 2, 5)
  })
})
