import { describe, expect, test } from 'vitest'
import { affineOf, quantizeBias, quantizeKernel } from '../../../src/network/quantize/affine.ts'

describe('parameters of a range', () => {
  test.each([
    ['of both signs', -1, 4.1, 0.02, 50],
    ['after a ReLU', 0, 5.1, 0.02, 0],
    ['above 0, widened to hold 0', 0.3, 5.1, 0.02, 0],
    ['below 0, widened to hold 0', -5.1, -1, 0.02, 255],
    ['of 0 alone', 0, 0, 1, 0],
  ])('%s', (_, low, high, scale, zeroPoint) => {
    expect(affineOf(low, high)).toEqual({ scale: Math.fround(scale), zeroPoint })
  })
})

test('the largest weight of every output channel becomes 127 or -127', () => {
  // Steps of 0.01, of 0.02 and, for a channel of nothing, of 1.
  const kernel = Float32Array.of(1.27, -0.64, 0.012, 0.06, -2.54, 1, 0, 0, 0)
  const { values, scales } = quantizeKernel(kernel, 3)
  expect([...values]).toEqual([127, -64, 1, 3, -127, 50, 0, 0, 0])
  expect([...scales]).toEqual([Math.fround(0.01), Math.fround(0.02), 1])
})

test('a bias has the scale of the products that it is added to', () => {
  const { values, scales } = quantizeBias(Float32Array.of(1, -0.6, 1e12), 0.5, Float32Array.of(0.25, 0.5, 1))
  expect([...scales]).toEqual([0.125, 0.25, 0.5])
  // 1 / 0.125, -0.6 / 0.25 to the nearest, and what int32 cannot hold cut off.
  expect([...values]).toEqual([8, -2, 2 ** 31 - 1])
})
