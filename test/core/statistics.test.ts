import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { interval95, mean, median, percentiles, quantileSorted } from '../../src/core/statistics.ts'

/** 1, 2, … n in an order of its own. */
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => ((i * 7919) % n) + 1)

describe('percentiles', () => {
  it('are null where there are too few samples: p95 needs 130, p99 662', () => {
    expect(percentiles([])).toEqual({ p50: null, p95: null, p99: null, n: 0 })
    expect(percentiles([3])).toEqual({ p50: 3, p95: null, p99: null, n: 1 })
    expect(percentiles(upTo(129))).toEqual({ p50: 65, p95: null, p99: null, n: 129 })
    expect(percentiles(upTo(130))).toEqual({ p50: 65, p95: 124, p99: null, n: 130 })
    expect(percentiles(upTo(661))).toEqual({ p50: 331, p95: 628, p99: null, n: 661 })
    expect(percentiles(upTo(662))).toEqual({ p50: 331, p95: 629, p99: 656, n: 662 })
  })

  it('leave the samples as they are', () => {
    const samples = [3, 1, 2]
    percentiles(samples)
    expect(samples).toEqual([3, 1, 2])
  })

  it('are the nearest rank', () => {
    expect(quantileSorted([10, 20, 30, 40], 0)).toBe(10)
    expect(quantileSorted([10, 20, 30, 40], 0.25)).toBe(10)
    expect(quantileSorted([10, 20, 30, 40], 0.26)).toBe(20)
    expect(quantileSorted([10, 20, 30, 40], 0.5)).toBe(20)
    expect(quantileSorted([10, 20, 30, 40], 1)).toBe(40)
    expect(median([4, 1, 3, 2])).toBe(2)
    expect(median([5, 1, 3])).toBe(3)
  })

  it('are a sample with at least the share at or below it, and less below it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 100 }).map((n) => n / 100),
        (samples, p) => {
          const sorted = Float64Array.from(samples).sort()
          const value = quantileSorted(sorted, p)
          const atOrBelow = sorted.filter((x) => x <= value).length
          const below = sorted.filter((x) => x < value).length
          expect(atOrBelow).toBeGreaterThanOrEqual(p * samples.length - 1e-9)
          expect(below).toBeLessThan(p * samples.length + 1e-9)
        },
      ),
    )
  })
})

describe('interval95', () => {
  it('by hand: 1, 2, 3 has deviation 1 and t = 4.303', () => {
    const { mean: middle, lo, hi, n } = interval95([1, 2, 3])
    expect(middle).toBe(2)
    expect(n).toBe(3)
    expect(hi).toBeCloseTo(2 + 4.303 / Math.sqrt(3), 12)
    expect(lo).toBeCloseTo(2 - 4.303 / Math.sqrt(3), 12)
  })

  it('by hand: two samples 0 and 2 reach 12.706 either way', () => {
    const { lo, hi } = interval95([0, 2])
    expect(lo).toBeCloseTo(1 - 12.706, 12)
    expect(hi).toBeCloseTo(1 + 12.706, 12)
  })

  it('is infinite below two samples, and a point where all are equal', () => {
    expect(interval95([5])).toEqual({ mean: 5, lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY, n: 1 })
    expect(interval95([5, 5, 5, 5])).toEqual({ mean: 5, lo: 5, hi: 5, n: 4 })
  })

  // Two-sided 95 % points of Student's t from tables.
  it.each([
    [31, 2.042],
    [41, 2.021],
    [61, 2.0],
    [121, 1.98],
    [1001, 1.962],
  ])('%i samples use t = %f', (n, t) => {
    // Half zeros and half ones: the deviation is known.
    const samples = Array.from({ length: n }, (_, i) => i % 2)
    const m = mean(samples)
    const deviation = Math.sqrt((n * m * (1 - m)) / (n - 1))
    const { hi } = interval95(samples)
    expect(((hi - m) * Math.sqrt(n)) / deviation).toBeCloseTo(t, 2)
  })
})
