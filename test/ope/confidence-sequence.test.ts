import { describe, expect, it } from 'vitest'
import { makeRng } from '../../src/core/rng.ts'
import { makeConfidenceSequence, type SequenceSettings } from '../../src/ope/confidence-sequence.ts'
import { errorOf } from '../support/error-of.ts'
import { columnsOf } from './support.ts'

const settings: SequenceSettings = { estimator: 'ips', rewardRange: [0, 1], weightBound: 4 }

describe('a confidence sequence', () => {
  it('of nothing is the range', () => {
    expect(makeConfidenceSequence({ ...settings, rewardRange: [-3, 5] }).interval()).toEqual({ lo: -3, hi: 5 })
  })

  it('after a thousand rounds that are all alike is as worked out by hand', () => {
    // Contributions of ips are always 0.5: the guess is right from the start, nothing is paid for variance, and the lower end is 0.5 - log(40) / staked.
    // After n rounds the variance counts as 0.25 / (n + 1): the stake sqrt(2 log 40 / (0.25 log(n + 2))) is above its cap of 0.5 throughout.
    const sequence = makeConfidenceSequence(settings)
    sequence.add(
      columnsOf(
        Array.from({ length: 1000 }, () => 0.5),
        Array.from({ length: 1000 }, () => 1),
      ),
    )
    expect(sequence.interval().lo).toBeCloseTo(0.5 - Math.log(40) / 500, 10)
    expect(sequence.interval().hi).toBeCloseTo(0.5 + Math.log(40) / 500, 10)
  })

  const log = (seed: number, rounds: number) => {
    const rng = makeRng(seed)
    // Two actions, logged with 1/4 and 3/4, wanted with 3/4 and 1/4; they earn 0.8 and 0.3: the truth is 0.675.
    const rows = Array.from({ length: rounds }, () => {
      const first = rng.next() < 0.25
      return { reward: rng.next() < (first ? 0.8 : 0.3) ? 1 : 0, weight: first ? 3 : 1 / 3, model: first ? 0.8 : 0.3 }
    })
    return columnsOf(
      rows.map(({ reward }) => reward),
      rows.map(({ weight }) => weight),
      rows.map(({ model }) => model),
      rows.map(() => 0.675),
    )
  }

  it.each(['ips', 'dr'] as const)('of %s covers the truth at every step in nearly all logs, and narrows', (estimator) => {
    let failed = 0
    for (let seed = 1; seed <= 200; seed++) {
      const columns = log(seed, 400)
      const sequence = makeConfidenceSequence({ ...settings, estimator })
      let ok = true
      for (let i = 0; i < 400; i++) {
        const at = (column: Float64Array): number[] => [column[i] as number]
        sequence.add(columnsOf(at(columns.reward), at(columns.weight), at(columns.modelLogged), at(columns.modelTarget)))
        const { lo, hi } = sequence.interval()
        ok &&= lo <= 0.675 && hi >= 0.675
      }
      if (!ok) failed++
    }
    expect(failed).toBeLessThanOrEqual(10)
    const long = makeConfidenceSequence({ ...settings, estimator })
    long.add(log(1, 20_000))
    const { lo, hi } = long.interval()
    expect(hi - lo).toBeLessThan(0.08)
    expect(lo).toBeGreaterThan(0.6)
  })

  it('scales with the rewards', () => {
    const columns = log(3, 1000)
    const plain = makeConfidenceSequence(settings)
    plain.add(columns)
    const shifted = makeConfidenceSequence({ ...settings, rewardRange: [-20, -10] })
    shifted.add({ ...columns, reward: columns.reward.map((r) => 10 * r - 20) })
    expect(shifted.interval().lo).toBeCloseTo(10 * plain.interval().lo - 20, 10)
    expect(shifted.interval().hi).toBeCloseTo(10 * plain.interval().hi - 20, 10)
  })

  it('refuses what breaks its declarations', () => {
    const wrong = (change: Partial<SequenceSettings>, reward: number, weight: number) =>
      errorOf(() => makeConfidenceSequence({ ...settings, ...change }).add(columnsOf([0.5, reward], [1, weight])))
    expect(wrong({}, 1.5, 1)).toMatchObject({ code: 'ERR_RANGE', message: 'round 2: the reward is 1.5, expected 0 to 1 as declared' })
    expect(wrong({}, 0.5, 5)).toMatchObject({ code: 'ERR_RANGE', message: 'round 2: the importance weight is 5, expected at most 4 as declared' })
    expect(wrong({ rewardRange: [1, 1] }, 1, 1)).toMatchObject({ code: 'ERR_RANGE' })
    expect(wrong({ weightBound: 0 }, 1, 1)).toMatchObject({ code: 'ERR_RANGE' })
  })
})
