import { describe, expect, it } from 'vitest'
import { makeLasting } from '../../../agents/maths/lasting.ts'

describe('what a large error leaves behind', () => {
  it('is a mixture of all and nothing, by the share of earlier ones that lasted', () => {
    const lasting = makeLasting(2)
    lasting.look(0, 0.6, 12, 0, true)
    // One in three, before anything was seen.
    expect(lasting.share).toBeCloseTo(1 / 3, 12)
    expect(lasting.mean(0, 0)).toBeCloseTo(0.2, 12)
    expect(lasting.variance(0, 0)).toBeCloseTo((1 / 3) * (2 / 3) * 0.36, 12)
    expect([lasting.mean(1, 0), lasting.variance(1, 0)]).toEqual([0, 0])
    // It is still there: two in four.
    lasting.look(0, 0.55, 11, 0, true)
    expect(lasting.share).toBe(0.5)
    // It is gone: two in five.
    lasting.look(0, 0.01, 0.2, 0, true)
    expect(lasting.share).toBe(0.4)
    expect(lasting.mean(0, 0)).toBe(0)
  })

  it('is nothing after a small error, and after one of a point that was never looked at', () => {
    const lasting = makeLasting(1)
    lasting.look(0, 0.1, 3.9, 0, true)
    expect(lasting.mean(0, 0)).toBe(0)
    lasting.look(0, 0.6, 12, 0, false)
    expect(lasting.mean(0, 0)).toBe(0)
  })

  it('is what a monitor has not come to show since', () => {
    const lasting = makeLasting(1)
    lasting.look(0, 0.6, 12, 0.1, true)
    // Half of it is shown now, then all; a burst that goes takes nothing away.
    expect(lasting.left(0, 0.4)).toBeCloseTo(0.3, 12)
    expect(lasting.left(0, 0.9)).toBe(0)
    expect(lasting.left(0, 0)).toBeCloseTo(0.6, 12)
    lasting.look(0, -0.5, -10, 0.5, true)
    expect(lasting.left(0, 0.2)).toBeCloseTo(-0.2, 12)
    // What a monitor explained says nothing of what lasts: counted is only the first look after the first error.
    const { share } = lasting
    lasting.look(0, 0, 0, 0, true)
    expect(lasting.share).toBe(share)
  })

  it('is forgotten of groups that nobody looks at, cleared where told, and restored as saved', () => {
    const lasting = makeLasting(2)
    lasting.look(1, 0.6, 12, 0, true)
    for (let k = 0; k < 14; k++) lasting.pass()
    expect(lasting.mean(1, 0)).toBeCloseTo((0.95 ** 14 * 0.6) / 3, 12)
    const restored = makeLasting(2, JSON.parse(JSON.stringify(lasting.save())))
    expect([restored.mean(1, 0), restored.variance(1, 0), restored.share]).toEqual([lasting.mean(1, 0), lasting.variance(1, 0), lasting.share])
    lasting.clear(1)
    expect(lasting.mean(1, 0)).toBe(0)
  })
})
