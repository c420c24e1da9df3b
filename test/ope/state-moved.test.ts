import { describe, expect, it } from 'vitest'
import { makeRng } from '../../src/core/rng.ts'
import { makeStateTest } from '../../src/ope/state-moved.ts'

const features = { actions: 3, size: 1, values: Float64Array.of(-1, 0, 1) }

/** z of a log whose state moves by `effect` a unit of the action's feature; the greedy action is a step of the state, which no linear model follows. */
function zOf(effect: number, seed: number, epsilon = 0.3, steps = 2000): number {
  const test = makeStateTest({ features, contextSize: 1, monitors: ['tempC'], steps })
  for (const learn of [test.learn, test.test]) {
    const rng = makeRng(seed)
    let state = 0
    for (let i = 0; i < steps; i++) {
      const context = Float64Array.of(state)
      const greedy = Math.abs(state) > 0.7 ? 2 : 0
      const action = rng.next() < epsilon ? rng.int(3) : greedy
      const propensity = epsilon / 3 + (action === greedy ? 1 - epsilon : 0)
      // The state's own course is no straight line either.
      state = 0.8 * Math.sin(2 * state) + effect * (action - 1) + 0.3 * rng.normal()
      learn(i, context, action, propensity, 3, [state])
    }
  }
  return test.result()[0]?.z as number
}

describe('whether actions move the state', () => {
  it('is seen where they do, though little beside the noise', () => {
    for (let seed = 1; seed <= 20; seed++) expect(zOf(0.15, seed), `seed ${seed}`).toBeGreaterThan(4)
  })

  it('is not claimed where they do not, though the logger follows the state', () => {
    const found = Array.from({ length: 100 }, (_, i) => zOf(0, i + 1))
    expect(found.filter((z) => z > 4)).toEqual([])
    // Near a standard normal number: above 1.64 in one of twenty.
    expect(found.filter((z) => z > 1.64).length).toBeLessThan(20)
  })

  it('is unknown where the state does not vary, or nothing was there', () => {
    for (const value of [7, Number.NaN]) {
      const test = makeStateTest({ features, contextSize: 1, monitors: ['queueLength'], steps: 50 })
      for (const learn of [test.learn, test.test]) for (let i = 0; i < 50; i++) learn(i, Float64Array.of(i % 5), i % 3, 1 / 3, 3, [value])
      const [found] = test.result()
      expect(found?.z === undefined || !(found.z > 4)).toBe(true)
    }
  })
})
