import { describe, expect, it } from 'vitest'
import { date2020 } from '../../../envs/sim/network.ts'
import { readScenario } from '../../../envs/world/scenario/shipped.ts'
import { scenarioMaker } from '../../../envs/world/scenario/site.ts'
import { readShipped } from '../../../src/board/known/shipped.ts'
import { makeExpectedOutcome, type Step } from '../../../src/core/env.ts'
import { makeObjective } from '../../../src/core/objective.ts'
import type { Requirements } from '../../../src/core/outcome.ts'
import { roundOf, truthOf } from '../../../src/run/compare/episode.ts'
import { hindsightCosts } from '../../../src/run/compare/hindsight.ts'
import { lineUp } from '../../../src/run/compare/lineup.ts'
import { makePlan } from '../../../src/run/compare/plan.ts'
import { runSeed } from '../../../src/run/compare/seed-run.ts'
import type { Ground } from '../../../src/run/grounds/ground.ts'
import { simGround } from '../../../src/run/grounds/sim-ground.ts'
import { tableGround } from '../../../src/run/grounds/table-ground.ts'
import { priorCostOf } from '../../../src/run/reexecute.ts'
import { makeFakeClock } from '../../support/fake-clock.ts'
import { parseSmall } from '../../support/tables.ts'

const onBoard = (scenario: string): Ground =>
  simGround({ board: readShipped('odroid-xu4'), network: date2020, plant: 'nominal', world: scenarioMaker(readScenario(scenario)) })
const onTable = (scenario: string): Ground => tableGround({ table: parseSmall(), noiseRatio: 0.05, world: scenarioMaker(readScenario(scenario)) })

describe('static with hindsight', () => {
  it.each([
    // Points are masked because their cores are gone, or their cluster is too hot for their frequency.
    ['core-loss on a board', onBoard('core-loss')],
    ['hot-ambient on a board', onBoard('hot-ambient')],
    ['core-loss on a table', onTable('core-loss')],
  ])('costs in its own run what hindsight counted, and no fixed point costs less: %s', async (_, ground) => {
    const steps = 400
    const plan = makePlan(ground, {}, lineUp(['static']), steps)
    const objective = makeObjective(plan.objective, ground.nominal)
    const prior = priorCostOf(objective, ground.nominal, plan.requirements[0] as Requirements)
    for (const seed of [1, 2]) {
      const { agents } = await runSeed(ground, plan, seed, makeFakeClock())
      const counted = hindsightCosts(ground.open(plan.requirements), objective, prior, seed, steps)
      expect((agents[0]?.cost as number) * steps).toBeCloseTo(Math.min(...counted), 9)
    }
  })
})

describe('a run that goes on in another world', () => {
  it('stays on its board, where every seed has a board of its own', () => {
    const scenario = { ...readScenario('steady'), after: 'end' as const }
    const ground = simGround({ board: readShipped('odroid-xu4'), network: date2020, plant: 'perturbed', world: scenarioMaker(scenario) })
    const env = ground.open([{ percentile: 99 }])
    const expected = makeExpectedOutcome()
    const begin = (seed: number, round: number) => {
      env.reset(roundOf(seed, round))
      const boardS = ground.nominal.map((_, a) => {
        truthOf(env).expected(a, expected)
        return expected.latencyS
      })
      return { boardS, latencyS: (env.step(7) as Step).outcome.latencyS }
    }
    const [first, second, other] = [begin(7, 0), begin(7, 1), begin(8, 0)]
    expect(second.boardS).toEqual(first.boardS)
    expect(second.latencyS).not.toBe(first.latencyS)
    expect(other.boardS).not.toEqual(first.boardS)
  })
})
