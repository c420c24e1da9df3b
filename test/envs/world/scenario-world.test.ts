import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ScenarioCluster } from '../../../envs/world/scenario/clusters.ts'
import { makeScenarioWorld } from '../../../envs/world/scenario/scenario-world.ts'
import { readScenario } from '../../../envs/world/scenario/shipped.ts'
import { makeWorldState, type World, type WorldState } from '../../../envs/world/world.ts'
import { heldHeapB } from '../../support/collect-garbage.ts'
import { errorOf } from '../../support/error-of.ts'
import { scenarioOf } from '../../support/scenario.ts'

const clusters: readonly ScenarioCluster[] = [
  { id: 'a7', cores: 4, speed: 1 },
  { id: 'a15', cores: 2, speed: 3 },
  { id: 'a73', cores: 2, speed: 2 },
]
const reference = { referenceLatencyS: 0.1 }
const worldOf = (extra: object, on = clusters): World => makeScenarioWorld(scenarioOf(extra), on, reference)

/** States at these moments, s of requests, from a reset on. */
function statesOf(world: World, times: readonly number[], seed = 1): WorldState[] {
  world.reset(seed)
  return times.map((timeS) => {
    const state = makeWorldState(world.clusters)
    world.at(timeS, state)
    return state
  })
}
const coRunner = { kind: 'co-runner', cluster: 'a15', share: 0.5 }

describe('the world of a scenario', () => {
  it('does what a window says, and again when the scenario repeats', () => {
    const world = worldOf({ events: [{ ...coRunner, bandwidthShare: 0.2, when: { fromS: 10, toS: 20 } }] })
    const states = statesOf(world, [0, 9.99, 10, 19.99, 20, 109.99, 110, 119.99, 120, 1015])
    expect(states.map(({ interference }) => interference[1])).toEqual([0, 0, 0.5, 0.5, 0, 0, 0.5, 0.5, 0, 0.5])
    expect(states.map(({ bandwidthShare }) => bandwidthShare)).toEqual([0, 0, 0.2, 0.2, 0, 0, 0.2, 0.2, 0, 0.2].map((x) => expect.closeTo(x, 12)))
    expect(states[2]?.interference).toEqual(Float64Array.of(0, 0.5, 0))
    expect(world.endS).toBe(Number.POSITIVE_INFINITY)
  })

  it('takes windows at the ends of a repeated scenario as one', () => {
    const events = [
      { ...coRunner, when: { fromS: 90 } },
      { ...coRunner, cluster: 'a7', when: { toS: 10 } },
    ]
    const states = statesOf(worldOf({ events }), [5, 50, 95, 105, 195, 205])
    expect(states.map(({ interference: [a7, a15] }) => [a7, a15])).toEqual([
      [0.5, 0],
      [0, 0],
      [0, 0.5],
      [0.5, 0],
      [0, 0.5],
      [0.5, 0],
    ])
  })

  it('holds its end, or ends', () => {
    const events = [{ ...coRunner, when: { fromS: 10 } }]
    expect(statesOf(worldOf({ after: 'hold', events }), [5, 50, 150, 1e6]).map(({ interference }) => interference[1])).toEqual([0, 0.5, 0.5, 0.5])
    expect(worldOf({ after: 'end', timeScale: 4 }).endS).toBe(25)
  })

  it('runs at the pace of its clock', () => {
    const events = [{ ...coRunner, when: { fromS: 10, toS: 20 } }]
    expect(statesOf(worldOf({ timeScale: 10, events }), [0.9, 1.5, 2.5]).map(({ interference }) => interference[1])).toEqual([0, 0.5, 0])
    // 100 s at load 0.5 of ten requests a second: 500, and 50 are asked for.
    const fitted = worldOf({ requests: 50, arrivals: [{ kind: 'periodic', load: 0.5 }] })
    expect(fitted.timeScale).toBeCloseTo(10, 12)
    fitted.reset(1)
    expect(fitted.arrivalS(0)).toBe(0)
  })

  it('knows clusters by name and by what they are', () => {
    const taken = (cluster: string): number[] => [...(statesOf(worldOf({ events: [{ ...coRunner, cluster }] }), [1])[0]?.interference ?? [])]
    expect(taken('a73')).toEqual([0, 0, 0.5])
    expect(taken('fastest')).toEqual([0, 0.5, 0])
    expect(taken('slowest')).toEqual([0.5, 0, 0])
    expect(taken('all')).toEqual([0.5, 0.5, 0.5])
    expect(taken('any').toSorted()).toEqual([0, 0, 0.5])
  })

  it('names the clusters there are where one is not', () => {
    expect(errorOf(() => worldOf({ events: [coRunner, { kind: 'cores', cluster: 'a16', take: 1 }] }))).toMatchObject({
      code: 'ERR_SCENARIO',
      exitCode: 3,
      message: "test: events.1.cluster is 'a16', which is no cluster here: expected a7, a15, a73, fastest, slowest, all or any",
    })
  })

  it('draws another cluster and another share each time', () => {
    const world = worldOf({ events: [{ kind: 'co-runner', cluster: 'any', share: [0.2, 0.4], when: { presentS: 1, absentS: 1 } }] })
    const states = statesOf(
      world,
      Array.from({ length: 4000 }, (_, i) => i),
    )
    const seen = [0, 1, 2].map((c) => states.filter(({ interference }) => (interference[c] as number) > 0).length)
    // There half of the time, on each of three clusters a third of that.
    for (const count of seen) expect(count / 4000).toBeCloseTo(1 / 6, 1)
    const shares = states.flatMap(({ interference }) => [...interference].filter((share) => share > 0))
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.2)
    expect(Math.max(...shares)).toBeLessThanOrEqual(0.4)
    expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeCloseTo(0.3, 2)
  })

  it('lets bursts last as long as they are said to, with jitter and a phase of their own', () => {
    const world = worldOf({ events: [{ ...coRunner, when: { everyS: 10, forS: 4, jitter: 0.5 } }] })
    const stepS = 0.05
    const on = statesOf(
      world,
      Array.from({ length: 100_000 }, (_, i) => i * stepS),
    ).map(({ interference }) => (interference[1] as number) > 0)
    expect(on.filter(Boolean).length / on.length).toBeCloseTo(0.4, 1)
    // The first and the last burst may be cut off.
    const bursts = on
      .map((there) => (there ? '1' : '0'))
      .join('')
      .match(/(?<=0)1+(?=0)/g)
      ?.map((burst) => burst.length * stepS) as number[]
    expect(bursts.length).toBeGreaterThan(450)
    expect(Math.min(...bursts)).toBeGreaterThanOrEqual(2 - stepS)
    expect(Math.max(...bursts)).toBeLessThanOrEqual(6 + stepS)
    const begins = [1, 2, 3, 4, 5].map((seed) => statesOf(world, [0, 2, 4, 6, 8], seed).map(({ interference }) => interference[1]))
    expect(new Set(begins.map(String)).size).toBeGreaterThan(1)
  })

  it('multiplies what several leave, of clusters and of memory', () => {
    const events = [
      { ...coRunner, copies: 2, bandwidthShare: 0.1 },
      { kind: 'memory', bandwidthShare: 0.5 },
    ]
    const [state] = statesOf(worldOf({ events }), [1])
    expect(state?.interference[1]).toBeCloseTo(0.75, 12)
    expect(state?.bandwidthShare).toBeCloseTo(1 - 0.9 * 0.9 * 0.5, 12)
  })

  it('takes cores, and never the last one of the board', () => {
    const cores = (...events: object[]): number[] => [
      ...(statesOf(worldOf({ events: events.map((event) => ({ kind: 'cores', ...event })) }), [1])[0]?.availableCores ?? []),
    ]
    expect(cores({ cluster: 'a7', take: 3 })).toEqual([1, 2, 2])
    expect(cores({ cluster: 'fastest', take: 'all' })).toEqual([4, 0, 2])
    expect(cores({ cluster: 'all', take: 1 }, { cluster: 'a73', take: 5 })).toEqual([3, 1, 0])
    expect(cores({ cluster: 'all', take: 'all' })).toEqual([1, 0, 0])
  })

  it('warms, cools and swings the air', () => {
    const ramps = [
      { kind: 'ambient', tempC: 20, toTempC: 40, when: { fromS: 10, toS: 30 } },
      { kind: 'ambient', tempC: 40, toTempC: 30, when: { fromS: 60, toS: 70 } },
    ]
    const temps = statesOf(worldOf({ ambientTempC: 18, events: ramps }), [0, 10, 20, 30, 50, 65, 90, 100, 120]).map(
      ({ ambientTempC }) => ambientTempC,
    )
    expect(temps).toEqual([18, 20, 30, 40, 40, 35, 30, 18, 30])
    const swing = [{ kind: 'ambient', tempC: 20, swingC: 5, periodS: 40 }]
    const around = statesOf(worldOf({ events: swing }), [0, 10, 20, 30, 110]).map(({ ambientTempC }) => ambientTempC)
    expect(around).toEqual([20, 25, 20, 15, 15].map((x) => expect.closeTo(x, 9)))
  })

  it('has air that leaves any board as much headroom as the one it was stated for', () => {
    const scenario = readScenario('hot-ambient')
    const boards = [{ id: 'cpu', cores: 4, speed: 1 }]
    const hottestC = (boardId: string, airTempC?: (headroom: number) => number): number => {
      const reference = { referenceLatencyS: 0.104, boardId, ...(airTempC === undefined ? {} : { airTempC }) }
      const world = makeScenarioWorld(scenario, boards, reference)
      world.reset(1)
      const state = makeWorldState(boards)
      world.at(600 / world.timeScale, state)
      return state.ambientTempC
    }
    // A trip at 85 degC and a rise of 25 K: 85 - 0.47 * 25.
    const other = (headroom: number): number => 85 - 25 * headroom
    expect(hottestC('other', other)).toBeCloseTo(73.25, 9)
    expect(hottestC('odroid-xu4', other)).toBe(50)
    expect(hottestC('other')).toBe(50)
  })

  it('slows down by steps and by ramps, which multiply', () => {
    const events = [
      { kind: 'slowdown', factor: 1, toFactor: 2, when: { fromS: 0, toS: 50 } },
      { kind: 'slowdown', factor: 1.5, when: { fromS: 40, toS: 60 } },
    ]
    const factors = statesOf(worldOf({ events }), [0, 25, 40, 60, 99, 100]).map(({ slowdown }) => slowdown)
    expect(factors).toEqual([1, 1.5, 1.8 * 1.5, 2, 2, 1].map((x) => expect.closeTo(x, 12)))
  })

  it('breaks sensors, the last in the list over those before', () => {
    const sensor = { kind: 'sensor', sensor: 'temperature' }
    const events = [
      { ...sensor, fault: 'stale', when: { fromS: 10, toS: 30 } },
      { ...sensor, fault: 'missing', when: { fromS: 20, toS: 40 } },
      { ...sensor, sensor: 'interference', fault: 'jumping', when: { fromS: 35 } },
    ]
    const faults = statesOf(worldOf({ events }), [0, 15, 25, 35, 45]).map(({ tempFault, interferenceFault }) => [tempFault, interferenceFault])
    expect(faults).toEqual([
      ['none', 'none'],
      ['stale', 'none'],
      ['missing', 'none'],
      ['missing', 'jumping'],
      ['none', 'jumping'],
    ])
  })

  it('asks for other things as time goes by, and from the start again', () => {
    const world = worldOf({
      requirements: [
        { fromS: 20, deadline: '1.5x' },
        { fromS: 60, accuracyFloor: null, energyBudget: '2J' },
      ],
    })
    expect(world.phases).toEqual([{}, { deadline: { times: 1.5 } }, { accuracyFloor: null, energyBudgetJ: 2 }])
    expect(statesOf(world, [0, 19, 20, 60, 99, 100, 120, 370]).map(({ phase }) => phase)).toEqual([0, 0, 1, 2, 2, 0, 1, 2])
  })

  it('is the same however often and in whatever steps it is looked at', () => {
    const events = [
      { ...coRunner, cluster: 'any', copies: 3, share: [0.1, 0.6], when: { presentS: 3, absentS: 5 } },
      { kind: 'memory', bandwidthShare: [0.1, 0.5], when: { everyS: 7, forS: 3, jitter: 0.9 } },
      { kind: 'cores', cluster: 'any', take: 1, when: { presentS: 4, absentS: 4 } },
    ]
    const world = worldOf({ events })
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 40 }),
        fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { minLength: 1, maxLength: 40 }),
        (seed, times) => {
          const sorted = times.toSorted((a, b) => a - b)
          const all = statesOf(world, sorted, seed)
          const alone = statesOf(world, [sorted.at(-1) as number], seed)
          expect(alone[0]).toEqual(all.at(-1))
          for (const { interference, availableCores, bandwidthShare } of all) {
            expect([...interference, bandwidthShare].every((share) => share >= 0 && share < 1)).toBe(true)
            expect(availableCores.some((cores) => cores > 0)).toBe(true)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('stays as small over four million requests', () => {
    const world = worldOf({ events: [{ ...coRunner, cluster: 'any', copies: 4, share: [0.1, 0.6], when: { presentS: 3, absentS: 5 } }] })
    const state = makeWorldState(clusters)
    world.reset(1)
    let mean = 0
    let heapB = 0
    for (let k = 0; k < 4_000_000; k++) {
      world.at(world.arrivalS(k), state)
      mean += (state.interference[0] as number) / 4_000_000
      if (k === 1_000_000) heapB = heldHeapB()
    }
    // What three million requests left behind, if each left a byte.
    expect(heldHeapB() - heapB).toBeLessThan(3e6)
    expect(world.arrivalS(3_999_999)).toBe(3_999_999)
    // Four of which each takes 0.35 of one cluster of three, 3/8 of the time.
    expect(mean).toBeCloseTo(1 - (1 - (0.35 * 3) / 8 / 3) ** 4, 2)
  })
})
