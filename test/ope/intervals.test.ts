import { describe, expect, it } from 'vitest'
import { makeRng } from '../../src/core/rng.ts'
import { makeBlockCollector, partsOf } from '../../src/ope/block-sums.ts'
import { bootstrapEstimate, bootstrapLogged, drawUnits } from '../../src/ope/bootstrap.ts'
import { ips } from '../../src/ope/estimators/ips.ts'
import { snips } from '../../src/ope/estimators/snips.ts'
import { slope } from '../../src/ope/slope.ts'
import { influences } from '../../src/ope/units.ts'
import { columnsOf, estimateOf, evaluate } from './support.ts'

const blocksOf = (rewards: number[], weights: number[]) => {
  const collector = makeBlockCollector([ips, snips])
  collector.add(columnsOf(rewards, weights))
  return collector.blocks()
}

describe('influences', () => {
  it('of snips are w (r - V) / sum w, worked out by hand', () => {
    const blocks = blocksOf([-1, -2, -8, -0.5], [2, 0.5, 0, 4])
    // V = -10/13, sum of weights 6.5.
    const expected = [2 * (-3 / 13), 0.5 * (-16 / 13), 0, 4 * (3.5 / 13)].map((x) => x / 6.5)
    influences(blocks, partsOf(blocks, [ips, snips], 1)).forEach((influence, j) => {
      expect(influence).toBeCloseTo(expected[j] as number, 14)
    })
  })
})

describe('bootstrap', () => {
  it('draws as many units as there are, the same for the same seed', () => {
    const { counts } = drawUnits(20, 199, makeRng(1))
    for (let d = 0; d < 199; d++) expect(counts.subarray(d * 20, (d + 1) * 20).reduce((a, b) => a + b)).toBe(20)
    expect(drawUnits(20, 199, makeRng(1)).counts).toEqual(counts)
    expect(drawUnits(20, 199, makeRng(2)).counts).not.toEqual(counts)
  })

  it('of a normal mean is the interval of Student', () => {
    const rng = makeRng(11)
    const rewards = Array.from({ length: 900 }, () => 3 + 2 * rng.normal())
    const blocks = blocksOf(
      rewards,
      rewards.map(() => 1),
    )
    const draws = drawUnits(blocks.count, 1999, makeRng(1))
    const { value, lo, hi } = bootstrapLogged(blocks, draws)
    const mean = rewards.reduce((a, b) => a + b) / 900
    const half = 1.96 * Math.sqrt(rewards.reduce((sum, r) => sum + (r - mean) ** 2, 0) / 899 / 900)
    expect(value).toBeCloseTo(mean, 12)
    expect((value - lo) / half).toBeCloseTo(1, 0)
    expect((hi - lo) / (2 * half)).toBeGreaterThan(0.95)
    expect((hi - lo) / (2 * half)).toBeLessThan(1.05)
  })

  it('compares with what was logged on the same rounds: the same policy differs by nothing', () => {
    const rewards = Array.from({ length: 64 }, (_, i) => -1 - Math.sin(i))
    const blocks = blocksOf(
      rewards,
      rewards.map(() => 1),
    )
    const { value, difference, relative } = bootstrapEstimate(blocks, partsOf(blocks, [ips, snips], 1), drawUnits(64, 199, makeRng(1)))
    expect(value.hi).toBeGreaterThan(value.lo)
    expect(difference).toEqual({ value: 0, lo: 0, hi: 0 })
    expect(relative).toEqual({ value: 0, lo: 0, hi: 0 })
  })

  it('reaches further to the side of the long tail', () => {
    const rng = makeRng(7)
    const weights = Array.from({ length: 400 }, () => (rng.next() < 0.05 ? 20 : 0))
    const { estimates } = evaluate(
      columnsOf(
        weights.map(() => 1),
        weights,
      ),
      { hasModel: false },
    )
    const { value, lo, hi } = estimates.find(({ estimator }) => estimator === 'ips') as { value: number; lo: number; hi: number }
    expect(hi - value).toBeGreaterThan(1.2 * (value - lo))
  })

  it('goes with a warning where weights are not those of true propensities', () => {
    const rng = makeRng(8)
    const weights = Array.from({ length: 2000 }, () => 0.7 + 0.4 * rng.next())
    const { warnings } = evaluate(columnsOf(weights, weights), { hasModel: false })
    expect(warnings).toEqual([
      expect.stringMatching(/^importance weights average 0\.9\d+ where 1 is expected \(z = -\d+\.\d\): propensities are not true, or/),
    ])
    expect(
      evaluate(
        columnsOf(
          weights,
          weights.map((w) => w + 0.1),
        ),
        { hasModel: false },
      ).warnings,
    ).toEqual([])
  })

  it('covers the truth where rounds hang together, and says when the log is short for that', () => {
    let covered = 0
    for (let seed = 1; seed <= 40; seed++) {
      const rng = makeRng(seed)
      let x = 0
      const rewards = Array.from({ length: 2000 }, () => {
        x = 0.8 * x + rng.normal()
        return x
      })
      const { logged } = evaluate(
        columnsOf(
          rewards,
          rewards.map(() => 1),
        ),
        { hasModel: false },
      )
      if (logged.lo <= 0 && logged.hi >= 0) covered++
    }
    // Independent rounds would make intervals a third as wide, and 48 % cover.
    expect(covered).toBeGreaterThanOrEqual(35)
    const slow = Array.from({ length: 400 }, (_, i) => Math.sin(i / 20))
    expect(
      evaluate(
        columnsOf(
          slow,
          slow.map(() => 1),
        ),
        { hasModel: false },
      ).warnings[0],
    ).toMatch(/autocorrelation times long/)
  })

  it('has no interval where there is nothing to tell it by', () => {
    const blind = evaluate(columnsOf([1, 2, 3], [0, 0, 0], [1, 1, 1], [2, 2, 2]))
    expect(blind.estimates.find(({ estimator }) => estimator === 'ips')).toMatchObject({ value: 0, lo: Number.NaN, hi: Number.NaN })
    expect(estimateOf(blind, 'snips')).toBeNaN()
    expect(blind.estimates.find(({ estimator }) => estimator === 'dm')).toMatchObject({ value: 2, lo: 2, hi: 2 })
    const single = evaluate(columnsOf([1], [1], [1], [1]))
    expect(single.logged).toMatchObject({ value: 1, lo: Number.NaN })
  })
})

describe('slope', () => {
  it('takes the least variable candidate that agrees with all before it', () => {
    const halfWidths = [10, 4, 2, 1]
    const pick = (...values: number[]) => slope(values.map((value, i) => ({ value, halfWidth: halfWidths[i] as number })))
    expect(pick(0, 0, 0, 0)).toBe(3)
    // The last may differ from the third by 1 + 1.449 * 2 = 3.9, from the second by 1 + 1.449 * 4 = 6.8.
    expect(pick(0, 0, 0, 3.8)).toBe(3)
    expect(pick(0, 0, 0, 4)).toBe(2)
    expect(pick(0, 0, 3, -4)).toBe(2)
    expect(pick(0, 30, 30, 30)).toBe(0)
  })
})
