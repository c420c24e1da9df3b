import { describe, expect, it } from 'vitest'
import { findAgent } from '../../agents/index.ts'
import type { Choice } from '../../src/core/agent.ts'
import { makeExpectedOutcome } from '../../src/core/env.ts'
import { makeObjective } from '../../src/core/objective.ts'
import { makeEvaluator } from '../../src/ope/evaluate.ts'
import { makeRoundColumns } from '../../src/ope/rounds.ts'
import { makeSupportCollector } from '../../src/ope/support.ts'
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
  const support = makeSupportCollector(spaces.points.length)
  const rounds = makeRoundColumns(steps)
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
    support.add(action, distribution, { mask: held, greedy, epsilon })
    rounds.reward[step] = reward
    rounds.weight[step] = (distribution[action] as number) / propensity
    rounds.length++
    ;({ observation, mask } = result)
  }
  const evaluator = makeEvaluator({ hasPropensities: true, hasModel: false, actions: spaces.points.length, draws: 199 })
  evaluator.add(rounds)
  return { truth: truth / steps, ...evaluator.finish(support.support()) }
}

describe('estimates of a policy on the log of another', () => {
  it('cover the true value when the log took everything', async () => {
    for (const target of ['q-learning', 'static', 'random']) {
      const { truth, estimates, support, diagnostics, verdict } = await evaluate('random', target, 4000)
      expect(support).toMatchObject({ neverTried: 0, impossible: 0 })
      for (const { estimator, lo, hi } of estimates.filter(({ estimator }) => ['ips', 'snips'].includes(estimator))) {
        expect(lo, estimator).toBeLessThan(truth)
        expect(hi, estimator).toBeGreaterThan(truth)
      }
      expect(diagnostics.meanWeight).toBeCloseTo(1, 0)
      expect(verdict.code).not.toBe('cannotAnswer')
    }
  })

  it('say that they cannot answer when the log holds one action only', async () => {
    const { support, diagnostics, estimates, verdict } = await evaluate('powersave', 'performance', 100)
    expect(support).toEqual({ neverTried: 1, impossible: 1, concentration: 1 })
    expect(diagnostics.effectiveSampleSize).toBe(0)
    expect(estimates.find(({ estimator }) => estimator === 'snips')?.value).toBeNaN()
    expect(verdict).toMatchObject({ code: 'cannotAnswer', words: expect.stringContaining('100 % of its choices were never tried') })
  })
})
