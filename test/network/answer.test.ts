import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addLogits, confidenceOf, indexOfLargest } from '../../src/network/answer.ts'

describe('adding logits', () => {
  const units = Float32Array.of(1, 2, 10, 20, 100, 200)

  test.each([
    [0b001, [1, 2]],
    [0b011, [11, 22]],
    [0b111, [111, 222]],
    [0b100, [100, 200]],
    [0b000, [0, 0]],
  ])('of the units %b', (bits, sum) => {
    const out = Float32Array.of(7, 7)
    addLogits(units, bits, out)
    expect([...out]).toEqual(sum)
  })

  test('reaches unit 30', () => {
    const many = new Float32Array(31).fill(1)
    const out = new Float32Array(1)
    addLogits(many, 0x7fff_ffff, out)
    expect(out[0]).toBe(31)
  })
})

describe('the answer', () => {
  test('is the largest logit, the first of equals', () => {
    expect(indexOfLargest(Float32Array.of(-3, -1, -2))).toBe(1)
    expect(indexOfLargest(Float32Array.of(4, 5, 5))).toBe(1)
  })

  test('its confidence is the softmax at the temperature', () => {
    // exp(ln 3) / (exp(ln 3) + 1) = 3/4; at temperature 2 sqrt(3) / (sqrt(3) + 1).
    const logits = Float32Array.of(0, Math.log(3))
    expect(confidenceOf(logits, 1)).toBeCloseTo(0.75, 6)
    expect(confidenceOf(logits, 2)).toBeCloseTo(Math.sqrt(3) / (Math.sqrt(3) + 1), 6)
  })

  test('huge logits do not overflow', () => expect(confidenceOf(Float32Array.of(1e30, 1e30), 1)).toBe(0.5))

  test('the confidence lies between 1/classes and 1 and falls with the temperature', () => {
    const finite = fc.float({ min: -50, max: 50, noNaN: true })
    fc.assert(
      fc.property(fc.float32Array({ minLength: 2, maxLength: 10, noNaN: true, min: -50, max: 50 }), finite, (logits, shift) => {
        const confidence = confidenceOf(logits, 1)
        expect(confidence).toBeGreaterThanOrEqual(1 / logits.length - 1e-12)
        expect(confidence).toBeLessThanOrEqual(1)
        expect(confidenceOf(logits, 1 + Math.abs(shift))).toBeLessThanOrEqual(confidence + 1e-12)
      }),
    )
  })
})
