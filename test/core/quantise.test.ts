import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quantise } from '../../src/core/quantise.ts'

describe('quantise', () => {
  it('rounds to significant digits', () => {
    expect(quantise(0.123456, 4)).toBe(0.1235)
    expect(quantise(-0.123456, 4)).toBe(-0.1235)
    expect(quantise(123456, 4)).toBe(123500)
    expect(quantise(1e-7 / 3, 6)).toBe(3.33333e-8)
    expect(quantise(999.96, 4)).toBe(1000)
    expect(quantise(1000, 4)).toBe(1000)
    expect(quantise(0.1 + 0.2, 15)).toBe(0.3)
  })

  it('leaves NaN and infinities alone, and knows one zero', () => {
    expect(quantise(Number.NaN, 4)).toBeNaN()
    expect(quantise(Number.NEGATIVE_INFINITY, 4)).toBe(Number.NEGATIVE_INFINITY)
    expect(Object.is(quantise(-0, 4), 0)).toBe(true)
    expect(Object.is(quantise(-1e-300, 4), 0)).toBe(true)
  })

  it('prints few digits, parses back to the same bits, and stays put when quantised again', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-15, max: 1e15, noNaN: true }), fc.boolean(), fc.integer({ min: 1, max: 7 }), (size, negative, digits) => {
        const x = negative ? -size : size
        const rounded = quantise(x, digits)
        const text = JSON.stringify(rounded)
        const significant = text.replace(/e.*/, '').replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '')
        expect(significant.length).toBeLessThanOrEqual(digits)
        expect(JSON.parse(text)).toBe(rounded)
        expect(quantise(rounded, digits)).toBe(rounded)
        // Half a unit of the last digit kept.
        expect(Math.abs(rounded - x)).toBeLessThanOrEqual(0.500001 * 10 ** (Math.floor(Math.log10(size) + 1e-9) + 1 - digits))
      }),
    )
  })
})
