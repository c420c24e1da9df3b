import { describe, expect, it } from 'vitest'
import { alert } from '../../agents/baselines/alert.ts'
import { makeSlowdown } from '../../agents/maths/slowdown.ts'
import type { Agent, CheckpointData, Choice } from '../../src/core/agent.ts'
import { limitBit } from '../../src/core/limits.ts'
import { makeObjective, type ObjectiveSpec } from '../../src/core/objective.ts'
import { makeOutcome, type Requirements } from '../../src/core/outcome.ts'
import { makeSpaces, type NominalOutcome } from '../../src/core/spaces.ts'

describe('the slow-down filter', () => {
  it('takes two steps as worked out by hand', () => {
    // P + Q = 0.2, K = 2/3, y = 1: mu = 5/3, P = 1/15, Q = 0.05 + 0.5 * 4/9.
    const filter = makeSlowdown({ processNoise: 0.1, measurementNoise: 0.1, memory: 0.5 })
    expect(filter.variance).toBeCloseTo(0.3, 14)
    filter.update(2)
    expect(filter.mean).toBeCloseTo(5 / 3, 14)
    expect(filter.save()[1]).toBeCloseTo(1 / 15, 14)
    expect(filter.save()[2]).toBeCloseTo(0.05 + 2 / 9, 14)
    // As predicted: mu stays, K = (61/180) / (79/180) = 61/79, P = 18/79 * 61/180, Q halves.
    filter.update(5 / 3)
    expect(filter.mean).toBeCloseTo(5 / 3, 14)
    expect(filter.save()[1]).toBeCloseTo((18 / 79) * (61 / 180), 14)
    expect(filter.save()[2]).toBeCloseTo(0.025 + 1 / 9, 14)
    expect(filter.variance).toBeCloseTo((18 / 79) * (61 / 180) + 0.025 + 1 / 9 + 0.1, 14)
  })

  it('goes on from what was saved', () => {
    const settings = { processNoise: 0.01, measurementNoise: 0.01, memory: 0.3 }
    const [through, stopped] = [makeSlowdown(settings), makeSlowdown(settings)]
    for (const filter of [through, stopped]) for (const ratio of [1.2, 1.5, 1.1]) filter.update(ratio)
    const resumed = makeSlowdown(settings, stopped.save())
    resumed.update(1.3)
    through.update(1.3)
    expect(resumed.save()).toEqual(through.save())
  })
})

// Slow and cheap to fast and dear, and a fast and cheap one that is less accurate.
const nominal: readonly NominalOutcome[] = [
  { latencyS: 0.02, energyJ: 1, accuracy: 0.7 },
  { latencyS: 0.014, energyJ: 2, accuracy: 0.7 },
  { latencyS: 0.01, energyJ: 3, accuracy: 0.7 },
  { latencyS: 0.005, energyJ: 1.5, accuracy: 0.5 },
]
const spaces = makeSpaces({
  knobs: [{ name: 'arm', kind: 'other', values: [0, 1, 2, 3] }],
  points: [0, 1, 2, 3].map((arm) => ({ arm })),
  monitors: ['deadlineS', 'energyBudgetJ', 'accuracyFloor', 'waitedS'].map((name) => ({ name, low: 0, high: 1 })),
})
const spec: ObjectiveSpec = {
  kind: 'energy',
  weights: { latency: 0, energy: 1, accuracy: 0, confidence: 0 },
  reference: { point: 2, ...(nominal[2] as NominalOutcome) },
}
const all = Uint8Array.of(1, 1, 1, 1)
const asking = ({ deadlineS = Number.NaN, energyBudgetJ = Number.NaN, accuracyFloor = Number.NaN, waitedS = 0 }: Partial<Record<string, number>>) =>
  Float64Array.of(deadlineS, energyBudgetJ, accuracyFloor, waitedS)

const make = (options = {}, profile = nominal): Agent =>
  alert.make({ spaces, seed: 1, options, nominal: profile, objective: makeObjective(spec, nominal) })
const act = (agent: Agent, asked: Partial<Record<string, number>>, mask = all): number => (agent.act(asking(asked), mask) as Choice).action

interface More {
  readonly energyJ?: number
  readonly waitedS?: number
}

function see(agent: Agent, action: number, latencyS: number, requirements: Requirements = { percentile: 99 }, more: More = {}): void {
  const { waitedS = 0, energyJ = Number.NaN } = more
  const observation = asking({ waitedS })
  const outcome = { ...makeOutcome(), latencyS, energyJ }
  agent.learn({
    ...{ observation, mask: all, action, propensity: 1, outcome, requirements, cost: 1, durationS: latencyS },
    ...{ nextObservation: observation, nextMask: all },
  })
}

/** As on an idle board, for long enough to be sure of it. */
function settle(agent: Agent, slowdown = 1, requirements?: Requirements): Agent {
  for (let i = 0; i < 20; i++) see(agent, i % 4, slowdown * (nominal[i % 4] as NominalOutcome).latencyS, requirements)
  return agent
}

describe('alert', () => {
  it('takes the cheapest point that is in time, as the profile says, and answers another deadline or floor at the next decision', () => {
    const agent = settle(make())
    expect(act(agent, { accuracyFloor: 0.6 })).toBe(0)
    expect(act(agent, { accuracyFloor: 0.6, deadlineS: 0.03 })).toBe(0)
    expect(act(agent, { accuracyFloor: 0.6, deadlineS: 0.018 })).toBe(1)
    expect(act(agent, { accuracyFloor: 0.6, deadlineS: 0.012 })).toBe(2)
    expect(act(agent, { deadlineS: 0.012 })).toBe(3)
    expect(act(agent, { deadlineS: 0.012 }, Uint8Array.of(1, 1, 1, 0))).toBe(2)
  })

  it('says what it predicts, which limit no point keeps, and what could be asked instead', () => {
    const agent = settle(make())
    const asked = asking({ accuracyFloor: 0.6, deadlineS: 0.018 })
    const explain = agent.explain as NonNullable<Agent['explain']>
    const { chosen, runnersUp, binding, relaxed } = explain(asked, all)
    expect(chosen).toMatchObject({ action: 1, energyJ: expect.closeTo(2, 6), accuracy: 0.7, tried: true })
    expect(chosen.latencyS).toBeCloseTo(0.014, 6)
    expect(chosen.latencyHighS).toBeGreaterThan(0.014)
    expect(chosen.latencyHighS).toBeLessThan(0.018)
    // The other that keeps all, then those that do not by cost: 1 + 3 J too late, 1.5 + 3 J below the floor.
    expect(runnersUp.map(({ action }) => action)).toEqual([2, 0, 3])
    // Without the floor it would be the small one, at 1.5 J.
    expect(binding).toEqual(['deadlineS', 'accuracyFloor'])
    expect(relaxed).toEqual([])
    expect((agent.act(asked, all) as Choice).relaxed).toBe(0)

    const hard = asking({ accuracyFloor: 0.6, deadlineS: 0.006 })
    expect((agent.act(hard, all) as Choice).relaxed).toBe(limitBit.deadlineS)
    const least = explain(hard, all)
    expect(least.relaxed).toEqual(['deadlineS'])
    // 99 % of the fastest accurate point, which takes 10 ms.
    expect(least.feasible.deadlineS).toBeGreaterThan(0.01)
    expect(least.feasible.deadlineS).toBeLessThan(0.012)
  })

  it('keeps to the energy budget', () => {
    const agent = settle(make())
    expect(act(agent, { accuracyFloor: 0.6, deadlineS: 0.018, energyBudgetJ: 2.5 })).toBe(1)
    // Nothing accurate is in time and within 1.2 J: the cheapest of what breaks something, each of which costs the fastest's 3 J more.
    expect(act(agent, { accuracyFloor: 0.6, deadlineS: 0.018, energyBudgetJ: 1.2 })).toBe(0)
  })

  it('carries a slow-down met at one point over to all others: one global factor', () => {
    const agent = settle(make())
    for (let i = 0; i < 20; i++) see(agent, 0, 0.03)
    // 1.5 times slower: 0.03, 0.021 and 0.015 s.
    expect(act(agent, { accuracyFloor: 0.6, deadlineS: 0.025 })).toBe(1)
    expect(act(agent, { accuracyFloor: 0.6, deadlineS: 0.018 })).toBe(2)
  })

  it('takes a point that the profile knows nothing of only where no other is allowed', () => {
    const unknown = { latencyS: Number.NaN, energyJ: Number.NaN, accuracy: Number.NaN }
    for (const hole of [0, 1, 2, 3]) {
      const agent = make(
        {},
        nominal.map((point, a) => (a === hole ? unknown : point)),
      )
      const chosen = (asked: Partial<Record<string, number>>): number[] => [act(agent, asked), act(agent, asked, Uint8Array.of(1, 1, 1, 0))]
      // In time with room to spare, and too late whatever is chosen.
      for (const asked of [{}, { accuracyFloor: 0.6, deadlineS: 0.05 }, { deadlineS: 0.001 }, { energyBudgetJ: 0.1 }])
        expect(chosen(asked)).not.toContain(hole)
      const only = Uint8Array.of(0, 0, 0, 0)
      only[hole] = 1
      expect(act(agent, { deadlineS: 0.05 }, only)).toBe(hole)
    }
  })

  it('takes no wait in a queue for a slow-down: 45 ms, of which 25 were waiting', () => {
    const asked = { accuracyFloor: 0.6, deadlineS: 0.028 }
    const waited = settle(make())
    for (let i = 0; i < 21; i++) see(waited, 0, 0.045, { percentile: 99 }, { waitedS: 0.025 })
    expect(act(waited, asked)).toBe(0)
    const slower = settle(make())
    for (let i = 0; i < 21; i++) see(slower, 0, 0.045)
    // 45, 31.5 and 22.5 ms.
    expect(act(slower, asked)).toBe(2)
  })

  it('leaves room for what the request at hand has waited', () => {
    const agent = settle(make())
    const within = (deadlineS: number, waitedS: number): number => act(agent, { accuracyFloor: 0.6, deadlineS, waitedS })
    // 25 ms are gone: 25 and 18 are left, of which the first point takes 20 and the second 14.
    expect([within(0.05, 0.025), within(0.043, 0.025), within(0.043, 0)]).toEqual([0, 1, 0])
  })

  it('keeps a margin for the percentile: quiet, sigma is sqrt(R + Q0) and a bit; 14 ms need 1.08 times as much for 99 %, half of it for 84 %', () => {
    const tight = { accuracyFloor: 0.6, deadlineS: 0.014 * 1.05 }
    expect(act(settle(make()), tight)).toBe(2)
    expect(act(settle(make(), 1, { percentile: 84 }), tight)).toBe(1)
  })

  it('is careful at once when latencies jump, and trusts again when they are steady', () => {
    const agent = settle(make())
    const asked = { accuracyFloor: 0.6, deadlineS: 0.022 }
    expect(act(agent, asked)).toBe(0)
    see(agent, 0, 0.03)
    expect(act(agent, asked)).not.toBe(0)
    for (let i = 0; i < 30; i++) see(agent, 0, 0.02)
    expect(act(agent, asked)).toBe(0)
  })
})

describe('alert from a prior', () => {
  // Clocks of 1, 0.5 and 0.25 GHz: by the prior of bayes latency falls with the clock to the power of 0.85, and power grows with it to the power of 0.8.
  const clocked = makeSpaces({
    knobs: [{ name: 'cpu.freqHz', kind: 'frequency', unit: 'Hz', domain: 'cpu', values: [1e9, 0.5e9, 0.25e9] }],
    points: [1e9, 0.5e9, 0.25e9].map((freqHz) => ({ 'cpu.freqHz': freqHz })),
    monitors: spaces.monitors,
  })
  const unmeasured = clocked.points.map(() => ({ latencyS: Number.NaN, energyJ: Number.NaN, accuracy: 0.7 }))
  const begin = (data?: CheckpointData): Agent =>
    alert.make({
      ...{ spaces: clocked, seed: 1, options: { prior: true }, nominal: unmeasured, objective: makeObjective(spec, nominal) },
      ...(data === undefined ? {} : { data }),
    })
  const three = Uint8Array.of(1, 1, 1)

  it('begins with the fastest, which sets the scale of all', () => {
    const agent = begin()
    expect(act(agent, { deadlineS: 1e-6 }, three)).toBe(0)
    expect(act(agent, { deadlineS: 1e-6 }, Uint8Array.of(0, 1, 1))).toBe(1)
    see(agent, 0, 0.02, { percentile: 99 }, { energyJ: 0.04 })
    const { latencyS, energyJ } = agent.save() as unknown as Record<'latencyS' | 'energyJ', number[]>
    ;[0.02, 0.02 * 2 ** 0.85, 0.02 * 4 ** 0.85].forEach((expected, a) => {
      expect(latencyS[a]).toBeCloseTo(expected, 12)
      expect(energyJ[a]).toBeCloseTo((0.04 * expected * (expected / 0.02) ** (-0.8 / 0.85)) / 0.02, 12)
    })
  })

  it('then predicts as from a profile, and goes on from a checkpoint before and after', () => {
    const agent = begin(JSON.parse(JSON.stringify(begin().save())))
    expect(act(agent, { deadlineS: 1 }, three)).toBe(0)
    for (let i = 0; i < 20; i++) see(agent, 0, 0.02, { percentile: 99 }, { energyJ: 0.04 })
    for (const one of [agent, begin(JSON.parse(JSON.stringify(agent.save())))]) {
      // 36 and 65 ms for the slower ones; energies within 8 % of each other, the fastest's the least.
      expect(act(one, { deadlineS: 1 }, three)).toBe(0)
      expect(act(one, { deadlineS: 0.045 }, Uint8Array.of(0, 1, 1))).toBe(1)
    }
  })
})
