import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type BoardFlags, boardRequest, parseCount, parseNumber, parseSettings, type WishFlags, wishOf } from '../../src/cli/options.ts'
import { formatTable } from '../../src/cli/print.ts'
import { errorOf } from '../support/error-of.ts'

describe('numbers on the command line', () => {
  it.each([
    ['0', 0],
    ['0.25', 0.25],
    ['1', 1],
    ['1e-1', 0.1],
    [' 0.5 ', 0.5],
  ])("'%s' is %d", (text, value) => {
    expect(parseNumber(text, '--x', 0, 1)).toBe(value)
  })

  it.each(['', ' ', '-0.1', '1.1', 'NaN', 'half', '50%'])("'%s' is not from 0 to 1", (text) => {
    const { code, message } = errorOf(() => parseNumber(text, '--x', 0, 1))
    expect(code).toBe('ERR_RANGE')
    expect(message).toBe(`--x: '${text}' is not a number from 0 to 1`)
  })

  it('may leave the ends out', () => {
    expect(parseNumber('99.9', '--percentile', 0, 100, 'open')).toBe(99.9)
    for (const text of ['0', '100']) expect(errorOf(() => parseNumber(text, '--percentile', 0, 100, 'open')).message).toContain('between 0 and 100')
  })

  it('are whole where they count', () => {
    expect(parseCount('1', '--steps', 1)).toBe(1)
    expect(parseCount('2000', '--steps', 1)).toBe(2000)
    for (const text of ['0', '-1', '1.5', '1e3', '', 'many', '99999999999999999999'])
      expect(errorOf(() => parseCount(text, '--steps', 1))).toMatchObject({
        code: 'ERR_RANGE',
        message: `--steps: '${text}' is not a whole number of at least 1`,
      })
  })
})

describe('--set', () => {
  it('takes numbers and switches', () => {
    expect(parseSettings(['epsilon=0.1', 'doubleQ=true', 'gamma=0', 'verbose=false', 'alpha=-1e-3'])).toEqual({
      epsilon: 0.1,
      doubleQ: true,
      gamma: 0,
      verbose: false,
      alpha: -0.001,
    })
    expect(parseSettings([])).toEqual({})
  })

  it.each(['epsilon', 'epsilon=', '=1', 'epsilon=much', '1x=2', 'epsilon = 1'])("'%s' is none", (pair) => {
    expect(errorOf(() => parseSettings([pair])).code).toBe('ERR_USAGE')
  })
})

describe('what is asked on the command line', () => {
  const flags: WishFlags = {}
  it('is in SI units', () => {
    const all = {
      deadline: '33ms',
      percentile: '95',
      energyBudget: '100mJ',
      accuracyFloor: '0.6',
      minConfidence: '0.4',
      objective: 'weighted',
    } as const
    const wish = wishOf({ ...all, weights: 'latency=1' })
    expect(wish).toMatchObject({
      percentile: 95,
      accuracyFloor: 0.6,
      leastConfidence: 0.4,
      objective: 'weighted',
      weights: { latency: 1, energy: 0 },
    })
    expect(wish.deadline).toEqual({ seconds: 0.033 })
    expect(wish.energyBudgetJ).toBeCloseTo(0.1, 12)
  })

  it('refuses weights of an objective that has none, and a percentile that looks like a share', () => {
    for (const objective of ['energy', 'latency', 'accuracy'] as const)
      expect(errorOf(() => wishOf({ objective, weights: 'latency=1' })).message).toContain(`--objective is ${objective}`)
    expect(wishOf({ percentile: '1' }).percentile).toBe(1)
    expect(errorOf(() => wishOf({ percentile: '0.95' }))).toMatchObject({
      code: 'ERR_RANGE',
      message: expect.stringContaining('like a share: 95 for 0.95'),
    })
  })

  it('asks for the unit of a deadline, or says that it may be a multiple', () => {
    expect(errorOf(() => wishOf({ deadline: '1.5' }))).toMatchObject({ code: 'ERR_UNIT', message: expect.stringContaining('or 1.5x') })
    expect(errorOf(() => wishOf({ deadline: '33MHz' })).message).not.toContain('33MHzx')
  })

  it('is nothing by default', () => {
    expect(wishOf(flags)).toEqual({
      deadline: undefined,
      percentile: undefined,
      energyBudgetJ: undefined,
      accuracyFloor: undefined,
      leastConfidence: undefined,
      objective: undefined,
      weights: undefined,
    })
  })

  it('may be a multiple', () => {
    expect(wishOf({ ...flags, deadline: '1.3x' }).deadline).toEqual({ times: 1.3 })
  })
})

describe('a table', () => {
  it('pads the first column to the right and the others to the left', () => {
    expect(
      formatTable([
        ['name', 'cost', 'p50'],
        ['learned', '1.5', '12 ms'],
        ['x', '10.25', '-'],
      ]),
    ).toEqual(['name      cost    p50', 'learned    1.5  12 ms', 'x        10.25      -'])
    expect(formatTable([])).toEqual([])
  })
})

describe('--root', () => {
  it('is a whole path for whoever puts knobs back from another folder', () => {
    const flags: BoardFlags = { root: 'board', rate: '30', virtual: 'auto', interfere: [], network: 'net', restore: 'exit', watchdog: '20s' }
    expect(boardRequest(flags).root).toBe(resolve('board'))
    expect(boardRequest({ ...flags, root: '/' }).root).toBe('/')
  })
})
