import { describe, expect, it } from 'vitest'
import { makeSpaces } from '../../src/core/spaces.ts'
import { adviceLines, makeAdviser } from '../../src/run/advice.ts'

const spaces = makeSpaces({
  knobs: [{ name: 'subnet', kind: 'subnet', values: ['small', 'large'] }],
  points: [{ subnet: 'small' }, { subnet: 'large' }],
  monitors: [],
})
const nominal = [
  { latencyS: 0.01, energyJ: 0.1, accuracy: 0.6 },
  { latencyS: 0.04, energyJ: 0.5, accuracy: 0.7 },
]
const objective = {
  kind: 'energy',
  weights: { latency: 1, energy: 1, accuracy: 1, confidence: 0 },
  reference: { ...nominal[1], point: 1, latencyS: 0.04, energyJ: 0.5, accuracy: 0.7 },
} as const
const make = () => makeAdviser({ spaces, nominal, objective, requirements: { percentile: 99 } })

describe('advice', () => {
  it('says what would have run, and what that would have been worth by the profile', () => {
    const adviser = make()
    // Ran large four times; three times small was advised: 3 x 0.1 + 0.5 J instead of 4 x 0.5 J; 3 x 10 + 40 ms instead of 160 ms.
    for (const chosen of [0, 1, 0, 0]) adviser.take(chosen, 1)
    const advice = adviser.advice()
    expect(advice.ran).toEqual({ subnet: 'large' })
    expect(advice.points).toEqual([
      { point: { subnet: 'small' }, shareRatio: 0.75 },
      { point: { subnet: 'large' }, shareRatio: 0.25 },
    ])
    expect(advice.expected.energyRatio).toBeCloseTo(0.4, 12)
    expect(advice.expected.costRatio).toBeCloseTo(0.4, 12)
    expect(advice.expected.latencyRatio).toBeCloseTo(70 / 160, 12)
    expect(adviceLines(advice)).toEqual([
      'advice    ran at subnet=large',
      'advice     75 % of decisions: subnet=small',
      'advice     25 % of decisions: subnet=large',
      'advice    expected by the profile, had it been followed: cost 60.0 % lower, latency 56.3 % lower, energy 60.0 % lower',
    ])
  })

  it('claims nothing where the profile does not know, and no gain where nothing would change', () => {
    const blind = makeAdviser({
      spaces,
      nominal: nominal.map((one) => ({ ...one, energyJ: Number.NaN })),
      objective: { ...objective, kind: 'latency' },
      requirements: { percentile: 99 },
    })
    blind.take(1, 1)
    expect(blind.advice().expected).toEqual({ costRatio: 1, latencyRatio: 1, energyRatio: null })
    expect(adviceLines(blind.advice()).at(-1)).toBe('advice    expected by the profile, had it been followed: cost as it was, latency as it was')
  })
})
