import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeInterferenceMeter } from '../../../envs/board/interference.ts'

/** Two cores whose times are set by hand. */
function makeWorld(has: { stat?: boolean; psi?: boolean } = {}) {
  const busyS = new Float64Array(2)
  const world = { busyS, ownS: new Float64Array(2), stalledS: 0, samples: 0 }
  const stat = {
    busyS,
    totalS: new Float64Array(2),
    sample() {
      world.samples++
      return true
    },
    close() {},
  }
  const own = { perCpuS: world.ownS, settle() {}, place() {}, totalS: () => world.ownS.reduce((a, b) => a + b) }
  const psi = { sample: () => world.stalledS, close() {} }
  const meter = makeInterferenceMeter(has.stat === false ? undefined : stat, has.psi === false ? undefined : psi, own, 2)
  return { world, meter }
}

describe('interference', () => {
  it('is busy time less our own, over the window', () => {
    const { world, meter } = makeWorld()
    meter.sample(100)
    expect(Array.from(meter.perCpu)).toEqual([Number.NaN, Number.NaN])
    world.busyS.set([0.08, 0.02])
    world.ownS.set([0.03, 0.02])
    world.stalledS = 0.025
    meter.sample(100.1)
    // Over 0.1 s: core 0 was busy for 80 ms, 30 of them ours; core 1 for ours alone.
    expect(meter.perCpu[0]).toBeCloseTo(0.5, 9)
    expect(meter.perCpu[1]).toBeCloseTo(0, 9)
    expect(meter.pressure()).toBeCloseTo(0.25, 9)
    // 100 ms of busy time, 50 of them ours.
    expect(meter.othersRatio()).toBeCloseTo(0.5, 9)
  })

  it('forgets what lies before the window', () => {
    const { world, meter } = makeWorld()
    // A burst on core 0 for 0.2 s, then nothing.
    for (let i = 0; i <= 40; i++) {
      world.busyS[0] = Math.min(0.2, i * 0.02)
      meter.sample(50 + i * 0.02)
      if (i === 8) expect(meter.perCpu[0]).toBeCloseTo(1, 9)
      // 12: half of the window lies in the burst (from 0.14 to 0.24 s, the window being five samples long).
      if (i === 12) expect(meter.perCpu[0]).toBeCloseTo(0.6, 9)
      if (i >= 16) expect(meter.perCpu[0]).toBeCloseTo(0, 9)
    }
  })

  it('reads nothing again within a tick', () => {
    const { world, meter } = makeWorld()
    meter.sample(1)
    meter.sample(1.005)
    meter.sample(1.0099)
    expect(world.samples).toBe(1)
    meter.sample(1.011)
    expect(world.samples).toBe(2)
  })

  it('is NaN for a core that is offline, and everywhere without /proc/stat', () => {
    const { world, meter } = makeWorld()
    meter.sample(1)
    world.busyS.set([0.05, Number.NaN])
    meter.sample(1.1)
    expect(meter.perCpu[0]).toBeCloseTo(0.5, 9)
    expect(meter.perCpu[1]).toBeNaN()
    expect(meter.othersRatio()).toBeCloseTo(1, 9)
    const blind = makeWorld({ stat: false }).meter
    blind.sample(1)
    blind.sample(1.1)
    expect(Array.from(blind.perCpu)).toEqual([Number.NaN, Number.NaN])
  })

  it('knows no pressure where the kernel reports none, and no share of others too early', () => {
    const { meter } = makeWorld({ psi: false })
    expect(meter.othersRatio()).toBeNaN()
    meter.sample(1)
    meter.sample(1.1)
    expect(meter.pressure()).toBeNaN()
    // Nobody was busy: nothing to share.
    expect(meter.othersRatio()).toBe(0)
  })

  it('stays in [0, 1] whatever the kernel counts', () => {
    const ms = fc.integer({ min: 0, max: 300 })
    fc.assert(
      fc.property(fc.array(fc.record({ busy: ms, own: ms, stalled: ms, gap: fc.integer({ min: 1, max: 300 }) }), { maxLength: 40 }), (steps) => {
        const { world, meter } = makeWorld()
        let nowS = 0
        for (const { busy, own, stalled, gap } of steps) {
          world.busyS[0] = (world.busyS[0] as number) + busy / 1000
          world.ownS[0] = (world.ownS[0] as number) + own / 1000
          world.stalledS += stalled / 1000
          nowS += gap / 1000
          meter.sample(nowS)
          for (const value of [...meter.perCpu, meter.pressure(), meter.othersRatio()])
            if (!Number.isNaN(value)) {
              expect(value).toBeGreaterThanOrEqual(0)
              expect(value).toBeLessThanOrEqual(1)
            }
        }
      }),
    )
  })
})
