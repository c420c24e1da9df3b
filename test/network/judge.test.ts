import { describe, expect, it } from 'vitest'
import { confusionOf, reliabilityOf, top1Of } from '../../src/network/judge.ts'

// Five answers to images of three classes.
const truth = [0, 0, 1, 2, 2]
const answered = [0, 1, 1, 2, 0]

describe('answers', () => {
  it('are right or not', () => expect(top1Of(answered, truth)).toBe(3 / 5))

  it('are counted by label and answer', () => {
    expect(confusionOf(answered, truth, 3)).toEqual([
      [1, 1, 0],
      [0, 1, 0],
      [1, 0, 1],
    ])
  })
})

describe('reliability', () => {
  // Bins of 1/15: 0.95 and 0.99 lie in the last, 0.5 and 0.52 in the eighth (7/15 to 8/15), 0.3 in the fifth (4/15 to 5/15).
  const { ece, reliability } = reliabilityOf(answered, [0.95, 0.5, 0.99, 0.52, 0.3], truth)

  it('compares confidence with accuracy in each bin', () => {
    expect(reliability).toHaveLength(15)
    expect(reliability[14]).toMatchObject({ high: 1, images: 2, accuracy: 1 })
    expect(reliability[14]?.confidence).toBeCloseTo(0.97, 12)
    expect(reliability[7]).toMatchObject({ images: 2, accuracy: 0.5 })
    expect(reliability[7]?.confidence).toBeCloseTo(0.51, 12)
    expect(reliability[4]).toMatchObject({ images: 1, accuracy: 0, confidence: 0.3 })
    expect(reliability[0]).toEqual({ low: 0, high: 1 / 15, images: 0, confidence: null, accuracy: null })
  })

  it('sums to the expected calibration error', () => {
    // (2 * |0.97 - 1| + 2 * |0.51 - 0.5| + 1 * |0.3 - 0|) / 5 = (0.06 + 0.02 + 0.3) / 5
    expect(ece).toBeCloseTo(0.076, 12)
  })

  it('puts the ends into the first and the last bin', () => {
    const { reliability: ends } = reliabilityOf([0, 0], [0, 1], [0, 0])
    expect([ends[0]?.images, ends[14]?.images]).toEqual([1, 1])
  })
})
