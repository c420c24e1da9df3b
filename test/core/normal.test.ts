import { describe, expect, it } from 'vitest'
import { logNormalExceeds, normalCdf } from '../../src/core/normal.ts'

describe('normalCdf', () => {
  // Tables of the normal distribution, Abramowitz and Stegun 26.
  it.each([
    [0, 0.5],
    [1, 0.841344746068543],
    [-1, 0.158655253931457],
    [1.959963984540054, 0.975],
    [-3, 1.349898031630095e-3],
    [-6, 9.865876450377018e-10],
    [-8, 6.220960574271786e-16],
    [40, 1],
    [-40, 0],
  ])('of %d is %d', (x, p) => {
    expect(Math.abs(normalCdf(x) - p)).toBeLessThanOrEqual(1e-8 * p + 1e-22)
  })

  it('rises, and sums to one with its mirror image', () => {
    for (let x = -9; x < 9; x += 0.01) {
      expect(normalCdf(x + 0.01)).toBeGreaterThanOrEqual(normalCdf(x))
      expect(normalCdf(x) + normalCdf(-x)).toBeCloseTo(1, 13)
    }
  })
})

describe('logNormalExceeds', () => {
  it('is a half at the median', () => expect(logNormalExceeds(Math.E, 1, 0.3)).toBeCloseTo(0.5, 14))
  it('of one sigma above is the upper tail', () => expect(logNormalExceeds(Math.exp(1.3), 1, 0.3)).toBeCloseTo(0.158655253931457, 12))
  it('without noise is certain', () => {
    expect(logNormalExceeds(2, Math.log(3), 0)).toBe(1)
    expect(logNormalExceeds(3, Math.log(2), 0)).toBe(0)
  })
  it('of no room at all is certain', () => expect(logNormalExceeds(-1, 0, 1)).toBe(1))
})
