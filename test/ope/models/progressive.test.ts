import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeRng } from '../../../src/core/rng.ts'
import { makeProgressive } from '../../../src/ope/models/progressive.ts'

const features = { actions: 2, size: 1, values: Float64Array.of(-1, 1) }

/** What is predicted at every round of a log whose rewards are 1 + x + action, but one. */
function predictions(changed?: number): number[] {
  const rng = makeRng(3)
  const model = makeProgressive(features, 1)
  const q = new Float64Array(2)
  return Array.from({ length: 400 }, (_, i) => {
    const context = [rng.normal()]
    const action = rng.int(2)
    model.predict(context, q)
    model.learn(context, action, i === changed ? 1000 : 1 + (context[0] as number) + action)
    return q[1] as number
  })
}

describe('a model that goes along with the log', () => {
  it('learns', () => {
    const rng = makeRng(3)
    const found = predictions()
    expect(found[0]).toBe(0)
    for (let i = 0; i < 399; i++) {
      rng.normal()
      rng.int(2)
    }
    expect(found[399]).toBeCloseTo(2 + rng.normal(), 1)
  })

  it('knows at a round nothing of that and of later ones', () => {
    const plain = predictions()
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 399 }), (changed) => {
        expect(predictions(changed).slice(0, changed + 1)).toEqual(plain.slice(0, changed + 1))
      }),
      { numRuns: 20 },
    )
    expect(predictions(10)[399]).not.toBe(plain[399])
  })
})
