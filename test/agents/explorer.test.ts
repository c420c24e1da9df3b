import { describe, expect, it } from 'vitest'
import { findAgent } from '../../agents/index.ts'
import type { Agent, AgentInput, Choice } from '../../src/core/agent.ts'
import { makeSpaces } from '../../src/core/spaces.ts'

// Four points that cost 1, 1.1, 1.5 and 3 by the profile.
const knobs = [{ name: 'subnet', kind: 'subnet', values: [1, 2, 3, 4] }] as const
const spaces = makeSpaces({ knobs, points: [1, 2, 3, 4].map((subnet) => ({ subnet })), monitors: [] })
const priorCost = Float64Array.of(1, 1.1, 1.5, 3)
const nothing = new Float64Array(0)
const all = new Uint8Array(4).fill(1)

const make = (options: AgentInput['options'], more: Partial<AgentInput> = {}): Agent =>
  findAgent('explorer').make({ spaces, seed: 1, options, priorCost, ...more })

function distribution(agent: Agent, mask = all): number[] {
  const out = new Float64Array(4)
  agent.distribution(nothing, mask, out)
  return Array.from(out)
}

const close = (found: readonly number[], wanted: readonly number[]): void => {
  found.forEach((p, a) => {
    expect(p).toBeCloseTo(wanted[a] as number, 12)
  })
}

describe('explorer', () => {
  it('mixes the best point of the profile with all that is allowed', () => {
    close(distribution(make({ epsilon: 0.2 })), [0.85, 0.05, 0.05, 0.05])
    close(distribution(make({ epsilon: 0.2 }), Uint8Array.of(0, 1, 1, 0)), [0, 0.9, 0.1, 0])
  })

  it('explores only what is nearly as cheap as the cheapest that is allowed', () => {
    close(distribution(make({ epsilon: 0.3, within: 0.2 })), [0.85, 0.15, 0, 0])
    // Without the cheapest two: 1.5 and nothing within 20 % of it.
    close(distribution(make({ epsilon: 0.3, within: 0.2 }), Uint8Array.of(0, 0, 1, 1)), [0, 0, 1, 0])
  })

  it('falls with the cost where it has a temperature', () => {
    const weights = [1, Math.exp(-0.2), Math.exp(-1), Math.exp(-4)]
    const sum = weights.reduce((a, b) => a + b)
    close(
      distribution(make({ epsilon: 1, temperature: 0.5 })),
      weights.map((weight) => weight / sum),
    )
  })

  it('explores around a point that was named, and around another agent, whose own exploration counts', () => {
    close(distribution(make({ epsilon: 0.2 }, { incumbent: { agent: 'static', options: { point: 2 }, frozen: true } })), [0.05, 0.05, 0.85, 0.05])
    close(distribution(make({ epsilon: 0.2 }, { incumbent: { agent: 'random', options: {}, frozen: true } })), [0.25, 0.25, 0.25, 0.25])
  })

  it('logs the probability of what it drew, and is of no simple form', () => {
    const agent = make({ epsilon: 0.5 })
    const wanted = distribution(agent)
    for (let i = 0; i < 50; i++) {
      const { action, propensity, greedy, epsilon } = agent.act(nothing, all) as Choice
      expect(propensity).toBe(wanted[action])
      expect(greedy).toBe(0)
      expect(epsilon).toBeNaN()
    }
  })

  it('frozen, is its incumbent', () => {
    expect(distribution(make({ epsilon: 0.5 }, { frozen: true }))).toEqual([1, 0, 0, 0])
    expect(make({ epsilon: 0.5 }, { frozen: true }).act(nothing, all)).toMatchObject({ action: 0, propensity: 1, epsilon: 0 })
  })

  it('carries its incumbent in what it saves', () => {
    const saved = JSON.parse(JSON.stringify(make({ epsilon: 0.2 }, { incumbent: { agent: 'static', options: { point: 3 }, frozen: true } }).save()))
    close(distribution(make({ epsilon: 0.2 }, { data: saved })), [0.05, 0.05, 0.05, 0.85])
  })
})
