import { expect, test } from 'vitest'
import { mean } from '../../src/core/statistics.ts'
import { makeSampleInput } from '../../src/network/sample-input.ts'

test('a sample follows its seed and fills its shape with numbers about 0', () => {
  const sample = makeSampleInput([1, 3, 32, 32], 5)
  expect(sample.length).toBe(3072)
  expect(makeSampleInput([1, 3, 32, 32], 5)).toEqual(sample)
  expect(makeSampleInput([1, 3, 32, 32], 6)).not.toEqual(sample)
  expect(sample.every(Number.isFinite)).toBe(true)
  const deviation = Math.sqrt(mean(sample.map((x) => x * x)))
  expect(deviation).toBeGreaterThan(0.1)
  expect(deviation).toBeLessThan(3)
})
