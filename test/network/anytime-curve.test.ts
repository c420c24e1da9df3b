import { describe, expect, it } from 'vitest'
import { anytimeCurve, anytimeThresholds, atEqualCost } from '../../src/network/anytime-curve.ts'
import { makeNetwork } from '../../src/network/manifest.ts'
import { twoIncrements } from './support.ts'

// Sub-networks of 8 and 16 multiply-accumulates. The small one is right where it is sure (images 0 and 1) and wrong elsewhere; the large one is right but for image 1.
const network = makeNetwork('/nowhere', twoIncrements())
const answers = {
  truth: [0, 0, 1, 1],
  labels: [Uint16Array.of(0, 0, 0, 0), Uint16Array.of(0, 1, 1, 1)],
  confidences: [Float64Array.of(0.95, 0.8, 0.6, 0.55), Float64Array.of(0.99, 0.7, 0.9, 0.65)],
}

describe('the anytime curve', () => {
  it('stops each image at the first size that is sure enough', () => {
    const [all, most, half, one] = anytimeCurve(network, answers, [0, 0.58, 0.7, 0.9])
    expect(all).toMatchObject({ threshold: 0, top1: 0.5, meanMacs: 8, shares: [1, 0] })
    expect(all?.confidence).toBeCloseTo((0.95 + 0.8 + 0.6 + 0.55) / 4, 12)
    // Image 3 alone goes on.
    expect(most).toMatchObject({ top1: 0.75, meanMacs: 10, shares: [0.75, 0.25] })
    expect(most?.confidence).toBeCloseTo((0.95 + 0.8 + 0.6 + 0.65) / 4, 12)
    expect(half).toMatchObject({ top1: 1, meanMacs: 12, shares: [0.5, 0.5] })
    // Image 1 goes on too, and is spoiled by it.
    expect(one).toMatchObject({ top1: 0.75, meanMacs: 14, shares: [0.25, 0.75] })
  })

  it('is judged at a fixed grid, from always the smallest on', () => {
    expect(anytimeThresholds[0]).toBe(0)
    expect([...anytimeThresholds].sort((a, b) => a - b)).toEqual(anytimeThresholds)
    expect(anytimeCurve(network, answers)).toHaveLength(anytimeThresholds.length)
  })

  it('has no points for variants', () => {
    const { subnets, ...rest } = twoIncrements()
    const variants = makeNetwork('/nowhere', { ...rest, kind: 'variants', subnets: subnets.map((subnet, s) => ({ ...subnet, units: [s] })) })
    expect(anytimeCurve(variants, answers)).toEqual([])
    expect(atEqualCost(variants, answers)).toEqual([null, null])
  })
})

describe('at equal mean cost', () => {
  it('the ends of the curve are the smallest and the largest size', () => {
    const [small, large] = atEqualCost(network, answers, [0, 0.7])
    expect(small).toEqual({ top1: 0.5, difference: { mean: 0, lo: 0, hi: 0, n: 4 } })
    expect(large).toEqual({ top1: 0.75, difference: { mean: 0, lo: 0, hi: 0, n: 4 } })
  })

  it('a size between is met by a mixture of the two thresholds beside it', () => {
    // A size in the middle of 11 MACs that is as good as the small one: the policy there is half 0.58 (10 MACs, 3 of 4 right) and half 0.7 (12 MACs, all right).
    const { subnets, ...rest } = twoIncrements()
    const [first, last] = subnets as [(typeof subnets)[number], (typeof subnets)[number]]
    const three = makeNetwork('/nowhere', { ...rest, subnets: [first, { ...last, name: '75', macs: 11 }, last] })
    const middle = {
      ...answers,
      labels: [answers.labels[0], answers.labels[0], answers.labels[1]] as Uint16Array[],
      confidences: [answers.confidences[0], new Float64Array(4), answers.confidences[1]] as Float64Array[],
    }
    const [, at] = atEqualCost(three, middle, [0.58, 0.7])
    expect(at?.top1).toBeCloseTo(0.875, 12)
    // Against the fixed size: 0, 0, +1/2, +1.
    expect(at?.difference).toMatchObject({ mean: 0.375, n: 4 })
    // s = sqrt(0.6875 / 3) = 0.4787, Student's t of 3 degrees 3.182: 3.182 * 0.4787 / 2 = 0.7616
    expect((at?.difference.hi as number) - 0.375).toBeCloseTo(0.7616, 3)
  })
})
