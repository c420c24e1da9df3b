import { describe, expect, it } from 'vitest'
import { ladder } from '../../agents/baselines/ladder.ts'
import type { Agent, AgentInput, Choice } from '../../src/core/agent.ts'
import { makeOutcome } from '../../src/core/outcome.ts'
import { makeSpaces, type NominalOutcome } from '../../src/core/spaces.ts'

const monitors = ['deadlineS', 'accuracyFloor'].map((name) => ({ name, low: 0, high: 1 }))
const spaces = makeSpaces({
  knobs: [
    { name: 'subnet', kind: 'subnet', values: [25, 50, 75, 100] },
    { name: 'freqHz', kind: 'frequency', values: [1e9, 2e9] },
  ],
  points: [25, 50, 75, 100].flatMap((subnet) => [1e9, 2e9].map((freqHz) => ({ subnet, freqHz }))),
  monitors,
})
const accuracies: Readonly<Record<number, number>> = { 25: 0.55, 50: 0.63, 75: 0.67, 100: 0.69 }
const all = new Uint8Array(8).fill(1)

interface Asked {
  readonly deadlineS?: number
  readonly accuracyFloor?: number
}
const seen = ({ deadlineS = Number.NaN, accuracyFloor = Number.NaN }: Asked): Float64Array => Float64Array.of(deadlineS, accuracyFloor)

/** Sub-networks in one window after another, on a board that takes `slowness` seconds for the full network. */
function climb(agent: Agent, windows: number, slowness: number, asked: Asked, window = 2): number[] {
  const observation = seen(asked)
  return Array.from({ length: windows }, () => {
    let subnet = 0
    for (let i = 0; i < window; i++) {
      const { action } = agent.act(observation, all) as Choice
      const point = spaces.points[action] as { subnet: number; freqHz: number }
      expect(point.freqHz).toBe(2e9)
      subnet = point.subnet
      const outcome = { ...makeOutcome(), latencyS: (slowness * subnet) / 100, accuracy: accuracies[subnet] as number }
      agent.learn({
        ...{ observation, mask: all, action, propensity: 1, outcome, requirements: { percentile: 99 }, cost: 1, durationS: 0.1 },
        ...{ nextObservation: observation, nextMask: all },
      })
    }
    return subnet
  })
}

const make = (options: AgentInput['options'] = {}): Agent => ladder.make({ spaces, seed: 1, options: { window: 2, ...options } })

describe('ladder', () => {
  it('goes down a level after each window that was too slow on the mean, and never climbs the level that failed last', () => {
    // 40, 30, 20 and 10 ms.
    expect(climb(make({ retryAfter: 0 }), 6, 0.04, { deadlineS: 0.025 })).toEqual([100, 75, 50, 50, 50, 50])
    expect(climb(make(), 4, 0.04, {})).toEqual([100, 100, 100, 100])
    expect(climb(make(), 5, 0.04, { deadlineS: 0.005 })).toEqual([100, 75, 50, 25, 25])
  })

  it('climbs when the board gets faster, up to the level that failed last', () => {
    const agent = make({ retryAfter: 0 })
    expect(climb(agent, 4, 0.08, { deadlineS: 0.025 })).toEqual([100, 75, 50, 25])
    // It left 50 last: there it would begin to swing.
    expect(climb(agent, 4, 0.02, { deadlineS: 0.025 })).toEqual([25, 25, 25, 25])
  })

  it('tries the failed level again after a while, unless told not to', () => {
    const agent = make({ retryAfter: 3 })
    expect(climb(agent, 4, 0.08, { deadlineS: 0.025 })).toEqual([100, 75, 50, 25])
    // The last of those windows was in time: two more, and the third climbs.
    expect(climb(agent, 5, 0.02, { deadlineS: 0.025 })).toEqual([25, 25, 50, 75, 100])
  })

  it('waits twice as long after each retry in vain, and no longer once one succeeded', () => {
    const agent = make({ retryAfter: 2 })
    // 40 and 30 ms: 100 fails. Two windows in time, the second of which climbs; then four, then eight.
    const tries = climb(agent, 18, 0.04, { deadlineS: 0.035 })
    expect(tries.map((subnet, i) => (subnet === 100 ? i : -1)).filter((i) => i >= 0)).toEqual([0, 3, 8, 17])
    expect(climb(agent, 8, 0.02, { deadlineS: 0.035 }).at(-1)).toBe(75)
    // Sixteen windows after the last failure it is in time; the next failure is met with the first patience again.
    expect(climb(agent, 10, 0.02, { deadlineS: 0.035 }).at(-1)).toBe(100)
    const again = climb(agent, 5, 0.04, { deadlineS: 0.035 })
    expect(again).toEqual([100, 75, 75, 100, 75])
  })

  it('is content once latency and accuracy hold', () => {
    const agent = make({ retryAfter: 0 })
    expect(climb(agent, 2, 0.04, { deadlineS: 0.035, accuracyFloor: 0.6 })).toEqual([100, 75])
    expect(climb(agent, 3, 0.02, { deadlineS: 0.035, accuracyFloor: 0.6 })).toEqual([75, 75, 75])
  })

  it('forgets what failed when something else is asked', () => {
    const agent = make({ retryAfter: 0 })
    climb(agent, 3, 0.04, { deadlineS: 0.025 })
    expect(climb(agent, 4, 0.04, { deadlineS: 0.05 })).toEqual([50, 75, 100, 100])
  })

  it('climbs the Pareto points of the profile when told to: it begins with the slowest that promises to be in time, and leaves out what breaks the floor', () => {
    const nominal: NominalOutcome[] = spaces.points.map((point) => {
      const { subnet, freqHz } = point as { subnet: number; freqHz: number }
      return { latencyS: (0.04 * subnet * 1e9) / freqHz / 100, energyJ: (subnet * freqHz) / 1e11, accuracy: accuracies[subnet] as number }
    })
    const agent = ladder.make({ spaces, seed: 1, options: { window: 1, pareto: true }, nominal })
    const pointOf = (asked: Asked) => spaces.points[(agent.act(seen(asked), all) as Choice).action]
    expect(pointOf({ deadlineS: 0.021 })).toEqual({ subnet: 100, freqHz: 2e9 })
    expect(pointOf({ deadlineS: 0.035, accuracyFloor: 0.65 })).toEqual({ subnet: 75, freqHz: 1e9 })
    expect(pointOf({ deadlineS: 0.001, accuracyFloor: 0.65 })).toEqual({ subnet: 75, freqHz: 2e9 })
    // What the profile does not know is no rung: without the full network the slowest is 75 % of it at the low clock.
    const unknown = { latencyS: Number.NaN, energyJ: Number.NaN, accuracy: Number.NaN }
    const holed = nominal.map((known, a) => (spaces.points[a]?.['subnet'] === 100 ? unknown : known))
    const other = ladder.make({ spaces, seed: 1, options: { window: 1, pareto: true }, nominal: holed })
    expect(spaces.points[(other.act(seen({ deadlineS: 1 }), all) as Choice).action]).toEqual({ subnet: 75, freqHz: 1e9 })
    const slow = (latencyS: number): void => {
      const observation = seen({ deadlineS: 0.035, accuracyFloor: 0.65 })
      const { action } = agent.act(observation, all) as Choice
      agent.learn({
        ...{ observation, mask: all, action, propensity: 1, outcome: { ...makeOutcome(), latencyS }, requirements: { percentile: 99 }, cost: 1 },
        ...{ durationS: 0.1, nextObservation: observation, nextMask: all },
      })
    }
    // The next faster one that meets the floor is the full network at the high clock, 20 ms.
    slow(0.05)
    expect(pointOf({ deadlineS: 0.035, accuracyFloor: 0.65 })).toEqual({ subnet: 100, freqHz: 2e9 })
  })
})
