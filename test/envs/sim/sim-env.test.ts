import { describe, expect, it } from 'vitest'
import type { SimEnv } from '../../../envs/sim/sim-env.ts'
import { makeExpectedOutcome } from '../../../src/core/env.ts'
import { makeSim, makeStormyWorld } from '../../support/sim-env.ts'

/** Means of the next step over seeds, and its truth: the plant is nominal, so that only chance differs. */
function sample(env: SimEnv, action: number, seeds: number, before: readonly number[] = []) {
  const mean = { latencyS: 0, energyJ: 0, miss: 0, broken: 0 }
  const expected = makeExpectedOutcome()
  const truth = { latencyS: 0, energyJ: 0, missRatio: 0, brokenRatio: 0 }
  for (let seed = 0; seed < seeds; seed++) {
    env.reset({ seed })
    for (const earlier of before) env.step(earlier)
    env.truth.expected(action, expected)
    const { outcome, requirements } = env.step(action)
    mean.latencyS += outcome.latencyS / seeds
    mean.energyJ += outcome.energyJ / seeds
    const late = outcome.latencyS > (requirements.deadlineS ?? Number.POSITIVE_INFINITY)
    const dear = outcome.energyJ > (requirements.energyBudgetJ ?? Number.POSITIVE_INFINITY)
    mean.miss += (late ? 1 : 0) / seeds
    mean.broken += (late || dear ? 1 : 0) / seeds
    for (const name of ['latencyS', 'energyJ', 'missRatio', 'brokenRatio'] as const) truth[name] += expected[name] / seeds
  }
  return { mean, truth }
}

describe('the truth is what steps give on average', () => {
  // Standard errors: jitter 3 % over sqrt(4000) is 0.05 %, the tail 0.4 % of 3x adds 0.2 %.
  const seeds = 4000
  const fast = 191

  it('of latency and energy, the tail included', () => {
    const { mean, truth } = sample(makeSim(), fast, seeds)
    expect(mean.latencyS / truth.latencyS).toBeCloseTo(1, 2)
    expect(mean.energyJ / truth.energyJ).toBeCloseTo(1, 2)
  })

  it('of missed deadlines and broken budgets, where either is a matter of chance', () => {
    const probe = makeExpectedOutcome()
    const env = makeSim()
    env.reset({ seed: 0 })
    env.truth.expected(fast, probe)
    const { mean, truth } = sample(
      makeSim({ requirements: [{ percentile: 99, deadlineS: probe.latencyS * 1.02, energyBudgetJ: probe.energyJ }] }),
      fast,
      seeds,
    )
    expect(truth.missRatio).toBeGreaterThan(0.1)
    expect(truth.missRatio).toBeLessThan(0.5)
    expect(truth.brokenRatio).toBeGreaterThan(truth.missRatio)
    expect(Math.abs(mean.miss - truth.missRatio)).toBeLessThan(0.025)
    expect(Math.abs(mean.broken - truth.brokenRatio)).toBeLessThan(0.025)
  })

  it('of changing over and of waiting in the queue, among co-runners', () => {
    const env = makeSim({ world: makeStormyWorld, requirements: [{ percentile: 99, deadlineS: 1 }] })
    const { mean, truth } = sample(env, fast, seeds, [0, 3])
    expect(mean.latencyS / truth.latencyS).toBeCloseTo(1, 1.5)
    expect(mean.energyJ / truth.energyJ).toBeCloseTo(1, 2)
    expect(Math.abs(mean.miss - truth.missRatio)).toBeLessThan(0.02)
  })
})
