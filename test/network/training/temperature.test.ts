import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fitTemperature, meanNll } from '../../../src/network/training/temperature.ts'

test('the likelihood is that of the softmax at the temperature', () => {
  expect(meanNll([0, Math.log(3)], [1], 1)).toBeCloseTo(Math.log(4 / 3), 9)
  expect(meanNll([0, Math.log(9)], [0], 2)).toBeCloseTo(Math.log(4), 9)
})

test('logits that are right three times in four want a confidence of three quarters', () => {
  // Every image says class 1 with a gap of 4; 3 of 4 are class 1, so the best temperature makes softmax 3/4: gap / T = ln 3.
  const logits = Array.from({ length: 8 }, (_, i) => (i % 2 === 1 ? 4 : 0))
  expect(fitTemperature(logits, [1, 1, 1, 0])).toBeCloseTo(4 / Math.log(3), 2)
})

test('no other temperature in range is likelier', () => {
  const logit = fc.double({ min: -5, max: 5, noNaN: true })
  fc.assert(
    fc.property(
      fc.array(fc.tuple(logit, logit, logit, fc.nat(2)), { minLength: 1, maxLength: 20 }),
      fc.double({ min: 0.1, max: 10, noNaN: true }),
      (rows, other) => {
        const logits = rows.flatMap((row) => row.slice(0, 3))
        const labels = rows.map(([, , , label]) => label)
        expect(meanNll(logits, labels, fitTemperature(logits, labels))).toBeLessThanOrEqual(meanNll(logits, labels, other) + 1e-4)
      },
    ),
  )
})
