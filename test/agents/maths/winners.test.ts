import { describe, expect, it } from 'vitest'
import { drawWinner, fillWinners, mostFrequent } from '../../../agents/maths/winners.ts'
import type { Choice } from '../../../src/core/agent.ts'
import { makeRng } from '../../../src/core/rng.ts'

const blank = (): Choice => ({ action: 0, propensity: 1, greedy: 0, epsilon: 0 })

describe('winners of draws', () => {
  it('share the probability by how often they won, and a little goes to all that is allowed', () => {
    // Five allowed of six, epsilon 0.2: 0.04 for each, and 0.8 by halves and quarters.
    const mask = Uint8Array.of(1, 1, 0, 1, 1, 1)
    const winners = Int32Array.of(3, 5, 3, 1)
    const out = new Float64Array(6)
    fillWinners(out, winners, 0.2, mask)
    expect(Array.from(out)).toEqual([0.04, 0.24, 0, 0.44, 0.04, 0.24].map((p) => expect.closeTo(p, 12)))
    const rng = makeRng(2)
    const seen = new Set<number>()
    for (let k = 0; k < 200; k++) {
      const choice = drawWinner(blank(), rng, winners, 0.2, mask)
      expect(choice.propensity).toBe(out[choice.action])
      expect([choice.greedy, choice.epsilon]).toEqual([3, Number.NaN])
      seen.add(choice.action)
    }
    expect([...seen].sort()).toEqual([0, 1, 3, 4, 5])
  })

  it('that agree are an epsilon-greedy choice', () => {
    const choice = drawWinner(blank(), makeRng(2), Int32Array.of(1, 1), 0, Uint8Array.of(1, 1))
    expect(choice).toEqual({ action: 1, propensity: 1, greedy: 1, epsilon: 0 })
  })

  it('the lowest index of equals is the most frequent', () => {
    expect(mostFrequent(Int32Array.of(4, 2, 4, 2))).toBe(2)
    expect(mostFrequent(Int32Array.of(7, 2, 7))).toBe(7)
  })
})
