import { describe, expect, it } from 'vitest'
import type { SimEnv } from '../../../envs/sim/sim-env.ts'
import { makeQuietWorld, type World, type WorldCluster } from '../../../envs/world/world.ts'
import { makeExpectedOutcome } from '../../../src/core/env.ts'
import { makeObjective, type Objective } from '../../../src/core/objective.ts'
import type { Requirements } from '../../../src/core/outcome.ts'
import { makePlanner } from '../../../src/run/plan/planner.ts'
import { makeSim } from '../../support/sim-env.ts'

interface Room {
  readonly ambientTempC: number
  readonly rateHz?: number
  readonly timeScale: number
}

/** Nothing happens but heat; `resets` counts how often a script was begun. */
function roomOf({ ambientTempC, rateHz, timeScale }: Room) {
  const count = { resets: 0 }
  const make = (clusters: readonly WorldCluster[]): World => {
    const world = makeQuietWorld(clusters, rateHz)
    const at = world.at
    return {
      ...world,
      timeScale,
      reset() {
        count.resets++
      },
      at(timeS, out) {
        at(timeS, out)
        out.ambientTempC = ambientTempC
      },
    }
  }
  return { make, count }
}

const nominal = [{ latencyS: 0.1, energyJ: 0.3, accuracy: 0.712 }]

/** Mean expected cost of a run, as a comparison counts it. */
function meanCost(env: SimEnv, objective: Objective, choose: () => number, steps: number): { cost: number; hottestC: number } {
  const expected = makeExpectedOutcome()
  let cost = 0
  let hottestC = 0
  env.reset({ seed: 1 })
  for (let k = 0; k < steps; k++) {
    const action = choose()
    expect(env.mask[action]).toBe(1)
    env.truth.expected(action, expected)
    cost += objective.expectedCost(expected, env.truth.requirements) / steps
    env.step(action)
    hottestC = Math.max(hottestC, env.state.dieTempC)
  }
  return { cost, hottestC }
}

/** The oracle: least expected cost of the very next step. */
function myopic(env: SimEnv, objective: Objective): () => number {
  const expected = makeExpectedOutcome()
  return () => {
    let best = -1
    let least = Number.POSITIVE_INFINITY
    for (let action = 0; action < env.mask.length; action++) {
      if (env.mask[action] === 0) continue
      env.truth.expected(action, expected)
      const cost = objective.expectedCost(expected, env.truth.requirements)
      if (cost < least) {
        least = cost
        best = action
      }
    }
    return best
  }
}

function duel(room: Room, asked: Requirements, kind: 'accuracy' | 'weighted', steps: number) {
  const { make, count } = roomOf(room)
  const env = makeSim({ world: make, requirements: [asked] })
  const weights = { latency: 1, energy: 0.5, accuracy: 1, confidence: 0 }
  const objective = makeObjective({ kind, weights, reference: { point: 0, latencyS: 0.1, energyJ: 0.3, accuracy: 0.712 } }, nominal)
  const planner = makePlanner({ env, world: make(env.plant.spec.board.clusters), requirements: [asked], objective, steps })
  return { env, objective, planner, oracle: meanCost(env, objective, myopic(env, objective), steps), count }
}

describe('planner', () => {
  it('paces itself where the oracle runs hot and is throttled', () => {
    const steps = 1500
    const { env, objective, planner, oracle } = duel({ ambientTempC: 45, timeScale: 5 }, { percentile: 99, deadlineS: 0.12 }, 'accuracy', steps)
    const planned = meanCost(env, objective, planner, steps)
    expect(planned.cost).toBeLessThan(0.96 * oracle.cost)
    expect(planned.hottestC).toBeLessThan(oracle.hottestC)
  })

  it('keeps up with requests where the oracle lets itself be throttled, falls behind and never catches up', () => {
    const steps = 600
    const room = { ambientTempC: 40, rateHz: 6, timeScale: 8 }
    const { env, objective, planner, oracle } = duel(room, { percentile: 99, deadlineS: 0.15 }, 'accuracy', steps)
    expect(meanCost(env, objective, planner, steps).cost).toBeLessThan(0.6 * oracle.cost)
  })

  it('is the oracle where there is no heat', () => {
    const steps = 300
    const { env, objective, planner, oracle } = duel(
      { ambientTempC: 5, rateHz: 5, timeScale: 1 },
      { percentile: 99, deadlineS: 0.12 },
      'weighted',
      steps,
    )
    expect(meanCost(env, objective, planner, steps).cost / oracle.cost).toBeCloseTo(1, 3)
  })

  it('works its plan out once for each seed', () => {
    const { env, planner, count } = duel({ ambientTempC: 45, rateHz: 5, timeScale: 1 }, { percentile: 99, deadlineS: 0.12 }, 'accuracy', 50)
    env.reset({ seed: 7 })
    const before = count.resets
    const first = planner()
    const after = count.resets
    expect(after).toBe(before + 1)
    expect(planner()).toBe(first)
    env.reset({ seed: 8 })
    planner()
    env.reset({ seed: 7 })
    expect(planner()).toBe(first)
    // Three resets of the environment's own world (two more since), and one script more for seed 8.
    expect(count.resets).toBe(after + 3)
  })
})
