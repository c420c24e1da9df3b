import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeArrivals, parseRate } from '../../../envs/board/arrivals.ts'
import { makeRng } from '../../../src/core/rng.ts'
import { errorOf } from '../../support/error-of.ts'

describe('--rate', () => {
  it.each([
    ['30', { kind: 'periodic', rateHz: 30 }],
    ['0.5', { kind: 'periodic', rateHz: 0.5 }],
    ['30Hz', { kind: 'periodic', rateHz: 30 }],
    ['poisson:30', { kind: 'poisson', rateHz: 30 }],
    ['back-to-back', { kind: 'closed', pauseS: 0 }],
  ])('%s', (text, spec) => {
    expect(parseRate(text)).toEqual(spec)
  })

  it.each(['', '0', '-30', 'poisson:0', 'poisson:', 'poisson', '30ms', '1e3', 'fast', 'NaN', 'Infinity'])("'%s' is no rate", (text) => {
    const { code, message } = errorOf(() => parseRate(text))
    expect(code).toBe('ERR_RANGE')
    expect(message).toContain(`--rate: '${text}' is no rate`)
  })
})

describe('periodic arrivals', () => {
  const make = (capacity = 16) => makeArrivals({ kind: 'periodic', rateHz: 10 }, makeRng(1), capacity)

  it('come at fixed intervals from the start, one period after it', () => {
    const arrivals = make()
    arrivals.start(5)
    expect(arrivals.head(5)).toBeCloseTo(5.1, 12)
    expect(arrivals.head(5.05)).toBeCloseTo(5.1, 12)
    arrivals.pop()
    expect(arrivals.head(5.1)).toBeCloseTo(5.2, 12)
  })

  it('count who waits behind the head', () => {
    const arrivals = make()
    arrivals.start(0)
    expect(arrivals.head(0.35)).toBeCloseTo(0.1, 12)
    // 0.2 and 0.3 have come too.
    expect(arrivals.waiting(0.35)).toBe(2)
    arrivals.pop()
    expect(arrivals.head(0.35)).toBeCloseTo(0.2, 12)
    expect(arrivals.waiting(0.35)).toBe(1)
    arrivals.pop()
    arrivals.pop()
    expect(arrivals.head(0.35)).toBeCloseTo(0.4, 12)
    expect(arrivals.waiting(0.35)).toBe(0)
  })

  it('drop the oldest when more wait than the queue holds', () => {
    const arrivals = make(3)
    arrivals.start(0)
    // At 0.75 requests 0.1 to 0.7 have come: one is served, three wait, the three oldest are gone.
    expect(arrivals.head(0.75)).toBeCloseTo(0.4, 12)
    expect(arrivals.waiting(0.75)).toBe(3)
    expect(arrivals.dropped).toBe(3)
    arrivals.pop()
    expect(arrivals.head(0.75)).toBeCloseTo(0.5, 12)
    expect(arrivals.dropped).toBe(3)
    arrivals.start(10)
    expect(arrivals.dropped).toBe(0)
    expect(arrivals.head(10)).toBeCloseTo(10.1, 12)
  })
})

describe('Poisson arrivals', () => {
  const gaps = (seed: number, n: number): number[] => {
    const arrivals = makeArrivals({ kind: 'poisson', rateHz: 30 }, makeRng(seed))
    arrivals.start(0)
    let lastS = 0
    return Array.from({ length: n }, () => {
      const nextS = arrivals.head(lastS)
      const gapS = nextS - lastS
      lastS = nextS
      arrivals.pop()
      return gapS
    })
  }

  it('are the seed’s, with the rate’s mean and as much deviation as mean', () => {
    expect(gaps(3, 20)).toEqual(gaps(3, 20))
    expect(gaps(3, 20)).not.toEqual(gaps(4, 20))
    const many = gaps(3, 10_000)
    const mean = many.reduce((a, b) => a + b) / many.length
    const deviation = Math.sqrt(many.reduce((sum, gapS) => sum + (gapS - mean) ** 2, 0) / many.length)
    // Four standard errors of 10,000 exponential gaps, and twice that for the deviation.
    expect(Math.abs(mean * 30 - 1)).toBeLessThan(0.04)
    expect(Math.abs(deviation * 30 - 1)).toBeLessThan(0.08)
  })
})

describe('closed arrivals', () => {
  it('come a pause after the server is free, and never wait', () => {
    const arrivals = makeArrivals({ kind: 'closed', pauseS: 0.01 }, makeRng(1))
    arrivals.start(0)
    expect(arrivals.head(3)).toBe(3.01)
    arrivals.pop()
    expect(arrivals.head(4)).toBe(4.01)
    expect(arrivals.waiting(4)).toBe(0)
    expect(arrivals.dropped).toBe(0)
    expect(makeArrivals({ kind: 'closed', pauseS: 0 }, makeRng(1)).head(7)).toBe(7)
  })
})

describe('any arrivals', () => {
  it('are served in order, at most a queue late, and none is lost but those counted as dropped', () => {
    const service = fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(
        fc.constantFrom('periodic' as const, 'poisson' as const),
        fc.nat(1000),
        fc.integer({ min: 1, max: 6 }),
        service,
        (kind, seed, capacity, ms) => {
          const every: number[] = []
          const reference = makeArrivals({ kind, rateHz: 10 }, makeRng(seed))
          reference.start(0)
          for (let i = 0; i < 3000; i++) {
            every.push(reference.head(0))
            reference.pop()
          }
          const arrivals = makeArrivals({ kind, rateHz: 10 }, makeRng(seed), capacity)
          arrivals.start(0)
          let nowS = 0
          let served = 0
          for (const serviceMs of ms) {
            const headS = arrivals.head(nowS)
            const index = every.indexOf(headS)
            expect(index).toBe(served + arrivals.dropped)
            nowS = Math.max(nowS, headS)
            const waiting = arrivals.waiting(nowS)
            expect(waiting).toBe(every.filter((timeS, i) => i > index && timeS <= nowS).length)
            expect(waiting).toBeLessThanOrEqual(capacity)
            arrivals.pop()
            served++
            nowS += serviceMs / 1000
          }
        },
      ),
      { numRuns: 40 },
    )
  })
})
