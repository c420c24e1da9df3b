import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makePacer } from '../../../envs/board/pace.ts'
import { makeFakeClock } from '../../support/fake-clock.ts'

describe('pacing', () => {
  it('rests as long as a slower core would work longer', async () => {
    const clock = makeFakeClock(10)
    const pacer = makePacer(clock)
    pacer.begin()
    clock.pass(0.004)
    await pacer.rest(0.004, 0.5)
    expect(clock.now()).toBeCloseTo(10.008, 12)
    clock.pass(0.001)
    await pacer.rest(0.001, 0.25)
    // 1 ms of work at a quarter of the speed takes 4 ms.
    expect(clock.now()).toBeCloseTo(10.012, 12)
  })

  it('does nothing at full speed', () => {
    const clock = makeFakeClock()
    const pacer = makePacer(clock)
    pacer.begin()
    expect(pacer.rest(0.004, 1)).toBeUndefined()
    expect(clock.slept).toEqual([])
  })

  it('takes what a rest overslept off the next one of the same request', async () => {
    const clock = makeFakeClock()
    const pacer = makePacer(clock)
    pacer.begin()
    clock.late(0.0005)
    await pacer.rest(0.002, 0.5)
    expect(clock.now()).toBeCloseTo(0.0025, 12)
    await pacer.rest(0.002, 0.5)
    // 1.5 ms are left to rest, and the sleep is late again.
    expect(clock.now()).toBeCloseTo(0.0045, 12)
    pacer.begin()
    await pacer.rest(0.002, 0.5)
    expect(clock.now()).toBeCloseTo(0.007, 12)
  })

  it('owes a rest that is too short to sleep', async () => {
    const clock = makeFakeClock()
    const pacer = makePacer(clock)
    pacer.begin()
    expect(pacer.rest(30e-6, 0.5)).toBeUndefined()
    await pacer.rest(30e-6, 0.5)
    expect(clock.slept).toHaveLength(1)
    expect(clock.now()).toBeCloseTo(60e-6, 12)
  })

  it('makes any request take its CPU time over the speed, however late sleeps are, but for the last lateness', async () => {
    const work = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(work, fc.integer({ min: 10, max: 99 }), fc.integer({ min: 0, max: 300 }), async (unitsUs, percent, lateUs) => {
        const clock = makeFakeClock()
        const pacer = makePacer(clock)
        const speed = percent / 100
        clock.late(lateUs * 1e-6)
        pacer.begin()
        let workedS = 0
        for (const us of unitsUs) {
          clock.pass(us * 1e-6)
          workedS += us * 1e-6
          await pacer.rest(us * 1e-6, speed)
        }
        const tookS = clock.now()
        // Too short by at most what is still owed, too long by at most one late sleep.
        expect(tookS).toBeGreaterThan(workedS / speed - 51e-6)
        expect(tookS).toBeLessThan(workedS / speed + lateUs * 1e-6 + 1e-9)
      }),
    )
  })
})
