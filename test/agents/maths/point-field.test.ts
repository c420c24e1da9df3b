import { describe, expect, it } from 'vitest'
import { pivotedCholesky } from '../../../agents/maths/pivoted-cholesky.ts'
import { makePointField } from '../../../agents/maths/point-field.ts'

const x = [0, 0.4, 1, 1.3, 2.5]
const prior = Float64Array.of(1, 0.9, 0.8, 0.7, 0.6)
const covariance = (i: number, j: number): number => 0.5 + 0.3 * Math.exp(-Math.abs((x[i] as number) - (x[j] as number)))
const residual = 0.04

/** Solves A z = b by Gauss-Jordan elimination. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i] as number])
  const at = (i: number, j: number): number => rows[i]?.[j] as number
  for (let k = 0; k < rows.length; k++) {
    rows[k] = (rows[k] as number[]).map((value) => value / at(k, k))
    rows.forEach((row, i) => {
      if (i !== k) rows[i] = row.map((value, j) => value - (row[k] as number) * at(k, j))
    })
  }
  return rows.map((row) => row.at(-1) as number)
}

/** The posterior by the textbook: k_* (K + N)^-1 (y - m), looks as separate rows. */
function exact(looks: readonly (readonly [number, number, number])[]): { mean: number[]; variance: number[] } {
  const full = (i: number, j: number): number => covariance(i, j) + (i === j ? residual : 0)
  const gram = looks.map(([i, , noise], a) => looks.map(([j], b) => full(i, j) + (a === b ? noise : 0)))
  const alpha = solve(
    gram,
    looks.map(([i, y]) => y - (prior[i] as number)),
  )
  const dot = (one: readonly number[], other: readonly number[]): number => one.reduce((sum, value, k) => sum + value * (other[k] as number), 0)
  return {
    mean: x.map((_, i) => {
      const row = looks.map(([j]) => full(i, j))
      return (prior[i] as number) + dot(row, alpha)
    }),
    variance: x.map((_, i) => {
      const row = looks.map(([j]) => full(i, j))
      return full(i, i) - dot(row, solve(gram, row))
    }),
  }
}

describe('pivoted Cholesky decomposition', () => {
  it('is exact at full rank', () => {
    const { rank, rows, left } = pivotedCholesky(5, covariance, 5)
    expect(rank).toBe(8)
    for (let i = 0; i < 5; i++) {
      expect(left[i]).toBeCloseTo(0, 12)
      for (let j = 0; j < 5; j++) {
        let product = 0
        for (let k = 0; k < rank; k++) product += (rows[i * rank + k] as number) * (rows[j * rank + k] as number)
        expect(product).toBeCloseTo(covariance(i, j), 12)
      }
    }
  })

  it('keeps the variance of what it leaves out', () => {
    const { rank, rows, left } = pivotedCholesky(5, (i, j) => (i === j ? i + 1 : 0), 4)
    expect(rank).toBe(4)
    // Of five independent points the four of largest variance are kept.
    expect(Array.from(left)).toEqual([1, 0, 0, 0, 0])
    expect(rows.subarray(0, 4).every((value) => value === 0)).toBe(true)
  })
})

describe('field over points', () => {
  it('is the dense posterior of a Gaussian process, several looks at one point included', () => {
    const looks = [
      [1, 1.4, 0.01],
      [4, 0.2, 0.02],
      [1, 1.2, 0.01],
      [0, 1.6, 0.05],
    ] as const
    const field = makePointField(prior, pivotedCholesky(5, covariance, 5), residual)
    looks.forEach(([point, value, noise], done) => {
      field.look(point, value, noise)
      const { mean, variance } = exact(looks.slice(0, done + 1))
      for (let i = 0; i < 5; i++) {
        expect(field.mean[i]).toBeCloseTo(mean[i] as number, 10)
        expect(field.variance[i]).toBeCloseTo(variance[i] as number, 10)
      }
    })
  })

  it('tells neighbours of a small change later, and never believes more than a twentieth of a deviation too little', () => {
    const field = makePointField(prior, pivotedCholesky(5, covariance, 5), residual)
    const looks: [number, number, number][] = []
    for (let k = 0; k < 60; k++) {
      looks.push([2, 0.5 + 0.01 * (k % 5), 0.01])
      field.look(...(looks.at(-1) as [number, number, number]))
    }
    const { mean, variance } = exact(looks)
    for (let i = 0; i < 5; i++) {
      const deviation = Math.sqrt(variance[i] as number)
      expect(Math.abs((field.mean[i] as number) - (mean[i] as number))).toBeLessThan(0.1 * deviation)
      expect(Math.sqrt(field.variance[i] as number) / deviation).toBeCloseTo(1, 1)
    }
  })

  it('does not let a point that was set apart guide its neighbours', () => {
    const [one, other] = [0, 1].map(() => makePointField(prior, pivotedCholesky(5, covariance, 5), residual))
    one?.look(1, 3, 0.01)
    other?.setApart(1, 13, 0.01, 1, 1)
    other?.look(1, 3, 0.01)
    expect(one?.mean[0]).toBeGreaterThan(2)
    expect(other?.mean[0]).toBeLessThan(1.05)
    expect(other?.mean[1]).toBeCloseTo(3, 2)
  })

  it('goes on from what was saved to the last bit', () => {
    const lowRank = pivotedCholesky(5, covariance, 4)
    const field = makePointField(prior, lowRank, residual)
    field.look(1, 1.4, 0.01)
    field.look(3, 0.4, 0.01)
    const copy = makePointField(prior, lowRank, residual, JSON.parse(JSON.stringify(field.save())))
    for (const one of [field, copy]) one.look(1, 1.1, 0.01)
    expect(Array.from(copy.mean)).toEqual(Array.from(field.mean))
    expect(JSON.stringify(copy.save())).toBe(JSON.stringify(field.save()))
  })
})
