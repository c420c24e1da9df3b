import { describe, expect, it } from 'vitest'
import { linUcb } from '../../agents/linucb.ts'
import { qLearning } from '../../agents/q-learning.ts'
import { thompson } from '../../agents/thompson.ts'
import type { Agent, AgentInput, AgentKind, Choice } from '../../src/core/agent.ts'
import { makeExpectedOutcome } from '../../src/core/env.ts'
import { makeObjective } from '../../src/core/objective.ts'
import { makeOutcome, type Outcome } from '../../src/core/outcome.ts'
import { makeRng } from '../../src/core/rng.ts'
import { makeSpaces, type Spaces } from '../../src/core/spaces.ts'
import { makeScriptedEnv, type ScriptedOptions } from '../support/scripted-env.ts'
import { scriptedObjective } from '../support/scripted-run.ts'

const spacesOf = (actions: number, ...monitors: string[]): Spaces =>
  makeSpaces({
    knobs: [{ name: 'arm', kind: 'other', values: Array.from({ length: actions }, (_, a) => a) }],
    points: Array.from({ length: actions }, (_, arm) => ({ arm })),
    monitors: monitors.map((name) => ({ name, low: 0, high: 1 })),
  })

const act = (agent: Agent, observation: Float64Array, mask: Uint8Array): Choice => ({ ...(agent.act(observation, mask) as Choice) })

/** The cost is the latency, which is what an agent without an objective minimises. */
const costly = (cost: number): Outcome => ({ ...makeOutcome(), latencyS: cost })

const learn = (
  agent: Agent,
  observation: Float64Array,
  mask: Uint8Array,
  action: number,
  cost: number,
  nextObservation = observation,
  outcome = costly(cost),
): void =>
  agent.learn({
    observation,
    mask,
    action,
    propensity: 1,
    outcome,
    requirements: { percentile: 99 },
    cost,
    durationS: 0.033,
    nextObservation,
    nextMask: mask,
  })

const greedy = (agent: Agent, observation: Float64Array, mask: Uint8Array): number => {
  const out = new Float64Array(mask.length)
  agent.distribution(observation, mask, out)
  return out.indexOf(Math.max(...out))
}

for (const kind of [qLearning, linUcb, thompson] satisfies AgentKind[])
  describe(`${kind.name} learns`, () => {
    it('the better of two arms, from noisy costs 1.0 and 0.8, without a prior', () => {
      const spaces = spacesOf(2, 'queueLength')
      const agent = kind.make({ spaces, seed: 3, options: {} })
      const rng = makeRng(11)
      const [observation, mask] = [Float64Array.of(0), Uint8Array.of(1, 1)]
      let wrong = 0
      for (let step = 0; step < 500; step++) {
        const { action } = act(agent, observation, mask)
        if (step >= 250 && action === 0) wrong++
        learn(agent, observation, mask, action, (action === 0 ? 1 : 0.8) + 0.1 * rng.normal())
      }
      expect(greedy(agent, observation, mask)).toBe(1)
      expect(wrong).toBeLessThan(25)
    })

    it('the better of two dear arms, 100 and 80, without a prior that says what is dear', () => {
      const spaces = spacesOf(2, 'queueLength')
      const agent = kind.make({ spaces, seed: 3, options: {} })
      const [observation, mask] = [Float64Array.of(0), Uint8Array.of(1, 1)]
      for (let step = 0; step < 100; step++) {
        const { action } = act(agent, observation, mask)
        learn(agent, observation, mask, action, action === 0 ? 100 : 80)
      }
      expect(greedy(agent, observation, mask)).toBe(1)
    })

    it('to beat the best fixed point by following a co-runner that moves, and comes near the oracle', async () => {
      const { learner, fixed, oracle } = await meanCosts(kind)
      expect(learner).toBeLessThan(0.95 * fixed)
      expect(learner).toBeLessThan(1.05 * oracle)
    })
  })

describe('q-learning learns', () => {
  const kind = qLearning
  it('to leave the cluster on which a co-runner is, either way', () => {
    const spaces = spacesOf(2, 'little.interference', 'big.interference')
    const agent = kind.make({ spaces, seed: 3, options: {}, priorCost: Float64Array.of(0.6, 0.5) })
    const rng = makeRng(5)
    const mask = Uint8Array.of(1, 1)
    const quiet = Float64Array.of(0, 0)
    const little = Float64Array.of(0.8, 0)
    const big = Float64Array.of(0, 0.8)
    for (let step = 0; step < 400; step++) {
      const observation = [quiet, little, big][Math.floor(step / 30) % 3] as Float64Array
      const { action } = act(agent, observation, mask)
      const cost = (action === 0 ? 0.6 : 0.5) + (observation[action] as number) + 0.05 * rng.normal()
      learn(agent, observation, mask, action, cost)
    }
    expect([quiet, little, big].map((observation) => greedy(agent, observation, mask))).toEqual([1, 1, 0])
  })

  it('first what the prior says is good, and never what it says is bad', () => {
    const spaces = spacesOf(30, 'queueLength')
    const priorCost = Float64Array.from({ length: 30 }, (_, a) => 1 + a / 10)
    const agent = kind.make({ spaces, seed: 3, options: { epsilon: 0 }, priorCost })
    const rng = makeRng(5)
    const mask = new Uint8Array(30).fill(1)
    const taken = new Set<number>()
    for (let step = 0; step < 300; step++) {
      const { action } = act(agent, Float64Array.of(0), mask)
      taken.add(action)
      learn(agent, Float64Array.of(0), mask, action, (priorCost[action] as number) * (1 + 0.05 * rng.normal()))
    }
    expect(Math.max(...taken)).toBeLessThan(6)
  })

  it('keeps what it learned under one deadline when another is asked for a while', () => {
    const spaces = spacesOf(2, 'deadlineS')
    const agent = kind.make({ spaces, seed: 3, options: {} })
    const mask = Uint8Array.of(1, 1)
    const [loose, tight] = [Float64Array.of(0.1), Float64Array.of(0.01)]
    for (let step = 0; step < 200; step++) {
      const observation = step < 100 ? loose : tight
      const { action } = act(agent, observation, mask)
      learn(agent, observation, mask, action, action === (observation === tight ? 0 : 1) ? 0.5 : 1.5)
    }
    expect([greedy(agent, loose, mask), greedy(agent, tight, mask)]).toEqual([1, 0])
  })
})

describe('q-learning', () => {
  it('looks ahead by gamma: in a chain of three states it takes the dear step that leads to the cheap end', () => {
    // Action 1 moves right at cost 1, action 0 stays put at cost 0.9; at the right end everything costs 0.1.
    const spaces = spacesOf(2, 'pressure')
    const states = [Float64Array.of(0), Float64Array.of(0.2), Float64Array.of(0.9)]
    const mask = Uint8Array.of(1, 1)
    const policyOf = (gamma: number): { policy: number[]; agent: Agent } => {
      const agent = qLearning.make({ spaces, seed: 3, options: { gamma, epsilon: 0.3, epsilonFloor: 0.3 } })
      let state = 0
      for (let step = 0; step < 3000; step++) {
        const observation = states[state] as Float64Array
        const { action } = act(agent, observation, mask)
        const next = state === 2 ? (step % 5 === 0 ? 0 : 2) : state + action
        learn(agent, observation, mask, action, state === 2 ? 0.1 : action === 1 ? 1 : 0.9, states[next] as Float64Array)
        state = next
      }
      return { policy: states.slice(0, 2).map((observation) => greedy(agent, observation, mask)), agent }
    }
    expect(policyOf(0).policy).toEqual([0, 0])
    expect(policyOf(0.9).policy).toEqual([1, 1])
  })

  it('updates as worked out by hand: prior 2 and 1, gamma 0.5, one cost of 4', () => {
    // Prior for ever: 2 + 1 = 3 and 1 + 1 = 2. Visit of action 1: 2 + 1/2 (4 + 0.5 * 2 - 2) = 3.5.
    const spaces = spacesOf(2, 'queueLength')
    const agent = qLearning.make({ spaces, seed: 1, options: { gamma: 0.5, epsilon: 0 }, priorCost: Float64Array.of(2, 1) })
    const [observation, mask] = [Float64Array.of(0), Uint8Array.of(1, 1)]
    expect(act(agent, observation, mask).action).toBe(1)
    learn(agent, observation, mask, 1, 4)
    expect(agent.save()).toMatchObject({ rows: [{ slot: 0, state: 0, visits: [[0, 1]], values: [[0, 3.5]] }] })
    expect(act(agent, observation, mask).action).toBe(0)
  })
})

/** Mean expected cost over the second half of 1200 decisions, three seeds, of the learner, the best fixed point in hindsight, and the oracle. */
async function meanCosts(kind: AgentKind): Promise<{ learner: number; fixed: number; oracle: number }> {
  const script: ScriptedOptions = {
    noise: 0.1,
    coRunners: [
      { cluster: 'big', share: 0.75, from: 0, to: 90, everySteps: 360 },
      { cluster: 'little', share: 0.75, from: 180, to: 270, everySteps: 360 },
    ],
    requirements: [{ from: 0, requirements: { deadlineS: 0.0078, percentile: 99 } }],
  }
  const steps = 1200
  let [learner, oracle] = [0, 0]
  const byPoint = new Float64Array(16)
  for (const seed of [1, 2, 3]) {
    const env = makeScriptedEnv(script)
    const spec = scriptedObjective(env.nominal)
    const objective = makeObjective({ ...spec, weights: { ...spec.weights, accuracy: 10 } }, env.nominal)
    const requirements = { deadlineS: 0.0078, percentile: 99 }
    const input: AgentInput = {
      spaces: env.spaces,
      seed,
      options: {},
      nominal: env.nominal,
      priorCost: Float64Array.from(env.nominal, (point) => objective.nominalCost(point, requirements)),
      objective,
    }
    const agent = kind.make(input)
    const start = await env.reset({ seed })
    let [observation, mask] = [start.observation.slice(), start.mask.slice()]
    const expected = makeExpectedOutcome()
    for (let step = 0; step < steps; step++) {
      const costs = env.nominal.map((_, a) => {
        env.truth?.expected(a, expected)
        return objective.expectedCost(expected, requirements)
      })
      const { action } = act(agent, observation, mask)
      const result = await env.step(action)
      if (step >= steps / 2) {
        learner += costs[action] as number
        oracle += Math.min(...costs)
        costs.forEach((cost, a) => {
          byPoint[a] = (byPoint[a] as number) + cost
        })
      }
      learn(agent, observation, mask, action, objective.cost(result.outcome, result.requirements), result.observation, result.outcome)
      ;[observation, mask] = [result.observation.slice(), result.mask.slice()]
    }
  }
  const decisions = (3 * steps) / 2
  return { learner: learner / decisions, fixed: Math.min(...byPoint) / decisions, oracle: oracle / decisions }
}
