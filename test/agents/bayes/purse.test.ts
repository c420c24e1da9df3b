import { describe, expect, it } from 'vitest'
import { makePurse } from '../../../agents/bayes/purse.ts'

describe('the purse for trials', () => {
  it('asks the more of a trial the deeper in debt it is, and is paid back by a share of all costs', () => {
    const purse = makePurse(0.02)
    expect(purse.hurdle).toBe(0)
    // 0.02 of 1 comes in, 0.5 more than the best goes out: 20 times the debt of 0.48 is asked.
    purse.decided(1, 1.5)
    expect(purse.hurdle).toBeCloseTo(9.6, 12)
    for (let k = 0; k < 12; k++) purse.decided(1, undefined)
    expect(purse.hurdle).toBeCloseTo(20 * 0.24, 12)
    for (let k = 0; k < 13; k++) purse.decided(1, undefined)
    expect(purse.hurdle).toBe(0)
  })

  it('counts a trial that cost less than the best as free, and asks nothing without a limit', () => {
    const purse = makePurse(0.02)
    purse.decided(1, 0.8)
    expect(purse.save()).toEqual([0.02])
    const open = makePurse(Number.POSITIVE_INFINITY)
    open.decided(1, 5)
    expect(open.hurdle).toBe(0)
  })

  it('goes on from what was saved', () => {
    const purse = makePurse(0.02)
    purse.decided(1, 2)
    expect(makePurse(0.02, purse.save()).hurdle).toBe(purse.hurdle)
  })
})
