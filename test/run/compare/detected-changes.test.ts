import { describe, expect, it } from 'vitest'
import { findAgent } from '../../../agents/index.ts'
import { makeQuietWorld, type WorldMaker } from '../../../envs/world/world.ts'
import { readShipped } from '../../../src/board/known/shipped.ts'
import type { DetectedChange } from '../../../src/core/agent.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { makeObjective } from '../../../src/core/objective.ts'
import { parseDeadline } from '../../../src/core/units.ts'
import { makeEpisodeRecord, runEpisode } from '../../../src/run/compare/episode.ts'
import { lineUp } from '../../../src/run/compare/lineup.ts'
import { makePlan } from '../../../src/run/compare/plan.ts'
import { openSimNetwork, simGround } from '../../../src/run/grounds/sim-ground.ts'
import { defaultWeights } from '../../../src/run/request.ts'

const steps = 700
const rateHz = 3

/** What `bayes` calls on a board that is slower by `factor` from decision 500 on; one answer in 250 comes three times as late all the while. */
async function changesOf(board: string, seed: number, factor: number): Promise<readonly DetectedChange[]> {
  const world: WorldMaker = ({ clusters }) => {
    const quiet = makeQuietWorld(clusters, rateHz)
    return {
      ...quiet,
      at(timeS, out) {
        quiet.at(timeS, out)
        if (timeS * rateHz > 499.5) out.slowdown = factor
      },
    }
  }
  const ground = simGround({ board: readShipped(board), network: openSimNetwork('date2020'), world, plant: 'nominal' })
  const wish = { percentile: 99, weights: defaultWeights, objective: 'energy' as const, deadline: parseDeadline('2x', 'deadline') }
  const plan = makePlan(ground, wish, lineUp(['bayes']), steps)
  const env = ground.open(plan.requirements)
  const objective = makeObjective(plan.objective, ground.nominal)
  const nominal = ground.nominal.map(({ accuracy }) => ({ latencyS: Number.NaN, energyJ: Number.NaN, accuracy }))
  const agent = findAgent('bayes').make({ spaces: env.spaces, seed, options: {}, objective, nominal })
  await runEpisode({ env, agent, objective, clock: systemClock, seed, steps }, makeEpisodeRecord(steps))
  return agent.changes?.() ?? []
}

describe('changes that bayes calls on a simulated board', () => {
  it.each(['odroid-xu4', 'rk3588'])('are none while nothing changes but noise and stalls: %s', async (board) => {
    for (const seed of [1, 2]) expect((await changesOf(board, seed, 1)).filter(({ what }) => what === 'latency')).toEqual([])
  })

  it.each(['odroid-xu4', 'rk3588'])('are real ones, within five decisions of a fifth more latency: %s', async (board) => {
    for (const seed of [3, 4]) {
      const all = (await changesOf(board, seed, 1.2)).filter(({ what }) => what === 'latency')
      const called = all.filter(({ decision }) => decision >= 500)
      const [first] = called
      // A false alarm now and then is known of (docs/agents.md), and costs little.
      expect(all.length - called.length).toBeLessThanOrEqual(1)
      expect(first?.decision).toBeLessThan(505)
      expect(first?.z).toBeGreaterThan(2)
      // Of other clusters it is known when they are used again.
      expect(new Set(called.map(({ cluster }) => cluster)).size).toBe(called.length)
    }
  })
})
