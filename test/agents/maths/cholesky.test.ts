import { describe, expect, it } from 'vitest'
import { cholesky, choleskyInto, solveLower } from '../../../agents/maths/cholesky.ts'

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

  it('leaves 0 what a singular matrix does not reach', () => {
    const out = new Float64Array(9)
    // Of rank 2: the third row is the sum of the first two. [[4, 2, 6], [2, 5, 7], [6, 7, 13]] has L = [[2], [1, 2], [3, 2, 0]].
    choleskyInto(out, new Float64Array([4, 99, 99, 2, 5, 99, 6, 7, 13]), 3)
    expect(Array.from(out)).toEqual([2, 0, 0, 1, 2, 0, 3, 2, 0])
    choleskyInto(out, new Float64Array(9), 3)
    expect(Array.from(out)).toEqual(new Array(9).fill(0))
  })
})
