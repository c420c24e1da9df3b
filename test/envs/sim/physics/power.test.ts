import { describe, expect, it } from 'vitest'
import { fittedLeakageOf, fittedThermalOf, leakageGrowth, thermalShapeOf } from '../../../../envs/sim/physics/constants.ts'
import { parallelSpeedup, rooflineS } from '../../../../envs/sim/physics/latency.ts'
import { dynamicPowerW, leakagePowerW } from '../../../../envs/sim/physics/power.ts'
import { shippedIds } from '../../../../src/board/known/shipped.ts'

describe('power', () => {
  it('switching: C V^2 f for each busy core', () => {
    // 0.31 nF * 1.2^2 * 1.5 GHz = 0.6696 W a core; two cores at 1.5 times the activity: 2.0088 W.
    expect(dynamicPowerW(3.1e-10, 1.2, 1.5e9, 1, 1)).toBeCloseTo(0.6696, 12)
    expect(dynamicPowerW(3.1e-10, 1.2, 1.5e9, 2, 1.5)).toBeCloseTo(2.0088, 12)
  })

  it('leakage: as stated at 1 V and 25 C, proportional to V, exponential in both', () => {
    expect(leakagePowerW(0.1, 0.02, 1, 25, 3)).toBe(0.1)
    // 50 K more at 0.02 / K: e.
    expect(leakagePowerW(0.1, 0.02, 1, 75)).toBeCloseTo(0.1 * Math.E, 12)
    // 0.2 V more: 1.2 e^(0.2 * 5) = 1.2 e.
    expect(leakagePowerW(0.1, 0, 1.2, 90, 5)).toBeCloseTo(0.12 * Math.E, 12)
    expect(leakagePowerW(0.1, 0, 1.2, 90)).toBeCloseTo(0.12, 12)
  })
})

describe('latency', () => {
  it('roofline: the longer of computing and moving', () => {
    // 1e8 MACs at 1e9/s: 0.1 s; 1e7 B at 1e9 B/s: 0.01 s.
    expect(rooflineS(1e8, 1e9, 0, 1e7, 1e9, 0)).toBeCloseTo(0.1, 12)
    // Half of the cluster gone: 0.2 s.
    expect(rooflineS(1e8, 1e9, 0.5, 1e7, 1e9, 0)).toBeCloseTo(0.2, 12)
    // 95 % of the bandwidth gone: moving takes 0.2 s, computing 0.1 s.
    expect(rooflineS(1e8, 1e9, 0, 1e7, 1e9, 0.95)).toBeCloseTo(0.2, 12)
  })

  it('Amdahl: four cores at 90 % parallel are 1 / (0.1 + 0.225) = 3.08 times one; one core is one; infinitely many 10', () => {
    expect(parallelSpeedup(4, 0.9)).toBeCloseTo(1 / 0.325, 12)
    expect(parallelSpeedup(1, 0.9)).toBeCloseTo(1, 12)
    expect(parallelSpeedup(1e12, 0.9)).toBeCloseTo(10, 6)
  })
})

describe('constants', () => {
  it('say for every shipped board whether they are fitted or assumed', () => {
    for (const id of shippedIds()) {
      const source = fittedThermalOf(id)?.source ?? thermalShapeOf(id).source
      expect(source).toMatch(/^(fitted on .*node dist\/bench\/plant\/fit\.js|assumed: )/)
    }
    expect(fittedThermalOf('odroid-xu4')?.source).toMatch(/^fitted/)
    expect(fittedLeakageOf('odroid-xu4', 'a15')?.source).toMatch(/^fitted/)
    expect(fittedLeakageOf('odroid-xu4', 'a7')).toBeUndefined()
    expect(leakageGrowth.source).toMatch(/^fitted/)
  })

  it('a board that nobody knows counts as bare', () => {
    expect(thermalShapeOf('mine').source).toMatch(/bare/)
  })
})
