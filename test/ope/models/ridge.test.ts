import { describe, expect, it } from 'vitest'
import { makeRng } from '../../../src/core/rng.ts'
import { solveCholesky } from '../../../src/ope/models/cholesky.ts'
import { makeCrossFit } from '../../../src/ope/models/cross-fit.ts'
import { type ActionFeatures, addRound, fitRidge, makeMoments } from '../../../src/ope/models/ridge.ts'

const none = (actions: number): ActionFeatures => ({ actions, size: 0, values: new Float64Array(0) })

describe('Cholesky', () => {
  it('solves three equations', () => {
    // A = L L' with L = [[2,0,0],[1,3,0],[-1,2,1]], x = [1,-2,3]: b = A x.
    const a = Float64Array.of(4, 2, -2, 2, 10, 5, -2, 5, 6)
    const b = Float64Array.of(4 - 4 - 6, 2 - 20 + 15, -2 - 10 + 18)
    Array.from(solveCholesky(a, b)).forEach((x, i) => {
      expect(x).toBeCloseTo([1, -2, 3][i] as number, 12)
    })
  })

  it('leaves at 0 what is not determined', () => {
    const [x, y] = solveCholesky(Float64Array.of(4, 0, 0, 0), Float64Array.of(8, 1))
    expect([x, y]).toEqual([2, 0])
  })
})

describe('ridge', () => {
  it('without contexts and features shrinks the mean of every action towards that of all', () => {
    const moments = makeMoments(3, 0)
    for (const [action, y] of [
      [0, 1],
      [0, 1],
      [0, 1],
      [1, 5],
    ] as const)
      addRound(moments, [], action, y)
    const out = new Float64Array(3)
    fitRidge([moments], none(3), 0).predict([], out)
    // Offsets shrink by n / (n + 5), so action 0 weighs 3 * 5/8 and action 1 5/6 in the intercept: (15/8 * 1 + 5/6 * 5) / (15/8 + 5/6) = 29/13.
    const usual = 29 / 13
    expect(out[0]).toBeCloseTo(usual + (3 * (1 - usual)) / 8, 5)
    expect(out[1]).toBeCloseTo(usual + (5 - usual) / 6, 5)
    // Never tried: what is usual.
    expect(out[2]).toBeCloseTo(usual, 5)
  })

  it('finds products of context and action features, also for an action that was never tried', () => {
    const rng = makeRng(2)
    const values = Float64Array.from({ length: 10 }, (_, a) => a / 5 - 1)
    const truth = (x: number, a: number): number => 2 + 0.5 * x - (values[a] as number) + 3 * x * (values[a] as number)
    const moments = makeMoments(10, 1)
    for (let i = 0; i < 5000; i++) {
      const [x, a] = [rng.normal(), rng.int(9)]
      addRound(moments, [x], a, truth(x, a) + 0.1 * rng.normal())
    }
    const out = new Float64Array(10)
    const model = fitRidge([moments], { actions: 10, size: 1, values }, 1)
    for (const x of [-1, 0.5, 2]) {
      model.predict([x], out)
      for (let a = 0; a < 9; a++) expect(out[a], `x ${x}, action ${a}`).toBeCloseTo(truth(x, a), 1)
      expect(Math.abs((out[9] as number) - truth(x, 9))).toBeLessThan(0.2)
    }
  })

  it('is the same from parts as from the whole', () => {
    const rng = makeRng(3)
    const parts = [makeMoments(4, 2), makeMoments(4, 2)]
    const whole = makeMoments(4, 2)
    for (let i = 0; i < 100; i++) {
      const context = [rng.normal(), rng.normal()]
      const [a, y] = [rng.int(4), rng.normal()]
      addRound(parts[i % 2] as (typeof parts)[number], context, a, y)
      addRound(whole, context, a, y)
    }
    const [one, other] = [new Float64Array(4), new Float64Array(4)]
    fitRidge(parts, none(4), 2).predict([0.3, -0.7], one)
    fitRidge([whole], none(4), 2).predict([0.3, -0.7], other)
    one.forEach((q, a) => {
      expect(q).toBeCloseTo(other[a] as number, 10)
    })
  })
})

describe('cross-fitting', () => {
  it('predicts a round from models that have not seen its block of time', () => {
    // Forty rounds in twenty blocks of two; the outcome of rounds 20 and 21, one block, is off.
    const predictions = (off: number) => {
      const crossFit = makeCrossFit({ features: none(1), contextSize: 0, rounds: 40 })
      for (let i = 0; i < 40; i++) crossFit.learn(i, [], 0, i === 20 || i === 21 ? off : 1)
      const { predict } = crossFit.fit()
      const out = new Float64Array(1)
      return Array.from({ length: 40 }, (_, i) => {
        predict(i, [], out)
        return out[0] as number
      })
    }
    const [calm, shaken] = [predictions(1), predictions(100)]
    expect(shaken[20]).toBe(calm[20])
    expect(shaken[21]).toBe(calm[21])
    expect(shaken[19]).toBeGreaterThan((calm[19] as number) + 1)
    expect(shaken[22]).toBeGreaterThan((calm[22] as number) + 1)
  })
})
