import { describe, expect, it } from 'vitest'
import { makeBlockCollector } from '../../src/ope/block-sums.ts'
import { makeWeightCollector } from '../../src/ope/diagnostics.ts'
import { driftOf } from '../../src/ope/drift.ts'
import { ips } from '../../src/ope/estimators/ips.ts'
import { makePositionSupport, makeSupportCollector } from '../../src/ope/support.ts'
import { type VerdictInput, verdictOf } from '../../src/ope/verdict.ts'
import { columnsOf, evaluate } from './support.ts'

describe('weights', () => {
  it('count as Kish says: 6.5^2 / (4 + 0.25 + 16)', () => {
    const collector = makeWeightCollector()
    collector.add(columnsOf([0, 0], [2, 0.5]))
    collector.add(columnsOf([0, 0], [0, 4]))
    const { rounds, effectiveSampleSize, largestWeight, meanWeight } = collector.diagnostics()
    expect(rounds).toBe(4)
    expect(effectiveSampleSize).toBeCloseTo(42.25 / 20.25, 14)
    expect(largestWeight).toBe(4)
    expect(meanWeight).toBe(1.625)
  })

  it('are worth nothing when all are 0, and unknown without propensities', () => {
    const none = makeWeightCollector()
    none.add(columnsOf([1, 1], [0, 0]))
    expect(none.diagnostics().effectiveSampleSize).toBe(0)
    const unknown = makeWeightCollector()
    unknown.add(columnsOf([1, 1], [Number.NaN, Number.NaN]))
    expect(unknown.diagnostics()).toMatchObject({ effectiveSampleSize: Number.NaN, largestWeight: Number.NaN, meanWeight: Number.NaN })
  })
})

describe('weights off 1', () => {
  const warned = (weight: number) =>
    evaluate(
      columnsOf(
        Array.from({ length: 100 }, (_, i) => i % 3),
        Array.from({ length: 100 }, () => weight),
      ),
      { hasModel: false },
    ).warnings[0]

  it('are warned of without standard errors where there are none', () => {
    expect(warned(0)).toMatch(/^importance weights average 0.000 where 1 is expected: propensities are not true, or some/)
    expect(warned(0.5)).toMatch(/^importance weights average 0.500 where 1 is expected: propensities/)
  })
})

describe('support', () => {
  it('tells what was never tried from what could not have been tried', () => {
    const collector = makeSupportCollector(3)
    const target = Float64Array.of(0.25, 0.5, 0.25)
    const mask = Uint8Array.of(1, 1, 1)
    // Exploring round: everything was possible. Greedy round: only action 0 was.
    collector.add(0, target, { mask, greedy: 0, epsilon: 0.3 })
    collector.add(0, target, { mask, greedy: 0, epsilon: 0 })
    expect(collector.support()).toEqual({ neverTried: 0.75, impossible: 0.375, concentration: 0.375 })
  })

  it('is complete for a log that took everything, and does not know what was possible where the log does not tell', () => {
    const collector = makeSupportCollector(2)
    for (const action of [0, 1]) collector.add(action, Float64Array.of(0.5, 0.5))
    expect(collector.support()).toEqual({ neverTried: 0, impossible: Number.NaN, concentration: 0.5 })
  })

  it('is counted by position where the target is', () => {
    // Two positions of two actions; the log tried action 0 at both, action 1 at the second only.
    const { add, support } = makePositionSupport(Float64Array.of(0.4, 0.6, 0.5, 0.5), 2)
    for (const [position, action] of [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 0],
    ] as const)
      add(position, action)
    const { neverTried, concentration } = support()
    expect(neverTried).toBeCloseTo(0.3, 14)
    expect(concentration).toBeCloseTo((0.52 + 0.5) / 2, 14)
  })
})

describe('drift', () => {
  it('is the difference of the halves in standard errors', () => {
    const collector = makeBlockCollector([ips])
    collector.add(columnsOf([1, 3, 1, 3, 4, 6, 4, 6], [1, 1, 1, 1, 1, 1, 1, 1]))
    // Means 2 and 5; each half has variance 4/3 over 4 rounds.
    expect(driftOf(collector.blocks()).reward).toBeCloseTo(3 / Math.sqrt(2 / 3), 12)
    expect(driftOf(collector.blocks()).weight).toBe(0)
  })

  it('is warned of', () => {
    const rewards = Array.from({ length: 200 }, (_, i) => (i < 100 ? 0 : 1) + 0.1 * Math.sin(i))
    const { warnings } = evaluate(
      columnsOf(
        rewards,
        rewards.map(() => 1),
      ),
      { hasModel: false },
    )
    expect(warnings[0]).toMatch(/^the log drifts: its second half earned more/)
  })
})

describe('verdict', () => {
  const about = (lo: number, value: number, hi: number) => ({ value, lo, hi })
  const given: VerdictInput = {
    logged: -2,
    difference: about(0.16, 0.22, 0.28),
    relative: about(0.08, 0.11, 0.14),
    diagnostics: { rounds: 1000, effectiveSampleSize: 500, largestWeight: 5, meanWeight: 1.02 },
    support: { neverTried: 0, impossible: 0, concentration: 1 },
    rewardRange: [-4, -1],
    actions: 20,
    hasPropensities: true,
  }

  it.each<[string, Partial<VerdictInput>, string, string | RegExp]>([
    ['better', {}, 'better', 'better by 8 to 14 %'],
    ['better, of what', { of: 'energy' }, 'better', 'better by 8 to 14 % energy'],
    ['worse', { difference: about(-0.3, -0.2, -0.1), relative: about(-0.15, -0.1, -0.05) }, 'worse', 'worse by 5 to 15 %'],
    [
      'not distinguishable',
      { difference: about(-0.1, 0.1, 0.3), relative: about(-0.05, 0.05, 0.15) },
      'indistinguishable',
      // Half of the interval is twice the difference: four times the rounds.
      'not distinguishable from what was logged (-5 to +15 %); about 3000 more decisions would tell, if the difference is as it looks',
    ],
    ['hardly a difference', { difference: about(-0.1, 0.001, 0.1), relative: about(-0.05, 0, 0.05) }, 'indistinguishable', /\(-5 to \+5 %\)$/],
    [
      'nothing but rounding',
      { difference: about(1e-16, 2e-16, 3e-15), relative: about(5e-17, 1e-16, 1.5e-15) },
      'indistinguishable',
      'not distinguishable from what was logged (0 to 0 %)',
    ],
    [
      'a small difference that is one',
      { difference: about(2e-7, 3e-7, 4e-7), relative: about(1e-7, 1.5e-7, 2e-7) },
      'better',
      'better by 0.00001 to 0.00002 %',
    ],
    ['nothing was earned', { logged: 0, relative: about(Number.NaN, Number.NaN, Number.NaN) }, 'better', 'better by 0.16 to 0.28'],
    [
      'untried',
      { support: { neverTried: 0.62, impossible: Number.NaN, concentration: 1 } },
      'cannotAnswer',
      // 100 effective rounds * 20 actions / 0.1.
      'this log cannot answer: 62 % of its choices were never tried; record with --explore epsilon:0.1 for about 20000 more decisions',
    ],
    [
      'impossible',
      { support: { neverTried: 0, impossible: 0.375, concentration: 0.5 } },
      'cannotAnswer',
      /38 % of its choices could not have been logged.*about 10000 more/,
    ],
    ['few rounds', { diagnostics: { ...given.diagnostics, effectiveSampleSize: 12.3 } }, 'cannotAnswer', /worth 12 rounds to this policy/],
    ['wrong weights', { diagnostics: { ...given.diagnostics, meanWeight: 1.5 } }, 'cannotAnswer', /average 1.50/],
    ['no interval', { difference: about(Number.NaN, 0.2, Number.NaN) }, 'cannotAnswer', /too short/],
    ['no propensities', { hasPropensities: false }, 'cannotAnswer', /no propensities/],
    // At worst (1 - 0.05) 0.16 + 0.05 (-4 + 2) = 0.052: still better.
    ['a little untried', { support: { neverTried: 0.05, impossible: 0.02, concentration: 1 } }, 'better', 'better by 8 to 14 %'],
    // (1 - 0.1) 0.16 + 0.1 (-2) = -0.056.
    [
      'untried enough to turn it',
      { support: { neverTried: 0.1, impossible: 0, concentration: 1 } },
      'cannotAnswer',
      /10 % of its choices were never tried, which could turn/,
    ],
  ])('%s', (_name, change, code, words) => {
    const verdict = verdictOf({ ...given, ...change })
    expect(verdict.code).toBe(code)
    if (typeof words === 'string') expect(verdict.words).toBe(words)
    else expect(verdict.words).toMatch(words)
  })

  it('never says the same words with another code', () => {
    const seen = new Map<string, string>()
    for (const lo of [-0.3, -0.1, 0.1])
      for (const width of [0.05, 0.3]) {
        const { code, words } = verdictOf({
          ...given,
          difference: about(lo, lo + width / 2, lo + width),
          relative: about(lo, lo + width / 2, lo + width),
        })
        expect(seen.get(words) ?? code).toBe(code)
        seen.set(words, code)
        expect(
          words.startsWith({ better: 'better by', worse: 'worse by', indistinguishable: 'not distinguishable', cannotAnswer: 'this log' }[code]),
        ).toBe(true)
      }
  })
})
