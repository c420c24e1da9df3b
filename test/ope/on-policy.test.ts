import { describe, expect, it } from 'vitest'
import { findAgent } from '../../agents/index.ts'
import type { Choice } from '../../src/core/agent.ts'
import { makeExpectedOutcome } from '../../src/core/env.ts'
import { makeObjective } from '../../src/core/objective.ts'
import { weightDiagnostics } from '../../src/ope/diagnostics.ts'
import { ips } from '../../src/ope/ips.ts'
import { makeRoundCollector } from '../../src/ope/rounds.ts'
import { snips } from '../../src/ope/snips.ts'
import { defaultRequirements, makeScriptedEnv } from '../support/scripted-env.ts'
import { scriptedObjective } from '../support/scripted-run.ts'

/** Logs with one agent, asks what another would have earned, and knows the truth: without noise the expected outcome is the outcome. */
async function evaluate(logger: string, target: string, steps: number) {
  const env = makeScriptedEnv({ noise: 0, coRunners: [{ cluster: 'big', share: 0.6, from: 0, to: 20, everySteps: 50 }] })
  const { spaces, nominal } = env
  const objective = makeObjective(scriptedObjective(nominal), nominal)
  const priorCost = Float64Array.from(nominal, (point) => objective.nominalCost(point, defaultRequirements))
  const make = (name: string, seed: number, frozen: boolean) => findAgent(name).make({ spaces, seed, options: {}, priorCost, nominal, frozen })
  const behaviour = make(logger, 1, false)
  const policy = make(target, 2, true)
  const collector = makeRoundCollector(spaces.points.length)
  const distribution = new Float64Array(spaces.points.length)
  const expected = makeExpectedOutcome()
  let truth = 0
  let { observation, mask } = await env.reset({ seed: 4 })
  for (let step = 0; step < steps; step++) {
    policy.distribution(observation, mask, distribution)
    distribution.forEach((p, a) => {
      env.truth?.expected(a, expected)
      truth -= p * objective.expectedCost(expected, defaultRequirements)
    })
    const { action, propensity, greedy, epsilon } = behaviour.act(observation, mask) as Choice
    const held = mask.slice()
    const result = await env.step(action)
    const reward = -objective.cost(result.outcome, result.requirements)
    collector.add({ action, reward, mask: held, propensity, greedy, epsilon, target: distribution })
    ;({ observation, mask } = result)
  }
  return { truth: truth / steps, rounds: collector.rounds, support: collector.support() }
}

describe('estimates of a policy on the log of another', () => {
  it('cover the true value when the log took everything', async () => {
    for (const target of ['q-learning', 'static', 'random']) {
      const { truth, rounds, support } = await evaluate('random', target, 4000)
      expect(support).toEqual({ neverTried: 0, impossible: 0 })
      for (const { value } of [ips(rounds), snips(rounds)]) {
        expect(value.lo).toBeLessThan(truth)
        expect(value.hi).toBeGreaterThan(truth)
      }
      expect(weightDiagnostics(rounds).meanWeight).toBeCloseTo(1, 0)
    }
  })

  it('say that they cannot answer when the log holds one action only', async () => {
    const { rounds, support } = await evaluate('powersave', 'performance', 100)
    expect(support).toEqual({ neverTried: 1, impossible: 1 })
    expect(weightDiagnostics(rounds).effectiveSampleSize).toBe(0)
    expect(snips(rounds).value.mean).toBeNaN()
  })
})
