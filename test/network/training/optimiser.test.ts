import { expect, test } from 'vitest'
import { makeRng } from '../../../src/core/rng.ts'
import { openBackend } from '../../../src/network/training/backend.ts'
import { cosineRate, makeOptimiser } from '../../../src/network/training/optimiser.ts'
import { orthogonalised } from '../../../src/network/training/orthogonalise.ts'

const backend = await openBackend('wasm')
const plain = (values: number[]) => ({ name: 'p', shape: [values.length], values: Float32Array.from(values) })

// What is no kernel learns at a twentieth of the rate.
const rate = 2

test('the first step of a shift is its learning rate against the sign of the slope', () => {
  const p = plain([1, 1, 1])
  makeOptimiser(backend, [p]).step([Float32Array.of(0.3, -20, 0)], rate, 0)
  expect([...p.values].map((x) => Number(x.toFixed(4)))).toEqual([0.9, 1.1, 1])
})

test('the second step of a shift follows from both moments', () => {
  // m = 0.9 * 0.1 + 0.1 * 3 = 0.39 over 1 - 0.81; v = 0.999 * 0.001 + 0.001 * 9 = 0.009999 over 1 - 0.998001.
  const p = plain([0])
  const optimiser = makeOptimiser(backend, [p])
  optimiser.step([[1]], rate, 0)
  optimiser.step([[3]], rate, 1)
  expect(p.values[0]).toBeCloseTo(-0.1 - (0.1 * (0.39 / 0.19)) / Math.sqrt(0.009999 / 0.001999), 5)
})

test('the state is all that a step depends on', () => {
  const make = () => ({ name: 'k', shape: [3, 3, 2, 4], values: Float32Array.from({ length: 72 }, (_, i) => Math.cos(i)) })
  const slopes = [0, 1, 2].map((seed) => [Float32Array.from({ length: 72 }, (_, i) => Math.sin(i + seed)), [seed, 1]])
  const [one, two] = [
    [make(), plain([0, 0])],
    [make(), plain([0, 0])],
  ]
  const whole = makeOptimiser(backend, one)
  slopes.forEach((slope, step) => {
    whole.step(slope, 0.1, step)
  })
  const before = makeOptimiser(backend, two)
  before.step(slopes[0] as number[][], 0.1, 0)
  before.step(slopes[1] as number[][], 0.1, 1)
  const after = makeOptimiser(backend, two)
  after.state.forEach((values, i) => {
    values.set(before.state[i] as Float32Array)
  })
  after.step(slopes[2] as number[][], 0.1, 2)
  expect(two).toEqual(one)
})

test('a kernel keeps the norm that its outputs set, but for the step', () => {
  const kernel = { name: 'k', shape: [3, 3, 2, 4], values: new Float32Array(72).fill(7) }
  makeOptimiser(backend, [kernel]).step([new Float32Array(72)], 0.1, 0)
  // No slope, no direction: 72 equal values whose squares sum to 4.
  for (const x of kernel.values) expect(x).toBeCloseTo(Math.sqrt(4 / 72), 6)
})

test.each([
  ['tall', 18, 4],
  ['wide', 4, 18],
])('a %s matrix gets singular values near 1 and keeps its singular vectors', (_, rows, columns) => {
  const rng = makeRng(1)
  const values = Float32Array.from({ length: rows * columns }, () => rng.normal())
  const found = orthogonalised(backend, values, rows, columns)
  const { tf } = backend
  const tall = (x: ArrayLike<number>) => {
    const matrix = tf.tensor2d(Float32Array.from(x), [rows, columns])
    return rows > columns ? matrix : tf.transpose(matrix)
  }
  // u' u is about the identity: its diagonal within the range of the iteration, nothing much beside it.
  const gram = tf.tidy(() => tf.matMul(tall(found), tall(found), true, false).arraySync()) as number[][]
  gram.forEach((row, i) => {
    row.forEach((x, j) => {
      if (i === j) expect(x).toBeGreaterThan(0.4)
      expect(Math.abs(x - (i === j ? 1 : 0))).toBeLessThan(i === j ? 0.6 : 0.3)
    })
  })
  // The same vectors: u' x is symmetric and positive, as in the polar decomposition.
  const mixed = tf.tidy(() => tf.matMul(tall(found), tall(values), true, false).arraySync()) as number[][]
  mixed.forEach((row, i) => {
    expect(row[i]).toBeGreaterThan(0)
    row.forEach((x, j) => {
      expect(Math.abs(x - (mixed[j]?.[i] as number))).toBeLessThan(1e-2)
    })
  })
})

test('the learning rate rises, peaks and ends near 0', () => {
  const rates = Array.from({ length: 100 }, (_, i) => cosineRate(1, i, 100))
  expect(rates.slice(0, 6).map((x) => Number(x.toFixed(3)))).toEqual([0.2, 0.4, 0.6, 0.8, 1, 1])
  expect(rates[99]).toBeLessThan(0.001)
  expect(rates.slice(5).every((rate, i, all) => i === 0 || rate < (all[i - 1] as number))).toBe(true)
})
