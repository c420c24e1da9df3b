import { describe, expect, it } from 'vitest'
import { weightDiagnostics } from '../../src/ope/diagnostics.ts'
import { ips } from '../../src/ope/ips.ts'
import { makeRoundCollector } from '../../src/ope/rounds.ts'
import { snips } from '../../src/ope/snips.ts'

// Weights 0.5/0.25 = 2, 0.25/0.5 = 0.5, 0/0.5 = 0, 1/0.25 = 4.
const rounds = {
  reward: [-1, -2, -8, -0.5],
  behaviourProbability: [0.25, 0.5, 0.5, 0.25],
  targetProbability: [0.5, 0.25, 0, 1],
}

describe('ips and snips on four rounds', () => {
  it('ips is the mean of weighted rewards: (-2 - 1 - 0 - 2) / 4', () => {
    const { value, contributions } = ips(rounds)
    expect(Array.from(contributions)).toEqual([-2, -1, -0, -2])
    expect(value.mean).toBe(-1.25)
    // Squared deviations 0.5625 + 0.0625 + 1.5625 + 0.5625 = 2.75; standard error sqrt(2.75 / 3 / 4); t with 3 degrees of freedom is 3.182.
    expect(value.hi - value.mean).toBeCloseTo(3.182 * Math.sqrt(2.75 / 12), 12)
    expect(value.mean - value.lo).toBeCloseTo(3.182 * Math.sqrt(2.75 / 12), 12)
  })

  it('snips divides by the sum of weights: -5 / 6.5', () => {
    const { value, contributions } = snips(rounds)
    expect(value.mean).toBeCloseTo(-10 / 13, 14)
    // Delta method: w (r - V) / mean(w), worked out from V = -10/13 and mean(w) = 1.625.
    const influence = [2 * (-3 / 13), 0.5 * (-16 / 13), 0, 4 * (3.5 / 13)].map((x) => x / 1.625)
    contributions.forEach((c, i) => {
      expect(c).toBeCloseTo(-10 / 13 + (influence[i] as number), 14)
    })
  })

  it('snips is NaN, not 0, when the target never takes a logged action', () => {
    expect(snips({ ...rounds, targetProbability: [0, 0, 0, 0] }).value.mean).toBeNaN()
  })

  it('counts rounds as Kish does: 6.5^2 / (4 + 0.25 + 16)', () => {
    const { effectiveSampleSize, largestWeight, meanWeight } = weightDiagnostics(rounds)
    expect(effectiveSampleSize).toBeCloseTo(42.25 / 20.25, 14)
    expect(largestWeight).toBe(4)
    expect(meanWeight).toBe(1.625)
    expect(weightDiagnostics({ ...rounds, targetProbability: [0, 0, 0, 0] }).effectiveSampleSize).toBe(0)
  })
})

describe('support', () => {
  const mask = Uint8Array.of(1, 1, 1)
  it('tells what was never tried from what could not have been tried', () => {
    const collector = makeRoundCollector(3)
    const target = Float64Array.of(0.25, 0.5, 0.25)
    // Exploring round: everything was possible. Greedy round: only action 0 was.
    collector.add({ action: 0, reward: -1, mask, propensity: 0.8, greedy: 0, epsilon: 0.3, target })
    collector.add({ action: 0, reward: -3, mask, propensity: 1, greedy: 0, epsilon: 0, target })
    expect(collector.support()).toEqual({ neverTried: 0.75, impossible: 0.375 })
    expect(collector.rounds).toEqual({ reward: [-1, -3], behaviourProbability: [0.8, 1], targetProbability: [0.25, 0.25] })
  })

  it('is complete for a log that took everything', () => {
    const collector = makeRoundCollector(2)
    const target = Float64Array.of(0.5, 0.5)
    for (const action of [0, 1]) collector.add({ action, reward: -1, mask: Uint8Array.of(1, 1), propensity: 0.5, greedy: 0, epsilon: 1, target })
    expect(collector.support()).toEqual({ neverTried: 0, impossible: 0 })
  })
})
