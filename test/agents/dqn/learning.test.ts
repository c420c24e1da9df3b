import { describe, expect, it } from 'vitest'
import { dqn } from '../../../agents/dqn.ts'
import type { Agent, AgentInput, Choice } from '../../../src/core/agent.ts'
import { makeOutcome } from '../../../src/core/outcome.ts'
import { makeRng } from '../../../src/core/rng.ts'
import type { Spaces } from '../../../src/core/spaces.ts'
import { backendMissing, featuredSpaces } from './support.ts'

interface Lived {
  readonly agent: Agent
  readonly choices: readonly Choice[]
}

/** Lives through some decisions of a world that `next` moves on and `costOf` judges. */
async function live(
  input: Partial<AgentInput> & { readonly spaces: Spaces },
  steps: number,
  observe: (step: number, last: number) => Float64Array,
  costOf: (action: number, observation: Float64Array) => number,
  idle = false,
): Promise<Lived> {
  const agent = dqn.make({ seed: 3, options: {}, ...input })
  const mask = new Uint8Array(input.spaces.points.length).fill(1)
  const choices: Choice[] = []
  let observation = observe(0, -1)
  for (let step = 0; step < steps; step++) {
    const choice = { ...(await agent.act(observation, mask)) }
    if (idle) agent.idle?.()
    const nextObservation = observe(step + 1, choice.action)
    agent.learn({
      observation,
      mask,
      action: choice.action,
      propensity: choice.propensity,
      outcome: makeOutcome(),
      requirements: { percentile: 99 },
      cost: costOf(choice.action, observation),
      durationS: 0.033,
      nextObservation,
      nextMask: mask,
    })
    choices.push(choice)
    observation = nextObservation
  }
  return { agent, choices }
}

const greedy = (agent: Agent, observation: Float64Array, actions: number): number => {
  const out = new Float64Array(actions)
  agent.distribution(observation, new Uint8Array(actions).fill(1), out)
  return out.indexOf(Math.max(...out))
}

for (const native of [false, true]) {
  const missing = await backendMissing(native ? 'auto' : 'wasm')
  describe.skipIf(missing !== undefined)(
    `dqn learns, with ${native ? 'native TensorFlow' : 'WebAssembly'}${missing === undefined ? '' : ` (${missing})`}`,
    () => {
      it('the better of two arms, from noisy costs 1.0 and 0.8, without a prior', async () => {
        const rng = makeRng(11)
        const { agent, choices } = await live(
          { spaces: featuredSpaces(2, 0), options: { native } },
          400,
          () => Float64Array.of(0),
          (action) => (action === 0 ? 1 : 0.8) + 0.1 * rng.normal(),
        )
        expect(greedy(agent, Float64Array.of(0), 2)).toBe(1)
        expect(choices.slice(200).filter(({ action }) => action === 0).length).toBeLessThan(20)
      })

      it('to leave the cluster on which a co-runner is, either way', async () => {
        const spaces = featuredSpaces(2, 0, ['little.interference', 'big.interference'])
        const [quiet, little, big] = [Float64Array.of(0, 0), Float64Array.of(0.8, 0), Float64Array.of(0, 0.8)]
        const { agent } = await live(
          { spaces, options: { native }, priorCost: Float64Array.of(0.6, 0.5) },
          600,
          (step) => [quiet, little, big][Math.floor(step / 30) % 3] as Float64Array,
          (action, observation) => (action === 0 ? 0.6 : 0.5) + (observation[action] as number),
        )
        expect([quiet, little, big].map((observation) => greedy(agent, observation, 2))).toEqual([1, 1, 0])
      })
    },
  )
}

describe('dqn', () => {
  // Cost 1 to 3 by the first feature; the rest means nothing.
  const arms = 200
  const spaces = featuredSpaces(arms, 3)
  const costs = Float64Array.from({ length: arms }, (_, a) => 1 + 2 / (1 + Math.exp(-2 * (spaces.features[3 * a] as number))))
  const world = [() => Float64Array.of(0), (action: number) => costs[action] as number] as const

  it('finds a good one of 200 points from less than 200 decisions: what one point taught counts for its neighbours', async () => {
    const { choices } = await live({ spaces }, 180, ...world)
    const late = choices.slice(120).map(({ action }) => costs[action] as number)
    const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length
    expect(mean(Array.from(costs))).toBeGreaterThan(1.9)
    expect(mean(late)).toBeLessThan(1.25)
  })

  it('begins with what the prior says is good', async () => {
    const { choices } = await live({ spaces, priorCost: costs, options: { epsilon: 0, epsilonFloor: 0 } }, 100, ...world)
    const worst = Math.max(...choices.map(({ action }) => costs[action] as number))
    expect(worst).toBeLessThan(1.5)
  })

  it('looks ahead by gamma: in a chain of three states it takes the dear step that leads to the cheap end', async () => {
    // Action 1 moves right at cost 1, action 0 stays put at cost 0.9; at the right end everything costs 0.1.
    const chain = featuredSpaces(2, 0, ['pressure'])
    const states = [Float64Array.of(0), Float64Array.of(0.4), Float64Array.of(0.9)]
    const policyOf = async (gamma: number): Promise<number[]> => {
      let state = 0
      const { agent } = await live(
        { spaces: chain, options: { gamma, epsilon: 0.5, epsilonFloor: 0.5, costCap: 100 } },
        1500,
        (step, last) => {
          state = last < 0 ? 0 : state === 2 ? (step % 5 === 0 ? 0 : 2) : state + last
          return states[state] as Float64Array
        },
        (action, observation) => (observation === states[2] ? 0.1 : action === 1 ? 1 : 0.9),
      )
      return states.slice(0, 2).map((observation) => greedy(agent, observation, 2))
    }
    expect(await policyOf(0)).toEqual([0, 0])
    expect(await policyOf(0.8)).toEqual([1, 1])
  })

  it('decides alike whether training has an idle time or not', async () => {
    const without = await live({ spaces }, 150, ...world)
    const withIdle = await live({ spaces }, 150, ...world, true)
    expect(withIdle.choices).toEqual(without.choices)
    expect(JSON.stringify(withIdle.agent.save())).toBe(JSON.stringify(without.agent.save()))
  })

  it('keeps its state, replay and optimiser included, below 1 MB', async () => {
    const many = featuredSpaces(512, 9, ['a.interference', 'b.interference', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'deadlineS', 'accuracyFloor'])
    const monitors = many.monitors.length
    const { agent } = await live(
      { spaces: many, options: { trainEvery: 1000 } },
      1100,
      (step) => new Float64Array(monitors).fill((step % 7) / 7),
      (action) => 1 + action,
    )
    expect(JSON.stringify(agent.save()).length).toBeLessThan(1_000_000)
  })
})
