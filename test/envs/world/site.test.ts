import { describe, expect, it } from 'vitest'
import { makeScenarioWorld } from '../../../envs/world/scenario/scenario-world.ts'
import { readScenario } from '../../../envs/world/scenario/shipped.ts'
import { clustersOf, referenceOf, scenarioMaker } from '../../../envs/world/scenario/site.ts'
import { makeWorldState, type WorldSite } from '../../../envs/world/world.ts'
import { makeScriptedEnv } from '../../support/scripted-env.ts'

const { spaces, nominal } = makeScriptedEnv()
const site: WorldSite = {
  clusters: [
    { id: 'little', cores: 4 },
    { id: 'big', cores: 4 },
  ],
  spaces,
  nominal,
  boardId: 'scripted',
}

describe('a site for a scenario', () => {
  it('is measured by the fastest of the most accurate points: the full network on the big cluster at 2 GHz', () => {
    expect(referenceOf(site)).toEqual({
      referenceLatencyS: 0.006,
      referenceEnergyJ: 1.2 * 4 * 0.006,
      accuracyRange: [0.55, 0.69],
      boardId: 'scripted',
    })
  })

  it('knows how fast its clusters are by the full network: 25 ms at 1.2 GHz, 6 ms at 2 GHz', () => {
    const [little, big] = clustersOf(site)
    expect(little?.speed).toBeCloseTo(1 / 0.025, 9)
    expect(big?.speed).toBeCloseTo(1 / 0.006, 9)
  })

  it('knows it by any answers where no accuracy is known: 6.25 ms at 1.2 GHz, 1.5 ms at 2 GHz', () => {
    const bare = { ...site, nominal: nominal.map((point) => ({ ...point, accuracy: Number.NaN })) }
    const [little, big] = clustersOf(bare)
    expect(little?.speed).toBeCloseTo(1 / 0.00625, 9)
    expect(big?.speed).toBeCloseTo(1 / 0.0015, 9)
    expect(referenceOf(bare).referenceLatencyS).toBe(0.0015)
  })

  it('has one speed where there is nothing to choose', () => {
    const only = {
      ...site,
      clusters: [{ id: 'board', cores: 1 }],
      spaces: { ...spaces, knobs: spaces.knobs.filter(({ kind }) => kind !== 'cluster') },
    }
    expect(clustersOf(only)).toEqual([{ id: 'board', cores: 1, speed: 1 / 0.006 }])
  })

  it('gets the world that its clusters and its reference make', () => {
    const scenario = readScenario('core-loss')
    const world = scenarioMaker(scenario)(site)
    const same = makeScenarioWorld(scenario, clustersOf(site), referenceOf(site))
    expect(world.rateHz).toBeCloseTo(0.3 / 0.006, 9)
    expect(world.timeScale).toBe(same.timeScale)
    // 100 s into the scenario its fastest cluster is gone.
    const state = makeWorldState(world.clusters)
    world.reset(1)
    world.at(100 / world.timeScale, state)
    expect([...state.availableCores]).toEqual([4, 0])
  })
})
