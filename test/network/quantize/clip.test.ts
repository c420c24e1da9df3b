import { expect, test } from 'vitest'
import { affineOf } from '../../../src/network/quantize/affine.ts'
import { leastSquaresAffine, squaredError } from '../../../src/network/quantize/clip.ts'

const histogram = (low: number, high: number, bins: number, count: (bin: number) => number) => ({
  low,
  high,
  counts: Float64Array.from({ length: bins }, (_, bin) => count(bin)),
})

test('the error is that of the centres of the bins, cut off where the bytes end', () => {
  // Centres 0.5, 1.5, 2.5, 3.5; bytes of 0, 2, 4 … or of 0 and 1 alone.
  const four = histogram(0, 4, 4, () => 1)
  expect(squaredError(four, { scale: 2, zeroPoint: 0 })).toBe(0.25 + 0.25 + 0.25 + 0.25)
  expect(squaredError(four, { scale: 1, zeroPoint: 254 })).toBe(0.25 + 0.25 + 1.5 ** 2 + 2.5 ** 2)
})

test('an even spread keeps the whole range: cutting costs more than finer steps give', () => {
  const even = histogram(-1, 1, 4096, () => 1)
  expect(leastSquaresAffine(even)).toEqual(affineOf(-1, 1))
})

test('one far value among many is cut off', () => {
  // A million values below 1, one at 4.
  const far = histogram(0, 4, 4000, (bin) => (bin < 1000 ? 1000 : bin === 3999 ? 1 : 0))
  const { scale } = leastSquaresAffine(far)
  expect(scale).toBeLessThan(affineOf(0, 4).scale)
  expect(scale).toBeGreaterThanOrEqual(affineOf(0, 1).scale)
  expect(squaredError(far, leastSquaresAffine(far))).toBeLessThan(squaredError(far, affineOf(0, 4)))
})
