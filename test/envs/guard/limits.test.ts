import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeChangeLimit } from '../../../envs/guard/change-limit.ts'
import { barSlowClocks, placesOf } from '../../../envs/guard/min-frequency.ts'
import { orderPoints } from '../../../envs/guard/order.ts'
import { makePowerCap } from '../../../envs/guard/power-cap.ts'
import { makeSpaces } from '../../../src/core/spaces.ts'
import { errorOf } from '../../support/error-of.ts'

const free = (n: number): Uint8Array => new Uint8Array(n)

describe('order in which points are taken away', () => {
  it('is that of their power; of the coolest that of their work', () => {
    // 2 W draw points 0 (work 4) and 3 (work 1), within 5 % of each other; then 3 W, then what is not known.
    const order = orderPoints({ powerW: [2.05, 3, Number.NaN, 2], work: [4, 1, 1, 1], barred: free(4), merit: [0, 0, 0, 0] })
    expect(Array.from(order.level)).toEqual([1, 2, 3, 0])
    expect(order.top).toBe(3)
    expect(Array.from(order.allowed)).toEqual([1, 2, 3, 4])
    expect(Array.from(order.powerW)).toEqual([2, 2.05, 3, Number.POSITIVE_INFINITY])
  })

  it('puts barred points beyond every bound, the best of them first', () => {
    const order = orderPoints({ powerW: [1, 2, 3], work: [1, 1, 1], barred: Uint8Array.of(1, 0, 1), merit: [5, 0, 6] })
    expect(Array.from(order.level)).toEqual([2, 0, 1])
    expect(order.top).toBe(0)
  })

  it('orders by work alone where no power is known', () => {
    const order = orderPoints({ powerW: [Number.NaN, Number.NaN], work: [2, 1], barred: free(2), merit: [0, 0] })
    expect(Array.from(order.level)).toEqual([1, 0])
  })
})

describe('limit of changes', () => {
  it('lets no second hold more than so many, in any sequence', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(fc.double({ min: 0, max: 0.7, noNaN: true }), { maxLength: 200 }), (most, gapsS) => {
        const limit = makeChangeLimit(most)
        const changesS: number[] = []
        let nowS = 100
        for (const gapS of gapsS) {
          nowS += gapS
          if (!limit.allows(nowS)) continue
          limit.changed(nowS)
          changesS.push(nowS)
        }
        for (let i = 0; i + most < changesS.length; i++) expect((changesS[i + most] as number) - (changesS[i] as number)).toBeGreaterThanOrEqual(1)
      }),
    )
  })
})

const spaces = makeSpaces({
  knobs: [
    { name: 'subnet', kind: 'subnet', values: ['25', '100'] },
    { name: 'cluster', kind: 'cluster', values: ['little', 'big'] },
    { name: 'big.freqHz', kind: 'frequency', unit: 'Hz', domain: 'big', values: [6e8, 2e9, 'free'] },
    { name: 'little.speed', kind: 'frequency', domain: 'little', values: [0.4, 1, 'free'] },
  ],
  points: [
    { subnet: '25', cluster: 'little', 'big.freqHz': 'free', 'little.speed': 0.4 },
    { subnet: '25', cluster: 'big', 'big.freqHz': 6e8, 'little.speed': 'free' },
    { subnet: '100', cluster: 'big', 'big.freqHz': 6e8, 'little.speed': 'free' },
    { subnet: '100', cluster: 'big', 'big.freqHz': 2e9, 'little.speed': 'free' },
  ],
  monitors: [],
})

describe('least frequency for others', () => {
  it('bars points that hold a clock below it, and no virtual clock', () => {
    expect(Array.from(barSlowClocks(spaces, { '*': 1e9 }).barred)).toEqual([0, 1, 1, 0])
    expect(Array.from(barSlowClocks(spaces, { big: 6e8 }).barred)).toEqual([0, 0, 0, 0])
    expect(Array.from(barSlowClocks(spaces, { '*': 1e9, big: 5e8 }).barred)).toEqual([0, 0, 0, 0])
    expect(Array.from(barSlowClocks(spaces, {}).lowestHz)).toEqual([Number.POSITIVE_INFINITY, 6e8, 6e8, 2e9])
  })

  it('says which clusters there are', () => {
    const { code, message } = errorOf(() => barSlowClocks(spaces, { little: 1e9 }))
    expect(code).toBe('ERR_RANGE')
    expect(message).toBe('--min-frequency: no cluster called little has a clock that is set here, expected big')
  })

  it('refuses what no point keeps', () => {
    const bigOnly = makeSpaces({ knobs: spaces.knobs, points: spaces.points.slice(1), monitors: [] })
    expect(errorOf(() => barSlowClocks(bigOnly, { '*': 3e9 })).message).toContain('expected at most 2000 MHz')
  })

  it('knows which points differ in the sub-network alone', () => {
    expect(Array.from(placesOf(spaces))).toEqual([0, 1, 1, 2])
  })
})

describe('power cap', () => {
  const levels = { top: 4, powerW: Float64Array.of(1, 1, 2, 3, 4) }
  /** A rail that draws `baseW` and what the point draws, run at the highest level that is left, in decisions of 0.1 s. */
  const drive = (capW: number, baseW: number, seconds: number): { powersW: number[]; bounds: number[] } => {
    const cap = makePowerCap(capW, levels)
    const powersW: number[] = []
    const bounds: number[] = []
    let totalJ = 0
    for (let k = 1; k <= seconds * 10; k++) {
      const level = cap.level
      const powerW = baseW + (levels.powerW[level] as number)
      totalJ += 0.1 * powerW
      bounds.push(cap.ran(k / 10, level, totalJ))
      powersW.push(powerW)
    }
    return { powersW, bounds }
  }

  it('takes away what is too much at once, and by how much it was too much', () => {
    // 1 + 4 W against 3.2 W: 1.8 W too much leave at most 2.2 W.
    const { bounds } = drive(3.2, 1, 3)
    expect(bounds.slice(0, 5)).toEqual([4, 4, 4, 4, 4])
    expect(bounds[5]).toBe(2)
  })

  it('holds in steady load: the next level is tried ever more rarely, and never for longer than two windows', () => {
    const { powersW, bounds } = drive(3.2, 1, 400)
    const tail = powersW.slice(-2000)
    expect(tail.filter((powerW) => powerW > 3.2).length / tail.length).toBeLessThan(0.02)
    const tries = bounds.filter((bound, k) => bound > (bounds[k - 1] ?? 4)).length
    expect(tries).toBeLessThan(12)
    // In no stretch of 1.5 s is it too much all the time.
    for (let k = 10; k + 15 < powersW.length; k++) expect(Math.min(...powersW.slice(k, k + 15))).toBeLessThanOrEqual(3.2)
  })

  it('gives everything back where the load has gone', () => {
    const cap = makePowerCap(2, levels)
    let totalJ = 0
    let nowS = 0
    const run = (powerW: number, seconds: number): number => {
      for (let k = 0; k < seconds * 10; k++) {
        nowS += 0.1
        totalJ += 0.1 * powerW
        cap.ran(nowS, cap.level, totalJ)
      }
      return cap.level
    }
    expect(run(9, 5)).toBe(0)
    expect(run(0.5, 30)).toBe(4)
  })

  it('never rises while too much is measured, and falls to the last level', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 2.01, max: 50, noNaN: true }), { minLength: 60, maxLength: 100 }), (powersW) => {
        const cap = makePowerCap(2, levels)
        let totalJ = 0
        let last = levels.top
        for (const [k, powerW] of powersW.entries()) {
          totalJ += 0.2 * powerW
          const bound = cap.ran((k + 1) / 5, last, totalJ)
          expect(bound).toBeLessThanOrEqual(last)
          last = bound
        }
        expect(last).toBe(0)
      }),
    )
  })

  it('assumes the worst of a sensor that fails in every window', () => {
    const cap = makePowerCap(10, levels)
    let totalJ = 0
    let fellS = Number.NaN
    for (let k = 1; k <= 400; k++) {
      totalJ += 10
      const bound = cap.ran(k / 10, cap.level, k % 4 === 0 ? Number.NaN : totalJ)
      if (bound === 0 && Number.isNaN(fellS)) fellS = k / 10
    }
    // No window of half a second is known whole, for 10 s since the first decision.
    expect(fellS).toBeCloseTo(10.2, 1)
    expect(cap.blind()).toBe(true)
    expect(cap.level).toBe(0)
  })

  it('assumes the worst when the power has been unknown for long, and forgets it when it is known again', () => {
    const cap = makePowerCap(10, levels)
    expect(cap.ran(0, 4, 0)).toBe(4)
    expect(cap.ran(1, 4, 1)).toBe(4)
    expect(cap.ran(11, 4, Number.NaN)).toBe(4)
    expect(cap.blind()).toBe(false)
    expect(cap.ran(11.1, 4, Number.NaN)).toBe(0)
    expect(cap.blind()).toBe(true)
    let totalJ = 5
    for (let k = 0; k < 300; k++) {
      totalJ += 0.1
      cap.ran(12 + k / 10, cap.level, totalJ)
    }
    expect(cap.blind()).toBe(false)
    expect(cap.level).toBe(4)
  })
})
