import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Dimension, formatQuantity, parseDeadline, parsePositive, parseQuantity } from '../../src/core/units.ts'
import { errorOf } from '../support/error-of.ts'

describe('quantities', () => {
  it.each([
    ['33ms', 'time', 0.033],
    ['33 ms', 'time', 0.033],
    [' 2s ', 'time', 2],
    ['.5s', 'time', 0.5],
    ['5.s', 'time', 5],
    ['1e-3s', 'time', 1e-3],
    ['-4us', 'time', -4e-6],
    ['+70ns', 'time', 7e-8],
    ['2min', 'time', 120],
    ['1.5h', 'time', 5400],
    ['1.8GHz', 'frequency', 1.8e9],
    ['600MHz', 'frequency', 6e8],
    ['32kHz', 'frequency', 32e3],
    ['50Hz', 'frequency', 50],
    ['5W', 'power', 5],
    ['250mW', 'power', 0.25],
    ['12uW', 'power', 1.2e-5],
    ['1kW', 'power', 1000],
    ['100mJ', 'energy', 0.1],
    ['3uJ', 'energy', 3e-6],
    ['2kJ', 'energy', 2000],
  ] as const)('%s is a %s of %d in SI units', (text, dimension, value) => {
    expect(parseQuantity(text, dimension, '--x')).toBeCloseTo(value, 12)
  })

  it.each([
    ['33', 'time'],
    ['', 'time'],
    ['ms', 'time'],
    ['33parsecs', 'time'],
    ['33MS', 'time'],
    ['1.8ghz', 'frequency'],
    ['33ms', 'frequency'],
    ['1,5ms', 'time'],
    ['0x10ms', 'time'],
    ['NaNms', 'time'],
    ['Infinitys', 'time'],
    ['1.2.3s', 'time'],
    ['33ms later', 'time'],
    ['5V', 'power'],
    ['5W', 'energy'],
  ] as const)("'%s' is no %s", (text, dimension) => {
    const { code, message } = errorOf(() => parseQuantity(text, dimension, '--deadline'))
    expect(code).toBe('ERR_UNIT')
    expect(message).toContain('--deadline')
    expect(message).toContain(`'${text}'`)
  })

  it('names the units that would be right', () => {
    expect(errorOf(() => parseQuantity('33', 'time', '--deadline')).message).toBe(
      "--deadline: '33' is no time, expected a number with one of ns, us, ms, s, min, h, e.g. 33ms",
    )
  })

  it.each(['0ms', '-3ms', '-0s'])('%s is not above 0', (text) => {
    expect(errorOf(() => parsePositive(text, 'time', '--deadline')).code).toBe('ERR_RANGE')
  })
})

describe('deadlines', () => {
  it('are a time or a multiple', () => {
    expect(parseDeadline('33ms', '--deadline')).toEqual({ seconds: 0.033 })
    expect(parseDeadline('1.3x', '--deadline')).toEqual({ times: 1.3 })
    expect(parseDeadline(' 2x ', '--deadline')).toEqual({ times: 2 })
  })

  it.each([
    ['0x', 'ERR_RANGE'],
    ['-1.3x', 'ERR_RANGE'],
    ['0ms', 'ERR_RANGE'],
    ['-5ms', 'ERR_RANGE'],
    ['x', 'ERR_UNIT'],
    ['1.3 x', 'ERR_UNIT'],
    ['1.3', 'ERR_UNIT'],
    ['soon', 'ERR_UNIT'],
  ])("'%s' gives %s", (text, code) => {
    expect(errorOf(() => parseDeadline(text, '--deadline')).code).toBe(code)
  })
})

describe('quantities for people', () => {
  it.each([
    [0.0331, 'time', '33.1 ms'],
    [1, 'time', '1 s'],
    [0.99951, 'time', '1 s'],
    [0.9994, 'time', '999 ms'],
    [0.000_012_345, 'time', '12.3 us'],
    [7e-9, 'time', '7 ns'],
    [0, 'time', '0 ns'],
    [-0.002, 'time', '-2 ms'],
    [1.8e9, 'frequency', '1.8 GHz'],
    [599_940_000, 'frequency', '600 MHz'],
    [2.5, 'power', '2.5 W'],
    [0.1, 'energy', '100 mJ'],
    [4e-9, 'energy', '4 nJ'],
    [null, 'energy', '-'],
    [undefined, 'power', '-'],
    [Number.NaN, 'time', '-'],
  ] as const)('%d (%s) is %s', (value, dimension, text) => {
    expect(formatQuantity(value, dimension)).toBe(text)
  })

  it('can be typed back in, to three digits', () => {
    const dimensions = ['time', 'frequency', 'power', 'energy'] as const satisfies Dimension[]
    fc.assert(
      fc.property(fc.constantFrom(...dimensions), fc.integer({ min: -500, max: 1100 }), fc.boolean(), (dimension, hundredths, negative) => {
        // From 10 units of the smallest kind up.
        const least = { time: 1e-3, frequency: 1e6, power: 1, energy: 1e-3 }[dimension]
        const value = (negative ? -1 : 1) * least * 10 ** (hundredths / 100)
        const back = parseQuantity(formatQuantity(value, dimension), dimension, 'x')
        expect(Math.abs(back / value - 1)).toBeLessThan(0.0051)
      }),
    )
  })
})
