import { describe, expect, it } from 'vitest'
import { makeChangePoint } from '../../../agents/maths/change-point.ts'
import { makeLoadResponse } from '../../../agents/maths/load-response.ts'
import { makeNoiseVariance } from '../../../agents/maths/noise-variance.ts'
import { normalBeyond, normalImprovement, normalQuantile } from '../../../agents/maths/normal-table.ts'
import { makeScale } from '../../../agents/maths/scale.ts'
import { makeShift } from '../../../agents/maths/shift.ts'
import { makeSurprise } from '../../../agents/maths/surprise.ts'
import { normalCdf } from '../../../src/core/normal.ts'
import { makeRng } from '../../../src/core/rng.ts'

describe('shift', () => {
  it('is a scalar Kalman filter', () => {
    const shift = makeShift(0.01, 1)
    shift.drift()
    // K = 0.01 / (0.01 + 0.03) = 1/4; mean = 0.4 / 4; P = 3/4 * 0.01
    expect(shift.update(0.4, 0.03)).toBeCloseTo(0.1, 12)
    expect(shift.mean).toBeCloseTo(0.1, 12)
    expect(shift.variance).toBeCloseTo(0.0075, 12)
    shift.move(-0.3)
    expect(shift.mean).toBeCloseTo(-0.2, 12)
    shift.widen(5)
    expect(shift.variance).toBe(1)
    expect(makeShift(0.01, 1, shift.save()).mean).toBe(shift.mean)
  })
})

describe('load response', () => {
  it('is a Kalman filter on shift and slope at once', () => {
    const response = makeLoadResponse({ drift: 0.01, most: 1, slope: 1, slopeVariance: 0.04 })
    response.drift()
    // Without load the slope learns nothing: K = 0.01 / (0.01 + 0.03) = 1/4.
    expect(response.update(0.4, 0, 0.03)).toBeCloseTo(0.1, 12)
    expect([response.shift, response.slope, response.shiftVariance]).toEqual([expect.closeTo(0.1, 12), 1, expect.closeTo(0.0075, 12)])
    // Under load 0.5: P H = (0.0075, 0.04 * 0.5), total = 0.0075 + 0.25 * 0.04 + 0.0025 = 0.02; of an error of 0.1 the shift takes 3/8, the slope all.
    expect(response.variance(0.5)).toBeCloseTo(0.0175, 12)
    expect(response.update(0.1, 0.5, 0.0025)).toBeCloseTo(0.0375, 12)
    expect(response.slope).toBeCloseTo(1.1, 12)
    // Together they answer for no more of the error than there was: 0.0375 + 0.5 * 0.1 < 0.1; and what is left unknown is what one of them might have of the other.
    expect(response.variance(0.5)).toBeCloseTo(0.0175 - 0.0175 ** 2 / 0.02, 12)
    response.move(-0.3)
    expect(response.shift).toBeCloseTo(-0.1625, 12)
    response.widen(5)
    expect(response.shiftVariance).toBe(1)
    expect(makeLoadResponse({ drift: 0, most: 1, slope: 1, slopeVariance: 1 }, response.save()).save()).toEqual(response.save())
    // It has seen errors of its own, and believes them.
    const before = response.save()
    response.resemble(3, 3, 0.1)
    expect(response.save()).toEqual(before)
  })

  it('is believed to be like another group until it has seen an error of its own, from a checkpoint too', () => {
    const settings = { drift: 0, most: 1, slope: 1, slopeVariance: 0.04 }
    const response = makeLoadResponse(settings)
    response.resemble(-0.5, 0.7, 0.09)
    expect([response.shift, response.slope, response.variance(2)]).toEqual([-0.5, 0.7, 0.36])
    const resumed = makeLoadResponse(settings, response.save())
    resumed.resemble(-0.4, 0.6, 0.09)
    expect([resumed.shift, resumed.slope]).toEqual([-0.4, 0.6])
    resumed.update(0.1, 1, 0.1)
    const own = resumed.slope
    resumed.resemble(0, 1, 0.09)
    expect(resumed.slope).toBe(own)
  })

  it('does not blame a jump on the slope once the shift has been let go', () => {
    const response = makeLoadResponse({ drift: 0, most: 1, slope: 1, slopeVariance: 0.01 })
    response.widen(0.25)
    response.update(0.7, 1, 0.001)
    expect(response.shift).toBeGreaterThan(0.65)
    expect(response.slope).toBeLessThan(1.04)
  })
})

describe('surprise', () => {
  it('takes one far error for a stall and two of one sign for a jump', () => {
    const surprise = makeSurprise()
    expect([9, 0.5, -9, 0.5].map((z) => surprise.update(z, true))).toEqual([false, false, false, false])
    expect([9, -9, 9].map((z) => surprise.update(z, true))).toEqual([false, false, false])
    expect(surprise.open).toBe(true)
    expect(surprise.update(5, false)).toBe(true)
    expect(surprise.open).toBe(false)
    expect(surprise.update(1, true)).toBe(false)
  })

  it('takes two new things that are odd for no jump, and leaves open what they were until something known is seen', () => {
    const surprise = makeSurprise()
    expect([9, 0, 9].map((z) => surprise.update(z, false))).toEqual([false, false, false])
    expect(surprise.open).toBe(true)
    expect(makeSurprise(surprise.save()).open).toBe(true)
    expect(surprise.update(0, true)).toBe(false)
    expect(surprise.open).toBe(false)
    // The board did jump: the second new thing was not odd.
    expect([9, 9].map((z) => surprise.update(z, false))).toEqual([false, false])
    expect(surprise.update(9, true)).toBe(true)
  })

  it('says what is far', () => {
    const surprise = makeSurprise()
    const farOf = (z: number): boolean => {
      surprise.update(z, true)
      return surprise.far
    }
    expect([3.9, 4.1, -4.1, 0].map(farOf)).toEqual([false, true, true, false])
  })

  it('learns from what followed whether the first is enough', () => {
    const jumps = (surprise: ReturnType<typeof makeSurprise>, zs: readonly number[]): boolean[] => zs.map((z) => surprise.update(z, true))
    const surprise = makeSurprise()
    // Two jumps that were confirmed outweigh the stall that is believed to have been; then one is enough, and its end too.
    expect(jumps(surprise, [9, 9, 0, -9, -9, 0])).toEqual([false, true, false, false, true, false])
    expect(jumps(surprise, [9, 0, -9, 0])).toEqual([true, false, true, false])
    const again = makeSurprise(surprise.save())
    // A stall is put right by the next error.
    expect(jumps(again, [9, -9, 0])).toEqual([true, true, false])
    // After more stalls than jumps it waits again.
    for (let k = 0; k < 8; k++) jumps(again, [9, -9, 0])
    expect(jumps(again, [9])).toEqual([false])
  })
})

describe('change point', () => {
  it('calls a change after several large errors of one sign, not after one, however large', () => {
    const watch = makeChangePoint(6)
    // The first, which may come of a tail, counts for 1.75 - 0.75 = 1, each further one for 3.5 - 0.75 = 2.75.
    expect([100, 100].map((z) => watch.update(z, 0.5))).toEqual([false, false])
    expect(watch.evidence).toBeCloseTo(3.75 / 6, 12)
    expect(watch.update(100, 0.4)).toBe(true)
    expect(watch.evidence).toBe(0)
    expect([100, -100, 100, -100].map((z) => watch.update(z, 0))).toEqual([false, false, false, false])
    watch.clear()
    expect(watch.evidence).toBe(0)
    // Every tenth answer is late by a tail: none of them is a change.
    for (let k = 0; k < 1000; k++) expect(watch.update(k % 10 === 0 ? 30 : 0, 0)).toBe(false)
  })

  it('knows where it has changed to by the middle of the last three, whatever a tail says', () => {
    const watch = makeChangePoint(6)
    for (const value of [0, 0.31, 1.4, 0.29]) watch.update(0, value)
    expect(watch.level).toBe(0.31)
    const restored = makeChangePoint(6, watch.save())
    for (const one of [watch, restored]) one.update(0, -2)
    expect([watch.level, restored.level]).toEqual([0.29, 0.29])
  })

  it('hardly ever calls one while nothing changes', () => {
    const watch = makeChangePoint(6)
    const rng = makeRng(7)
    let calls = 0
    for (let k = 0; k < 20000; k++) if (watch.update(rng.normal(), 0)) calls++
    expect(calls).toBeLessThan(5)
  })
})

describe('noise variance', () => {
  it('finds the variance of a noise under predictions of known uncertainty', () => {
    const noise = makeNoiseVariance(0.01, 6, 1e-6)
    const rng = makeRng(3)
    // Noise of standard deviation 0.05 over predictions off by 0.02.
    for (let k = 0; k < 2000; k++) noise.update(0.05 * rng.normal() + 0.02 * rng.normal(), 0.0004)
    expect(Math.sqrt(noise.value)).toBeCloseTo(0.05, 2)
  })

  it('is wider than its estimate while little is known: nu / (nu - 2)', () => {
    expect(makeNoiseVariance(0.01, 6, 1e-6).value).toBeCloseTo(0.015, 12)
  })

  it('counts an outlier as three standard deviations', () => {
    const noise = makeNoiseVariance(0.01, 6, 1e-6)
    noise.update(1000, 0)
    // S = 0.06 + 9 * 0.01, nu = 7, times 7 / 5
    expect(noise.value).toBeCloseTo(0.03, 12)
  })
})

describe('scale', () => {
  it('is the mean squared error of first looks, a prior weight included', () => {
    const scale = makeScale(4)
    scale.update(6)
    expect(scale.value).toBe(2)
    scale.update(100)
    expect(scale.value).toBeCloseTo(19 / 6, 12)
  })
})

describe('normal distribution by table', () => {
  it('agrees with the exact one to six digits', () => {
    for (let z = -7; z <= 7; z += 0.0137) expect(Math.abs(normalBeyond(z) - normalCdf(-z))).toBeLessThan(2e-7)
    expect([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN].map(normalBeyond)).toEqual([0, 1, 0])
  })

  it('knows quantiles', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 5)
    expect(normalQuantile(0.5)).toBeCloseTo(0, 10)
  })

  it('hopes for E[max(0, X)]', () => {
    // phi(0) = 0.398942; certain gains and losses; symmetric: E[max(0, X)] - E[max(0, -X)] = E[X]
    expect(normalImprovement(0, 2)).toBeCloseTo(2 * 0.398942, 5)
    expect(normalImprovement(-3, 0)).toBe(3)
    expect(normalImprovement(3, 0)).toBe(0)
    expect(normalImprovement(-1, 2) - normalImprovement(1, 2)).toBeCloseTo(1, 6)
  })
})
