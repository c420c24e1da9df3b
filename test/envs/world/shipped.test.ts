import { describe, expect, it } from 'vitest'
import type { ScenarioCluster } from '../../../envs/world/scenario/clusters.ts'
import { makeScenarioWorld } from '../../../envs/world/scenario/scenario-world.ts'
import { readScenario, scenarioNames } from '../../../envs/world/scenario/shipped.ts'
import { makeWorldState, type World, type WorldState } from '../../../envs/world/world.ts'
import { readShipped, shippedIds } from '../../../src/board/known/shipped.ts'
import { simulatable } from '../../../src/board/known/simulatable.ts'
import { errorOf } from '../../support/error-of.ts'

/** CPU clusters of every board that can be simulated, and one with a single cluster. */
const boards: Record<string, readonly ScenarioCluster[]> = {
  single: [{ id: 'cpu', cores: 2, speed: 1 }],
  ...Object.fromEntries(
    shippedIds()
      .map(readShipped)
      .filter((board) => simulatable(board).ok)
      .map((board) => [
        board.id,
        board.clusters
          .filter(({ kind }) => kind === 'cpu')
          .map(({ id, cpus, capacity = 1, opps }) => ({ id, cores: cpus.length, speed: capacity * cpus.length * (opps.at(-1)?.freqHz ?? 1) })),
      ]),
  ),
}

const flat = (k: number, arrivalS: number, { interference, availableCores, ...rest }: WorldState): string =>
  JSON.stringify([k, arrivalS, [...interference], [...availableCores], rest])

/** The world at each of the first requests, answered at once; where they come back to back, after the reference latency. */
function live(world: World, seed: number, requests: number, referenceLatencyS: number): { lines: string; states: WorldState[]; arrivals: number[] } {
  world.reset(seed)
  const state = makeWorldState(world.clusters)
  const [lines, states, arrivals]: [string[], WorldState[], number[]] = [[], [], []]
  for (let k = 0; k < requests; k++) {
    const arrivalS = world.arrivalS(k)
    const timeS = Number.isNaN(arrivalS) ? k * referenceLatencyS : arrivalS
    world.at(timeS, state)
    lines.push(flat(k, arrivalS, state))
    states.push({ ...state, interference: state.interference.slice(), availableCores: state.availableCores.slice() })
    arrivals.push(timeS)
  }
  return { lines: lines.join('\n'), states, arrivals }
}

function isPossible(state: WorldState, { clusters, phases }: World): boolean {
  return (
    [...state.interference, state.bandwidthShare].every((share) => share >= 0 && share < 1) &&
    state.availableCores.every((cores, c) => cores >= 0 && cores <= (clusters[c]?.cores ?? 0)) &&
    state.availableCores.some((cores) => cores > 0) &&
    state.slowdown >= 1 &&
    state.ambientTempC > 0 &&
    phases[state.phase] !== undefined
  )
}

const byChance = ['arrivals', 'core-loss', 'corunner-bursts', 'corunner-mix', 'noisy-sensors']

describe.each(scenarioNames())('the scenario %s', (name) => {
  const scenario = readScenario(name)

  it('is called as its file, and every figure has a source', () => {
    expect(scenario.name).toBe(name)
    expect(scenario.sources).toBeDefined()
  })

  describe.each(Object.entries(boards))('on %s', (_id, clusters) => {
    it.each([0.117, 0.004])('is a possible world for 2,500 requests at %f s', (referenceLatencyS) => {
      const world = makeScenarioWorld(scenario, clusters, { referenceLatencyS })
      const { lines, states, arrivals } = live(world, 7, 2500, referenceLatencyS)
      // One expectation for all of them: a hundred thousand would take a minute.
      expect(states.findIndex((state) => !isPossible(state, world))).toBe(-1)
      expect(arrivals.findIndex((timeS, k) => timeS < (arrivals[k - 1] ?? 0))).toBe(-1)
      // Same seed, same world, whoever asks; another seed another one where chance is at work.
      expect(live(makeScenarioWorld(scenario, clusters, { referenceLatencyS }), 7, 2500, referenceLatencyS).lines === lines).toBe(true)
      if (byChance.includes(name)) expect(live(world, 8, 2500, referenceLatencyS).lines === lines).toBe(false)
      else expect(live(world, 8, 2500, referenceLatencyS).lines === lines).toBe(true)
      expect(live(world, 7, 2500, referenceLatencyS).lines === lines).toBe(true)
    })
  })

  it('shows all that it has within 1,000 requests', () => {
    const clusters = boards['odroid-xu4'] as readonly ScenarioCluster[]
    const world = makeScenarioWorld(scenario, clusters, { referenceLatencyS: 0.117, boardId: 'odroid-xu4' })
    const { states, arrivals } = live(world, 3, 1000, 0.117)
    // Once through, in about 1,000 requests.
    const lastS = (arrivals.at(-1) as number) * world.timeScale
    expect(lastS / scenario.durationS).toBeGreaterThan(0.85)
    expect(lastS / scenario.durationS).toBeLessThan(1.2)
    expect(new Set(states.map(({ phase }) => phase)).size).toBe(world.phases.length)
  })
})

describe('shipped scenarios', () => {
  it('are those that are documented', () => {
    expect(scenarioNames()).toEqual([
      'arrivals',
      'budget-change',
      'core-loss',
      'corunner-bursts',
      'corunner-mix',
      'drift',
      'hot-ambient',
      'noisy-sensors',
      'steady',
    ])
  })

  it('are asked for by name, and a wrong name says which are close', () => {
    expect(errorOf(() => readScenario('core-los'))).toMatchObject({
      code: 'ERR_UNKNOWN_SCENARIO',
      exitCode: 2,
      message: "no scenario is called 'core-los', did you mean core-loss?",
    })
    expect(errorOf(() => readScenario('weather')).message).toContain('expected one of arrivals, budget-change')
  })
})
