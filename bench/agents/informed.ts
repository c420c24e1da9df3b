import { makeLoad } from '../../envs/sim/plant-state.ts'
import type { SimEnv } from '../../envs/sim/sim-env.ts'
import { makeWorldState, type WorldState } from '../../envs/world/world.ts'
import type { Agent, Choice } from '../../src/core/agent.ts'
import { makeExpectedOutcome } from '../../src/core/env.ts'
import type { Objective } from '../../src/core/objective.ts'
import { makeRng } from '../../src/core/rng.ts'

/** What an informed agent goes by of others' load, beside the world in which the last answer was made: nothing, or what the monitors say now. */
export type Sight = 'answers' | 'monitors'

// A reading that is this far from what held at the last answer is news: three deviations of its noise.
const news = 0.06

/**
 * Knows the plant, its heat and how long the request has waited; of the outside world what held when the last request was answered, as its latency could tell, and what the monitors say since. What it misses
 * beside the oracle is what nobody can know before the answer: a co-runner or a brake that has come since. It looks one decision ahead, and prepares for no change.
 */
export function makeInformed(env: SimEnv, objective: Objective, sight: Sight): Agent {
  const load = makeLoad()
  const expected = makeExpectedOutcome()
  const clusters = env.plant.spec.board.clusters
  const believed: WorldState = makeWorldState(clusters)
  const last: WorldState = makeWorldState(clusters)
  const choice: Choice = { action: 0, propensity: 1, greedy: 0, epsilon: 0 }
  let lastS = Number.POSITIVE_INFINITY
  return {
    act(observation, mask) {
      // A world that has begun anew has no last answer.
      if (env.timeS < lastS) copyWorld(env.now, last)
      lastS = env.timeS
      copyWorld(last, believed)
      believed.ambientTempC = env.now.ambientTempC
      if (sight === 'monitors')
        for (let c = 0; c < clusters.length; c++) {
          const read = observation[c] as number
          if (Math.abs(read - (last.interference[c] as number)) > news) believed.interference[c] = Math.min(0.97, read)
        }
      let best = -1
      let least = Number.POSITIVE_INFINITY
      for (let a = 0; a < mask.length; a++) {
        if (mask[a] !== 1) continue
        env.plant.load(env.state, believed, a, false, load)
        env.plant.expect(load, env.waitS, env.truth.requirements, expected)
        const cost = objective.expectedCost(expected, env.truth.requirements)
        if (cost < least) {
          least = cost
          best = a
        }
      }
      copyWorld(env.now, last)
      choice.action = best
      choice.greedy = best
      return choice
    },
    distribution(observation, mask, out) {
      out.fill(0)
      out[(this.act(observation, mask) as Choice).action] = 1
    },
    learn() {},
    save: () => ({ version: 1, rng: makeRng(0).state() }),
  }
}

function copyWorld(from: Readonly<WorldState>, to: WorldState): void {
  to.interference.set(from.interference)
  to.availableCores.set(from.availableCores)
  to.bandwidthShare = from.bandwidthShare
  to.ambientTempC = from.ambientTempC
  to.slowdown = from.slowdown
}
