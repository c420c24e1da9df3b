import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeRailModel } from '../../../envs/board/rail-model.ts'

describe('what a rail takes', () => {
  it('is fitted to time and the threads’ energy', () => {
    const model = makeRailModel()
    expect(model.predict(1, 1)).toBeNaN()
    // 2 W all the time, and 1.5 times what the model says of the threads.
    for (const [durationS, modelJ] of [
      [0.03, 0.01],
      [0.05, 0.04],
      [0.03, 0.02],
      [0.1, 0.01],
      [0.02, 0.015],
    ] as const)
      model.learn(durationS, modelJ, 2 * durationS + 1.5 * modelJ)
    expect(model.predict(0.04, 0.02)).toBeCloseTo(0.11, 9)
  })

  it('is its mean power where the threads’ share never varied, or is not known', () => {
    const same = makeRailModel()
    for (let k = 0; k < 5; k++) same.learn(0.1, 0.05, 0.3)
    expect(same.predict(0.2, 0.1)).toBeCloseTo(0.6, 9)
    const unknown = makeRailModel()
    for (let k = 1; k <= 5; k++) unknown.learn(0.1 * k, Number.NaN, 0.4 * k)
    expect(unknown.predict(0.2, Number.NaN)).toBeCloseTo(0.8, 9)
  })

  it('is never below 0', () => {
    const stretch = fc.tuple(
      fc.double({ min: 1e-3, max: 10, noNaN: true }),
      fc.double({ min: 0, max: 10, noNaN: true }),
      fc.double({ min: 0, max: 100, noNaN: true }),
    )
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 5, maxLength: 30 }), stretch, (learned, [durationS, modelJ]) => {
        const model = makeRailModel()
        for (const one of learned) model.learn(...one)
        expect(model.predict(durationS, modelJ)).toBeGreaterThanOrEqual(0)
      }),
      { seed: 3 },
    )
  })
})
