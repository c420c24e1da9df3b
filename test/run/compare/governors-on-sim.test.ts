import { describe, expect, it } from 'vitest'
import { ondemandGovernor } from '../../../agents/baselines/ondemand.ts'
import { schedutilGovernor } from '../../../agents/baselines/schedutil.ts'
import { date2020 } from '../../../envs/sim/network.ts'
import { readScenario } from '../../../envs/world/scenario/shipped.ts'
import { scenarioMaker } from '../../../envs/world/scenario/site.ts'
import { readShipped } from '../../../src/board/known/shipped.ts'
import type { AgentKind, Choice } from '../../../src/core/agent.ts'
import type { Step } from '../../../src/core/env.ts'
import { resolvePhases } from '../../../src/run/compare/phases.ts'
import { simGround } from '../../../src/run/grounds/sim-ground.ts'

interface Decision {
  readonly freqHz: number
  readonly latencyS: number
  readonly durationS: number
}

/** What a governor does on the simulated XU4, a request at a beat; all of it on four A15 cores with the full network. */
function follow(kind: AgentKind, steps: number): Decision[] {
  const ground = simGround({ board: readShipped('odroid-xu4'), network: date2020, plant: 'nominal', world: scenarioMaker(readScenario('steady')) })
  const env = ground.open(resolvePhases({}, ground).requirements)
  const agent = kind.make({ spaces: env.spaces, seed: 1, options: {} })
  let { observation, mask } = env.reset({ seed: 1 }) as Step
  return Array.from({ length: steps }, () => {
    const seen = { observation: observation.slice(), mask: mask.slice() }
    const { action, propensity } = agent.act(seen.observation, seen.mask) as Choice
    const point = env.spaces.points[action]
    expect(point).toMatchObject({ subnet: '100', cluster: 'a15', cores: 4 })
    const { outcome, requirements, durationS, ...next } = env.step(action) as Step
    const nexts = { nextObservation: next.observation, nextMask: next.mask }
    agent.learn({ ...seen, ...nexts, action, propensity, outcome, requirements, durationS, cost: 1 })
    observation = next.observation
    mask = next.mask
    return { freqHz: Number(point?.['a15.freqHz']), latencyS: outcome.latencyS, durationS }
  })
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

// The full network takes 0.104 s at 2 GHz, the beat is 0.346 s, three tenths busy. The A15 offers 0.2, 0.5, 0.7, 1, 1.2, 1.5, 1.7 and 2 GHz.
describe('kernel governors on sim:odroid-xu4@steady', () => {
  it('schedutil settles at 1 GHz: 1.25 * 0.3 * 2 GHz is 750 MHz, and half the clock is twice the time', () => {
    const decisions = follow(schedutilGovernor, 200)
    const [first, ...later] = decisions
    expect(first?.freqHz).toBe(2e9)
    const settled = later.filter(({ freqHz }) => freqHz === 1e9)
    // But for the inferences that take three times as long by chance.
    expect(settled.length / later.length).toBeGreaterThan(0.97)
    const usual = settled.filter(({ latencyS }) => latencyS < 0.25)
    expect(mean(usual.map(({ latencyS }) => latencyS))).toBeCloseTo(0.2076, 2)
    const util = (mean(usual.map(({ latencyS }) => latencyS)) / mean(usual.map(({ durationS }) => durationS))) * (1e9 / 2e9)
    expect(util).toBeCloseTo(0.3, 2)
    expect(1.25 * util * 2e9).toBeGreaterThan(0.7e9)
    expect(1.25 * util * 2e9).toBeLessThanOrEqual(1e9)
  })

  it('ondemand settles at none: 0.35 of 1.7 GHz asks for 830 MHz, and 86 % of 700 MHz for 1.7 GHz again', () => {
    const decisions = follow(ondemandGovernor, 12)
    expect(decisions.map(({ freqHz }) => freqHz)).toEqual(Array.from({ length: 12 }, (_, i) => (i === 0 ? 2e9 : i % 2 === 0 ? 1.7e9 : 0.7e9)))
    const loadAt = (hz: number): number =>
      mean(decisions.filter(({ freqHz }) => freqHz === hz).map(({ latencyS, durationS }) => latencyS / durationS))
    expect(loadAt(1.7e9)).toBeCloseTo(0.35, 1)
    // Nearer to 700 MHz than to 1 GHz.
    expect(0.2e9 + loadAt(1.7e9) * 1.8e9).toBeLessThan(0.85e9)
    expect(loadAt(0.7e9)).toBeCloseTo(0.86, 1)
    expect(loadAt(0.7e9)).toBeLessThan(0.95)
    // Nearer to 1.7 GHz than to 1.5 and to 2 GHz.
    expect(Math.abs(0.2e9 + loadAt(0.7e9) * 1.8e9 - 1.7e9)).toBeLessThan(0.1e9)
  })
})
