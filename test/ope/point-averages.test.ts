import { describe, expect, it } from 'vitest'
import { makePointAverages } from '../../src/ope/point-averages.ts'

describe('averages by point', () => {
  it('are means with the spread between stretches of the log', () => {
    // Twenty stretches of two rounds: action 0 earns 1 and 3 in turn, a stretch of each.
    const averages = makePointAverages(3, 40)
    for (let round = 0; round < 40; round++) averages.add(round, round % 2 === 0 ? 0 : 2, round % 2 === 0 ? 1 + 2 * (Math.floor(round / 2) % 2) : 5)
    const [one, other] = averages.averages()
    // Residuals are 1 in size: se = sqrt(20 * 20 / 19) / 20, times t of 19 degrees of freedom.
    const half = 2.093 * (Math.sqrt((20 * 20) / 19) / 20)
    expect(one).toMatchObject({ action: 0, rounds: 20, value: 2 })
    expect(one?.lo).toBeCloseTo(2 - half, 9)
    expect(one?.hi).toBeCloseTo(2 + half, 9)
    expect(other).toEqual({ action: 2, rounds: 20, value: 5, lo: 5, hi: 5 })
  })

  it('know no spread of an action that was taken for a moment only, and none of one that was not', () => {
    const averages = makePointAverages(2, 1000)
    for (let round = 0; round < 100; round++) averages.add(round, 1, -round)
    expect(averages.averages()).toEqual([{ action: 1, rounds: 100, value: -49.5, lo: Number.NaN, hi: Number.NaN }])
  })
})
