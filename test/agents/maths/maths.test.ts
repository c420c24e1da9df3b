import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binOf, makeDiscretiser } from '../../../agents/maths/discretise.ts'
import { decayedEpsilon, fillEpsilonGreedy } from '../../../agents/maths/epsilon-greedy.ts'
import { updateLeastSquares } from '../../../agents/maths/least-squares.ts'
import { allowedAt, argminAllowed, countAllowed } from '../../../agents/maths/masked.ts'
import { discountedPrior, learningRate, qLearningError } from '../../../agents/maths/td.ts'
import { type Monitor, makeSpaces } from '../../../src/core/spaces.ts'

const spacesOf = (...names: string[]) =>
  makeSpaces({
    knobs: [{ name: 'k', kind: 'other', values: [1] }],
    points: [{ k: 1 }],
    monitors: names.map((name): Monitor => ({ name, low: 0, high: 1 })),
  })

describe('masked actions', () => {
  const mask = Uint8Array.of(0, 1, 0, 1, 1)
  it('are counted and found by rank', () => {
    expect(countAllowed(mask)).toBe(3)
    expect([0, 1, 2].map((rank) => allowedAt(mask, rank))).toEqual([1, 3, 4])
  })
  it('never are the least, and the lowest index wins a tie', () => {
    expect(argminAllowed(Float64Array.of(-9, 2, -9, 1, 1), mask)).toBe(3)
    expect(argminAllowed(Float64Array.of(0, Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY, 0), Uint8Array.of(0, 1, 0, 1, 0))).toBe(1)
  })
})

describe('epsilon-greedy', () => {
  it('spreads epsilon over the mask: 0.3 over three actions', () => {
    const out = new Float64Array(4)
    fillEpsilonGreedy(out, 2, 0.3, Uint8Array.of(1, 0, 1, 1))
    expect(Array.from(out)).toEqual([0.3 / 3, 0, 0.3 / 3 + 0.7, 0.3 / 3])
  })
  it('decays from the start to the floor, halving after tau', () => {
    expect(decayedEpsilon(0.2, 0.05, 100, 0)).toBe(0.2)
    expect(decayedEpsilon(0.2, 0.05, 100, 100)).toBe(0.1)
    expect(decayedEpsilon(0.2, 0.05, 100, 1e9)).toBe(0.05)
    // A start below the floor stays: 0 means "never".
    expect(decayedEpsilon(0, 0.05, 100, 50)).toBe(0)
  })
})

describe('temporal differences', () => {
  it('cost + gamma * least next - value', () => expect(qLearningError(3, 1, 0.5, 2)).toBe(-1))
  it('learning rate: 1/2, 1/3, 1/4 with the prior as one visit, then the floor', () => {
    expect([1, 2, 3, 100].map((n) => learningRate(n, 1, 0.05))).toEqual([1 / 2, 1 / 3, 1 / 4, 0.05])
  })
  it('prior for ever: 2 now and 1 in each of the following, discounted by 1/2, is 3', () => expect(discountedPrior(2, 1, 0.5)).toBe(3))
})

describe('recursive least squares', () => {
  it('one update by hand: A0 = diag(1, 2), x = (1, 1), target 3', () => {
    // v = (1, 1/2), 1 + x v = 5/2, theta = v / 2.5 * 3; A^-1 = [[1 - 0.4, -0.2], [-0.2, 0.5 - 0.1]].
    const inverse = Float64Array.of(1, 0, 0, 0.5)
    const theta = Float64Array.of(0, 0)
    updateLeastSquares(inverse, theta, 0, Float64Array.of(1, 1), 3, new Float64Array(2))
    for (const [i, expected] of [0.6, -0.2, -0.2, 0.4].entries()) expect(inverse[i]).toBeCloseTo(expected, 14)
    for (const [i, expected] of [1.2, 0.6].entries()) expect(theta[i]).toBeCloseTo(expected, 14)
  })

  it('stays the inverse of A0 + sum x x^T, and solves it, in its own block only', () => {
    const number = fc.double({ min: -2, max: 2, noNaN: true })
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number, number, number), { minLength: 1, maxLength: 30 }), (rows) => {
        const d = 3
        const inverse = new Float64Array(3 * d * d).fill(7)
        const theta = new Float64Array(3 * d).fill(7)
        for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) inverse[d * d + i * d + j] = i === j ? 1 : 0
        theta.fill(0, d, 2 * d)
        const a = [1, 0, 0, 0, 1, 0, 0, 0, 1]
        const b = [0, 0, 0]
        for (const [x0, x1, x2, target] of rows) {
          const x = [x0, x1, x2]
          updateLeastSquares(inverse, theta, 1, Float64Array.from(x), target, new Float64Array(d))
          for (let i = 0; i < d; i++) {
            b[i] = (b[i] as number) + target * (x[i] as number)
            for (let j = 0; j < d; j++) a[i * d + j] = (a[i * d + j] as number) + (x[i] as number) * (x[j] as number)
          }
        }
        for (let i = 0; i < d; i++) {
          let solved = 0
          for (let j = 0; j < d; j++) {
            let product = 0
            for (let k = 0; k < d; k++) product += (a[i * d + k] as number) * (inverse[d * d + k * d + j] as number)
            expect(product).toBeCloseTo(i === j ? 1 : 0, 8)
            solved += (a[i * d + j] as number) * (theta[d + j] as number)
          }
          expect(solved).toBeCloseTo(b[i] as number, 7)
        }
        expect(inverse.subarray(0, d * d).every((value) => value === 7) && inverse.subarray(2 * d * d).every((value) => value === 7)).toBe(true)
      }),
    )
  })
})

describe('discretisation', () => {
  it('bins by edges, absent apart', () => {
    expect([0, 0.0999, 0.1, 0.39, 0.4, 1, Number.NaN].map((value) => binOf(value, [0.1, 0.4]))).toEqual([0, 0, 1, 1, 2, 2, 3])
  })

  it('finds clusters and queue by name: (3 + 1)^2 * (2 + 1) states for two clusters', () => {
    const { states, stateOf, axes } = makeDiscretiser(spacesOf('tempC', 'little.interference', 'queueLength', 'big.interference', 'pressure'))
    expect(axes.map((axis) => axis.monitor)).toEqual(['little.interference', 'big.interference', 'queueLength'])
    expect(states).toBe(48)
    // little 2 of 4, big 0 of 4, queue 1 of 3.
    expect(stateOf(Float64Array.of(50, 0.5, 3, 0, 1))).toBe((2 * 4 + 0) * 3 + 1)
    expect(stateOf(Float64Array.of(50, Number.NaN, Number.NaN, Number.NaN, 1))).toBe(states - 1)
  })

  it('takes what has passed in the queue as a share of the deadline, and finds the bins of a state again', () => {
    const { states, stateOf, binAt, axes } = makeDiscretiser(spacesOf('a.interference', 'waitedS', 'queueLength', 'deadlineS'))
    expect(axes.map((axis) => axis.monitor)).toEqual(['a.interference', 'waitedS'])
    expect(states).toBe(16)
    const bins = (...values: number[]): number[] => [0, 1].map((axis) => binAt(stateOf(Float64Array.from(values)), axis))
    expect(bins(0.2, 0.01, 3, 0.1)).toEqual([1, 1])
    expect(bins(0, 0.05, 3, 0.1)).toEqual([0, 2])
    // No deadline: nothing is lost of it. An absent wait is not known.
    expect(bins(0.5, 0.05, 0, Number.NaN)).toEqual([2, 0])
    expect(bins(Number.NaN, Number.NaN, 0, 0.1)).toEqual([3, 3])
  })

  it('takes pressure where no cluster tells of interference, coarser bins for four clusters, and no fifth one', () => {
    expect(makeDiscretiser(spacesOf('pressure')).axes.map((axis) => axis.monitor)).toEqual(['pressure'])
    expect(makeDiscretiser(spacesOf('a.interference', 'b.interference', 'c.interference', 'd.interference', 'e.interference')).states).toBe(3 ** 4)
    expect(makeDiscretiser(spacesOf('tempC')).states).toBe(1)
  })
})
