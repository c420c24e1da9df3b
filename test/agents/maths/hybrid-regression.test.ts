import { describe, expect, it } from 'vitest'
import { contexts, type HybridRegression, type HybridRegressionData, makeHybridRegression } from '../../../agents/maths/hybrid-regression.ts'
import { makeRng } from '../../../src/core/rng.ts'

const width = 4

/** Points by their features; every point has coefficients 0, 1 and 2 for its contexts. */
function make(features: readonly (readonly number[])[], forgetting = 1, data?: HybridRegressionData): HybridRegression {
  const n = features.length
  const rows = new Float64Array(n * width)
  features.forEach((row, i) => {
    rows.set(row, i * width)
  })
  const regression = makeHybridRegression(
    {
      rows,
      width,
      left: new Float64Array(n),
      contextOf: Int32Array.from({ length: n * contexts }, (_, k) => k % contexts),
      contextVariance: Float64Array.of(0.5, 0.2, 0.1),
      forgetting,
    },
    data,
  )
  return regression
}

const nothing = new Float64Array(contexts)

describe('hybrid regression', () => {
  it('shares one look as worked out by hand', () => {
    // y = phi theta + r + noise, all of variance 1, features 1 and 2, one look of 3 at the first. Var y = 3, so the first is believed to be 2/3 of 3 with variance 2 - 4/3; of the second
    // cov(2 theta + r', y) = 2: it is at 2/3 of 3 as well, with variance 5 - 4/3. The other output was not measured.
    const regression = make([[1], [2]])
    regression.residual = 1
    regression.look(0, nothing, Float64Array.of(3, Number.NaN), 1)
    regression.predict(nothing)
    expect(Array.from(regression.mean[0])).toEqual([expect.closeTo(2, 12), expect.closeTo(2, 12)])
    expect(Array.from(regression.variance)).toEqual([expect.closeTo(2 / 3, 12), expect.closeTo(11 / 3, 12)])
    expect(Array.from(regression.mean[1])).toEqual([0, 0])
    expect(regression.own(0)).toBeCloseTo(Math.SQRT1_2, 12)
  })

  it('forgets older looks at a point: with 0.5 the third counts for 4 of 7', () => {
    const regression = make([[0]], 0.5)
    regression.residual = 1e9
    for (const value of [1, 1, 8]) regression.look(0, nothing, Float64Array.of(value, value), 1)
    regression.predict(nothing)
    expect(regression.precision[0]).toBe(1.75)
    expect(regression.mean[0][0]).toBeCloseTo((1 + 2 + 8 * 4) / 7, 6)
  })

  it('equals the Gaussian posterior of features, contexts and residuals together, however looks are mixed', () => {
    const rng = makeRng(7)
    const features = Array.from({ length: 5 }, () => Array.from({ length: width }, () => rng.normal()))
    const regression = make(features)
    const [residual, noise] = [0.3, 0.5]
    regression.residual = residual
    const looks = [0, 3, 0, 2, 2, 0, 4].map((point) => ({
      point,
      context: Float64Array.from({ length: contexts }, () => rng.normal()),
      value: rng.normal(),
    }))
    for (const { point, context, value } of looks) regression.look(point, context, Float64Array.of(value, -2 * value), noise)
    const asked = Float64Array.of(0.4, -0.3, 0.8)
    regression.predict(asked)

    const variances = [0.5, 0.2, 0.1]
    const covariance = (a: (typeof looks)[number], b: (typeof looks)[number]): number =>
      (features[a.point] as number[]).reduce((sum, value, k) => sum + value * (features[b.point]?.[k] as number), 0) +
      variances.reduce((sum, value, k) => sum + value * (a.context[k] as number) * (b.context[k] as number), 0) +
      (a.point === b.point ? residual : 0)
    const gram = looks.map((a) => looks.map((b) => covariance(a, b) + (a === b ? noise : 0)))
    features.forEach((_, point) => {
      const at = { point, context: asked, value: 0 }
      const k = looks.map((look) => covariance(look, at))
      const weights = solve(gram, k)
      expect(regression.mean[0][point]).toBeCloseTo(
        weights.reduce((sum, w, i) => sum + w * (looks[i]?.value as number), 0),
        9,
      )
      expect(regression.mean[1][point]).toBeCloseTo(-2 * (regression.mean[0][point] as number), 9)
      expect(regression.variance[point]).toBeCloseTo(covariance(at, at) - weights.reduce((sum, w, i) => sum + w * (k[i] as number), 0), 9)
    })
    const [third] = regression.variance.slice(2)
    regression.predictOne(2, asked)
    expect(regression.variance[2]).toBe(third)
  })

  it('draws deviations with the variance that it predicts, neighbours together', () => {
    const regression = make([
      [1, 0],
      [1, 0.1],
      [0, 1],
    ])
    regression.residual = 0.2
    const context = Float64Array.of(0.5, 0, -1)
    regression.look(0, context, Float64Array.of(1, 1), 0.4)
    regression.predict(context)
    const rng = makeRng(3)
    const sums = [0, 0, 0, 0]
    const draws = 40000
    for (let d = 0; d < draws; d++) {
      regression.draw(rng.normal)
      const [a, b, c] = [0, 1, 2].map((i) => regression.deviation(i, context)) as [number, number, number]
      const parts = [a * a, b * b, c * c, a * b]
      parts.forEach((part, i) => {
        sums[i] = (sums[i] as number) + part / draws
      })
    }
    for (const i of [0, 1, 2]) expect((sums[i] as number) / ((regression.variance[i] as number) - regression.own(i) ** 2)).toBeCloseTo(1, 1)
    expect((sums[3] as number) / Math.sqrt((sums[0] as number) * (sums[1] as number))).toBeGreaterThan(0.9)
  })

  it('goes on from what it saved to the last bit', () => {
    const rng = makeRng(4)
    const features = Array.from({ length: 6 }, () => Array.from({ length: width }, () => rng.normal()))
    const one = make(features, 0.9)
    one.residual = 0.1
    const live = (list: readonly HybridRegression[]): void => {
      for (let k = 0; k < 30; k++) {
        const [point, value, noise] = [rng.int(6), rng.normal(), 0.1 + rng.next()]
        const context = Float64Array.from({ length: contexts }, () => rng.normal())
        for (const each of list) each.look(point, context, Float64Array.of(value, k % 3 === 0 ? Number.NaN : value), noise)
      }
    }
    live([one])
    const other = make(features, 0.9, JSON.parse(JSON.stringify(one.save())))
    other.residual = 0.1
    live([one, other])
    expect(JSON.stringify(other.save())).toBe(JSON.stringify(one.save()))
    for (const each of [one, other]) each.predict(nothing)
    expect(other.mean).toEqual(one.mean)
    expect(other.variance).toEqual(one.variance)
  })
})

/** x of A x = b by Gauss-Jordan. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] as number])
  rows.forEach((row, k) => {
    const pivot = row[k] as number
    row.forEach((value, m) => {
      row[m] = value / pivot
    })
    for (const other of rows) {
      if (other === row) continue
      const factor = other[k] as number
      row.forEach((value, m) => {
        other[m] = (other[m] as number) - factor * value
      })
    }
  })
  return rows.map((row) => row.at(-1) as number)
}
