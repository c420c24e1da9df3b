import { describe, expect, it } from 'vitest'
import { makeRng } from '../../src/core/rng.ts'
import { autocorrelationTime } from '../../src/ope/autocorrelation.ts'
import { makeBlockCollector } from '../../src/ope/block-sums.ts'
import { ips } from '../../src/ope/estimators/ips.ts'
import { sndr } from '../../src/ope/estimators/sndr.ts'
import { resamplingUnits } from '../../src/ope/units.ts'
import { columnsOf } from './support.ts'

const series = (n: number, value: (i: number) => number): number[] => Array.from({ length: n }, (_, i) => value(i))

describe('blocks', () => {
  it('join as a log grows, and lose nothing', () => {
    const collector = makeBlockCollector([ips, sndr], 1, 4)
    // Nine rounds in chunks of three: blocks of 1, then of 2, then of 4.
    for (let from = 0; from < 9; from += 3) collector.add(columnsOf([from, from + 1, from + 2], [1, 2, 0], [0, 0, 0], [5, 5, 5]))
    const { count, rounds, reward, weight, modelTarget, terms, products } = collector.blocks()
    const [ofIps] = terms as [Float64Array]
    expect(Array.from(rounds.subarray(0, count))).toEqual([4, 4, 1])
    expect(Array.from(reward.subarray(0, count))).toEqual([6, 22, 8])
    expect(Array.from(weight.subarray(0, count))).toEqual([4, 5, 0])
    // w r: 0, 2, 0, 3, 8, 0, 6, 14, 0.
    expect(Array.from(ofIps.subarray(0, count))).toEqual([5, 28, 0])
    expect(Array.from(modelTarget.subarray(0, count))).toEqual([20, 20, 5])
    // 0 + 4 + 0 + 9 + 64 + 0 + 36 + 196, and the same for the product with the normaliser of ips, which is 1.
    expect(products).toEqual([
      { directDirect: 0, directTerms: 0, directNormaliser: 0, termsTerms: 309, termsNormaliser: 33, normaliserNormaliser: 9 },
    ])
  })

  it('are the same however the log was cut into chunks', () => {
    const rewards = series(777, (i) => Math.sin(i))
    const weights = series(777, (i) => 1 + Math.cos(i))
    const collect = (size: number) => {
      const collector = makeBlockCollector([ips], 1, 64)
      for (let from = 0; from < 777; from += size) collector.add(columnsOf(rewards.slice(from, from + size), weights.slice(from, from + size)))
      return collector.blocks()
    }
    const [whole, pieces] = [collect(777), collect(10)]
    expect(pieces.count).toBe(whole.count)
    expect(pieces.rounds).toEqual(whole.rounds)
    pieces.reward.forEach((sum, j) => {
      expect(sum).toBeCloseTo(whole.reward[j] as number, 10)
    })
  })

  it('do not reach over the end of a run, unless there are too many runs', () => {
    const collector = makeBlockCollector([ips], 1, 8)
    for (let run = 0; run < 2; run++) {
      collector.add(
        columnsOf(
          series(5, () => run + 1),
          series(5, () => 1),
        ),
      )
      collector.endRun()
    }
    const { count, rounds, reward, run } = collector.blocks()
    // Eight full blocks were joined to 2, 2, 1 and 2, 1; then two more rounds came.
    expect(Array.from(rounds.subarray(0, count)).reduce((a, b) => a + b)).toBe(10)
    for (let j = 0; j < count; j++) expect(reward[j]).toBe((rounds[j] as number) * ((run[j] as number) + 1))

    const many = makeBlockCollector([ips], 1, 8)
    for (let run = 0; run < 100; run++) {
      many.add(columnsOf([1], [1]))
      many.endRun()
    }
    const joined = many.blocks()
    expect(joined.count).toBeLessThanOrEqual(8)
    expect(Array.from(joined.rounds.subarray(0, joined.count)).reduce((a, b) => a + b)).toBe(100)
  })
})

describe('autocorrelation time', () => {
  it('is about 1 for noise and (1 + rho) / (1 - rho) for a first-order process', () => {
    const rng = makeRng(5)
    expect(autocorrelationTime(series(4000, () => rng.normal()))).toBeLessThan(1.3)
    let x = 0
    const correlated = series(20_000, () => {
      x = 0.8 * x + rng.normal()
      return x
    })
    // 1.8 / 0.2 = 9.
    expect(autocorrelationTime(correlated)).toBeGreaterThan(7.5)
    expect(autocorrelationTime(correlated)).toBeLessThan(10.5)
  })

  it('is 1 for a series that does not vary, and for one that alternates', () => {
    expect(autocorrelationTime(series(50, () => 3))).toBe(1)
    expect(autocorrelationTime(series(50, (i) => i % 2))).toBe(1)
  })
})

describe('resampling units', () => {
  const collect = (rewards: number[], runLength = Number.POSITIVE_INFINITY) => {
    const collector = makeBlockCollector([ips])
    rewards.forEach((reward, i) => {
      collector.add(columnsOf([reward], [1]))
      if ((i + 1) % runLength === 0) collector.endRun()
    })
    return resamplingUnits(collector.blocks(), [ips])
  }

  it('are single rounds where rounds are independent', () => {
    const rng = makeRng(3)
    const { blocks, autocorrelationRounds, kind } = collect(series(900, () => rng.normal()))
    expect(kind).toBe('block')
    expect(autocorrelationRounds).toBeLessThan(1.4)
    expect(blocks.count).toBeGreaterThanOrEqual(450)
  })

  it('are at least as long as the autocorrelation time', () => {
    const rng = makeRng(4)
    let x = 0
    const { blocks, autocorrelationRounds } = collect(
      series(20_000, () => {
        x = 0.9 * x + rng.normal()
        return x
      }),
    )
    // 1.9 / 0.1 = 19.
    expect(autocorrelationRounds).toBeGreaterThan(14)
    expect(autocorrelationRounds).toBeLessThan(25)
    expect(20_000 / blocks.count).toBeGreaterThanOrEqual(autocorrelationRounds)
    expect(blocks.count).toBeGreaterThanOrEqual(20)
  })

  it('are whole runs where there are several', () => {
    const { blocks, kind } = collect(
      series(600, (i) => i % 7),
      50,
    )
    expect(kind).toBe('run')
    expect(blocks.count).toBe(12)
    expect(Array.from(blocks.rounds)).toEqual(series(12, () => 50))
  })
})
