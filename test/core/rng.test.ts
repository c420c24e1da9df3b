import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeRng, type Rng, rngFromState } from '../../src/core/rng.ts'

const words = (rng: Rng, n: number): number[] => Array.from({ length: n }, () => rng.next() * 2 ** 32)
const anySeed = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })

describe('generator', () => {
  it('is xoshiro128++: the first words after state 1, 2, 3, 4, as its authors and other libraries print them', () => {
    expect(words(rngFromState([1, 2, 3, 4]), 10)).toEqual([
      641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295, 495546011, 621204420,
    ])
  })

  it('gives the numbers of a seed that old traces hold', () => {
    expect(words(makeRng(7), 6)).toEqual([1742169388, 2285352193, 3410323112, 2631554479, 385115897, 4021764488])
    expect(words(makeRng(7).fork('arrivals'), 4)).toEqual([810798749, 25536820, 497621109, 3049143443])
    // The high half of a seed counts.
    expect(words(makeRng(2 ** 40 + 5), 4)).toEqual([3878275867, 921444911, 878456916, 582866356])
  })

  it('gives the same numbers for the same seed, and others for another', () => {
    fc.assert(
      fc.property(anySeed, anySeed, (a, b) => {
        expect(words(makeRng(a), 8)).toEqual(words(makeRng(a), 8))
        if (a !== b) expect(words(makeRng(a), 8)).not.toEqual(words(makeRng(b), 8))
      }),
    )
  })

  it('goes on from a saved state as if never stopped', () => {
    fc.assert(
      fc.property(anySeed, fc.nat(50), (seed, before) => {
        const rng = makeRng(seed)
        words(rng, before)
        const state = JSON.parse(JSON.stringify(rng.state())) as ReturnType<Rng['state']>
        const expected = words(rng, 10)
        expect(words(rngFromState(state), 10)).toEqual(expected)
        rng.restore(state)
        expect(words(rng, 10)).toEqual(expected)
      }),
    )
  })

  it('a fork hangs on seed and name alone, and takes nothing from its parent', () => {
    fc.assert(
      fc.property(anySeed, fc.string(), fc.string(), fc.nat(20), (seed, name, other, before) => {
        const parent = makeRng(seed)
        const early = words(parent.fork(name), 6)
        const rest = words(makeRng(seed), before + 6).slice(before)
        words(parent, before)
        expect(words(parent.fork(name), 6)).toEqual(early)
        expect(words(parent, 6)).toEqual(rest)
        if (name !== other) expect(words(parent.fork(other), 6)).not.toEqual(early)
      }),
    )
  })

  it('is uniform, exponential and normal, roughly', () => {
    const rng = makeRng(1)
    const counts = new Array<number>(16).fill(0)
    for (let i = 0; i < 16_000; i++) {
      const n = rng.int(16)
      counts[n] = (counts[n] as number) + 1
    }
    // Chi-squared with 15 degrees of freedom is above 37.7 once in a thousand.
    expect(counts.reduce((sum, seen) => sum + (seen - 1000) ** 2 / 1000, 0)).toBeLessThan(37.7)
    let [sum, squares, exponential] = [0, 0, 0]
    for (let i = 0; i < 20_000; i++) {
      const x = rng.normal()
      sum += x
      squares += x * x
      exponential += rng.exponential()
    }
    // Four standard errors: 1 / sqrt(20000) for means of unit deviation, sqrt(2) times that for a square.
    expect(Math.abs(sum / 20_000)).toBeLessThan(0.0283)
    expect(Math.abs(squares / 20_000 - 1)).toBeLessThan(0.04)
    expect(Math.abs(exponential / 20_000 - 1)).toBeLessThan(0.0283)
  })

  it('stays within its ranges', () => {
    fc.assert(
      fc.property(anySeed, fc.integer({ min: 1, max: 1000 }), (seed, n) => {
        const rng = makeRng(seed)
        for (let i = 0; i < 20; i++) {
          expect(rng.next()).toBeLessThan(1)
          const k = rng.int(n)
          expect(Number.isInteger(k) && k >= 0 && k < n).toBe(true)
          expect(rng.exponential()).toBeGreaterThanOrEqual(0)
          expect(Number.isFinite(rng.normal())).toBe(true)
        }
      }),
    )
  })
})
