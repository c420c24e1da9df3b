import { describe, expect, it } from 'vitest'
import { findAgent } from '../../agents/index.ts'
import type { AgentInput, Choice } from '../../src/core/agent.ts'
import type { Truth } from '../../src/core/env.ts'
import { makeObjective, type ObjectiveSpec } from '../../src/core/objective.ts'
import { makeSpaces } from '../../src/core/spaces.ts'

const spaces = makeSpaces({
  knobs: [{ name: 'arm', kind: 'other', values: [0, 1, 2, 3] }],
  points: [0, 1, 2, 3].map((arm) => ({ arm })),
  monitors: [],
})
const nominal = [0, 1, 2, 3].map(() => ({ latencyS: 1, energyJ: 1, accuracy: 1 }))
const spec: ObjectiveSpec = {
  kind: 'energy',
  weights: { latency: 0, energy: 1, accuracy: 0, confidence: 0 },
  reference: { point: 0, latencyS: 1, energyJ: 1, accuracy: 1 },
}

/** Expected energies in J, and the probability that the deadline is broken, which costs the 1 J of the fastest point. */
const truthOf = (energyJ: number[], missRatio = [0, 0, 0, 0]): Truth => ({
  requirements: { deadlineS: 1, percentile: 99 },
  expected(action, out) {
    out.latencyS = 1
    out.energyJ = energyJ[action] as number
    out.accuracy = 1
    out.missRatio = missRatio[action] as number
    out.brokenRatio = missRatio[action] as number
  },
})

function actionOf(name: string, truth: Truth, mask = [1, 1, 1, 1], more: Partial<AgentInput> = {}): number {
  const agent = findAgent(name).make({ spaces, seed: 1, options: {}, nominal, objective: makeObjective(spec, nominal), truth, ...more })
  return (agent.act(new Float64Array(0), Uint8Array.from(mask)) as Choice).action
}

describe('oracle', () => {
  it('takes the least expected cost among what is allowed, the lowest index of equals', () => {
    expect(actionOf('oracle', truthOf([3, 2, 1, 1]))).toBe(2)
    expect(actionOf('oracle', truthOf([3, 2, 1, 1]), [1, 1, 0, 0])).toBe(1)
  })

  it('weighs the chance of a penalty: 0.9 J with one miss in five costs 1.1 J', () => {
    expect(actionOf('oracle', truthOf([1, 0.9, 2, 2], [0, 0.2, 0, 0]))).toBe(0)
    expect(actionOf('oracle', truthOf([1, 0.9, 2, 2], [0, 0.05, 0, 0]))).toBe(1)
  })

  it('follows the hidden state from step to step', () => {
    const energyJ = [1, 2, 3, 4]
    const agent = findAgent('oracle').make({ spaces, seed: 1, options: {}, objective: makeObjective(spec, nominal), truth: truthOf(energyJ) })
    const mask = Uint8Array.of(1, 1, 1, 1)
    expect((agent.act(new Float64Array(0), mask) as Choice).action).toBe(0)
    energyJ[0] = 9
    expect((agent.act(new Float64Array(0), mask) as Choice).action).toBe(1)
  })
})

describe('planner', () => {
  const truth = truthOf([1, 2, 3, 4])

  it('follows its plan', () => {
    expect(actionOf('planner', truth, [1, 1, 1, 1], { plan: () => 3 })).toBe(3)
  })

  it('is the oracle where it has no plan, or the plan is masked', () => {
    expect(actionOf('planner', truth)).toBe(0)
    expect(actionOf('planner', truth, [1, 1, 1, 1], { plan: () => -1 })).toBe(0)
    expect(actionOf('planner', truth, [0, 1, 1, 0], { plan: () => 3 })).toBe(1)
  })
})
