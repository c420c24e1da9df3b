import { describe, expect, it } from 'vitest'
import { makeAxes } from '../../../agents/bayes/axes.ts'
import { type CarryInput, carryField, carrySlope } from '../../../agents/bayes/carried.ts'
import { findKinship } from '../../../agents/bayes/kinship.ts'
import { latencyPrior, makeCovariance, priorMean } from '../../../agents/bayes/prior.ts'
import { makeSpaces } from '../../../src/core/spaces.ts'

const boardOf = (freqHz: readonly number[]) => {
  const spaces = makeSpaces({
    knobs: [{ name: 'freqHz', kind: 'frequency', unit: 'Hz', values: freqHz }],
    points: freqHz.map((value) => ({ freqHz: value })),
    monitors: [],
  })
  return { spaces, axes: makeAxes(spaces), points: freqHz.length, told: undefined }
}
const earlier = boardOf([0.5e9, 0.7e9, 1e9, 1.4e9, 2e9])
// An exponent of -0.4, where the prior believes in -0.85; the level is 3.
const exponent = -0.4
const looks = earlier.spaces.points.map(({ freqHz }, i): [number, number, number] => [i, 3 + exponent * Math.log((freqHz as number) / 2e9), 1e8])

const carry = (here: ReturnType<typeof boardOf>, share: number, more: Partial<CarryInput> = {}) =>
  carryField({ prior: latencyPrior, earlier: { ...earlier, looks }, here, kinship: findKinship(earlier, here), share, ...more })

/** Exponent between the lowest and the highest clock. */
const slopeOf = (mean: Float64Array, freqHz: readonly number[]): number =>
  ((mean.at(-1) as number) - (mean[0] as number)) / Math.log((freqHz.at(-1) as number) / (freqHz[0] as number))

describe('a field that is carried over', () => {
  it('takes the exponent over as far as it is believed, and not the level', () => {
    const values = [0.4e9, 0.8e9, 1.6e9]
    const own = slopeOf(priorMean(boardOf(values).axes, latencyPrior, 3, undefined), values)
    const whole = slopeOf(carry(boardOf(values), 1).mean, values)
    const half = slopeOf(carry(boardOf(values), 0.5).mean, values)
    expect(own).toBeCloseTo(-0.85, 12)
    expect(whole).toBeGreaterThan(half)
    expect(half).toBeGreaterThan(own)
    expect(whole).toBeLessThan(exponent)
    expect(carry(boardOf(values), 1).mean.at(-1)).toBeLessThan(1)
  })

  it('is the prior where nothing is believed, or nothing was seen', () => {
    const here = boardOf([0.4e9, 0.8e9, 1.6e9])
    const own = makeCovariance(here.axes, latencyPrior, false)
    for (const { mean, covariance } of [carry(here, 0), carry(here, 1, { earlier: { ...earlier, looks: [] } })]) {
      expect(Array.from(mean)).toEqual(Array.from(priorMean(here.axes, latencyPrior, 3, undefined)))
      for (const [i, j] of [
        [0, 0],
        [0, 2],
        [1, 2],
      ] as const)
        expect(covariance(i, j)).toBeCloseTo(own(i, j), 9)
    }
  })

  it('is surer of differences than the prior, and no surer of the level', () => {
    const here = boardOf([0.5e9, 0.7e9, 1e9, 1.4e9, 2e9])
    const own = makeCovariance(here.axes, latencyPrior, false)
    const { covariance } = carry(here, 1)
    const apart = (of: typeof own): number => of(0, 0) + of(4, 4) - 2 * of(0, 4)
    expect(apart(covariance)).toBeLessThan(0.5 * apart(own))
    expect(covariance(4, 4)).toBeGreaterThan(latencyPrior.level ** 2)
  })

  it('carries a slope over by its likeness', () => {
    const carried = { beliefs: [], logDoubt: 0, noise: [], slopes: [{ saved: [1.4, 0.01], likeness: 0.5 }, undefined] }
    // 1 + 0.5 * 0.4, and 0.25 * 0.01 + 0.75 * 0.2^2.
    const [mean, variance] = carrySlope(carried, 0, 1, 0.2) as [number, number]
    expect(mean).toBeCloseTo(1.2, 12)
    expect(variance).toBeCloseTo(0.0325, 12)
    expect(carrySlope(carried, 1, 1, 0.2)).toBeUndefined()
    expect(carrySlope(undefined, 0, 1, 0.2)).toBeUndefined()
  })
})
