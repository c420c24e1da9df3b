import { describe, expect, it } from 'vitest'
import { cholesky, solveLower } from '../../../agents/maths/cholesky.ts'

describe('cholesky', () => {
  it('factors a matrix in place and solves with the factor', () => {
    // [[4, 2], [2, 5]] = L L^T with L = [[2, 0], [1, 2]]; only the lower triangle is read.
    const lower = cholesky(new Float64Array([4, 99, 2, 5]), 2)
    expect([lower[0], lower[2], lower[3]]).toEqual([2, 1, 2])
    const values = new Float64Array([0, 6, 7])
    solveLower(lower, 2, values, 1)
    // 2 x = 6, x + 2 y = 7.
    expect(Array.from(values)).toEqual([0, 3, 2])
  })

  it('keeps a pivot positive that rounding would not', () => {
    const lower = cholesky(new Float64Array([1, 1, 1, 1]), 2, 1e-6)
    expect(lower[3]).toBeCloseTo(1e-3, 12)
  })
})
