import { describe, expect, it } from 'vitest'
import { jackknife } from '../../../bench/plant/folds.ts'
import { leastSquares } from '../../../bench/plant/least-squares.ts'
import { nelderMead } from '../../../bench/plant/nelder-mead.ts'

describe('least squares', () => {
  it('finds what the data were made of: y = 2 a + 3 b', () => {
    const a = [
      [1, 0],
      [1, 1],
      [1, 2],
      [2, 5],
    ]
    const x = leastSquares(
      a,
      a.map(([p = 0, q = 0]) => 2 * p + 3 * q),
      [1, 1, 1, 1],
    )
    expect(x[0]).toBeCloseTo(2, 10)
    expect(x[1]).toBeCloseTo(3, 10)
  })

  it('weights count squared: the mean of 0 (weight 1) and 10 (weight 3) is 9', () => {
    expect(leastSquares([[1], [1]], [0, 10], [1, 3])[0]).toBeCloseTo(9, 12)
  })

  it('what would be negative is 0, and the rest is fitted again', () => {
    // y = 4 - x; without the slope the best constant is the mean, 3.
    const x = leastSquares(
      [
        [1, 0],
        [1, 1],
        [1, 2],
      ],
      [4, 3, 2],
      [1, 1, 1],
    )
    expect(x[0]).toBeCloseTo(3, 12)
    expect(x[1]).toBe(0)
  })

  it('bears columns nine orders of magnitude apart', () => {
    const a = [
      [1, 2e9],
      [1, 1e9],
      [1, 5e8],
    ]
    const x = leastSquares(
      a,
      a.map(([p = 0, q = 0]) => 0.2 * p + 3e-10 * q),
      [1, 1, 1],
    )
    expect(x[0]).toBeCloseTo(0.2, 9)
    expect((x[1] as number) / 3e-10).toBeCloseTo(1, 9)
  })
})

describe('Nelder-Mead', () => {
  it("walks down Rosenbrock's valley to (1, 1)", () => {
    const { x, value } = nelderMead(([a = 0, b = 0]) => (1 - a) ** 2 + 100 * (b - a * a) ** 2, [-1.2, 1], [0.5, 0.5], 200)
    expect(value).toBeLessThan(1e-12)
    expect(x[0]).toBeCloseTo(1, 5)
    expect(x[1]).toBeCloseTo(1, 5)
  })

  it('stays out of what is forbidden', () => {
    const { x } = nelderMead(([a = 0]) => (a < 2 ? Number.POSITIVE_INFINITY : a), [5], [1], 100)
    expect(x[0]).toBeGreaterThanOrEqual(2)
    expect(x[0]).toBeCloseTo(2, 6)
  })
})

it('jackknife of 1, 2, 3: sqrt(2/3 * 2)', () => {
  expect(jackknife([1, 2, 3])).toBeCloseTo(Math.sqrt(4 / 3), 12)
})
