import { expect, test } from 'vitest'
import { cosineRate, makeAdam } from '../../../src/network/training/adam.ts'

const parameter = (values: number[]) => ({ name: 'p', shape: [values.length], values: Float32Array.from(values) })

test('the first step of Adam is the learning rate against the sign of the slope', () => {
  const p = parameter([1, 1, 1])
  makeAdam([p]).step([Float32Array.of(0.3, -20, 0)], 0.1)
  expect([...p.values].map((x) => Number(x.toFixed(4)))).toEqual([0.9, 1.1, 1])
})

test('the second step follows from both moments', () => {
  // m = 0.9 * 0.1 + 0.1 * 3 = 0.39 over 1 - 0.81; v = 0.999 * 0.001 + 0.001 * 9 = 0.009999 over 1 - 0.998001.
  const p = parameter([0])
  const adam = makeAdam([p])
  adam.step([[1]], 0.1)
  adam.step([[3]], 0.1)
  expect(p.values[0]).toBeCloseTo(-0.1 - (0.1 * (0.39 / 0.19)) / Math.sqrt(0.009999 / 0.001999), 5)
})

test('Adam finds the bottom of a parabola', () => {
  const p = parameter([5])
  const adam = makeAdam([p])
  for (let i = 0; i < 500; i++) adam.step([[2 * ((p.values[0] as number) - 2)]], cosineRate(0.1, i, 500))
  expect(p.values[0]).toBeCloseTo(2, 2)
})

test('the learning rate rises, peaks and ends near 0', () => {
  const rates = Array.from({ length: 100 }, (_, i) => cosineRate(1, i, 100))
  expect(rates.slice(0, 6).map((x) => Number(x.toFixed(3)))).toEqual([0.2, 0.4, 0.6, 0.8, 1, 1])
  expect(rates[99]).toBeLessThan(0.001)
  expect(rates.slice(5).every((rate, i, all) => i === 0 || rate < (all[i - 1] as number))).toBe(true)
})
