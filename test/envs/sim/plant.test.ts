import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { constants } from '../../../envs/sim/constants.ts'
import { date2020 } from '../../../envs/sim/network.ts'
import { leakageGrowth } from '../../../envs/sim/physics/constants.ts'
import { leakagePowerW } from '../../../envs/sim/physics/power.ts'
import { makePlant, type Plant } from '../../../envs/sim/plant.ts'
import { type PlantOptions, specifyPlant } from '../../../envs/sim/plant-spec.ts'
import { copyPlantState, makeLoad, type PlantState } from '../../../envs/sim/plant-state.ts'
import { makeWorldState, type WorldState } from '../../../envs/world/world.ts'
import type { KnownBoard } from '../../../src/board/known/schema.ts'
import { readShipped } from '../../../src/board/known/shipped.ts'
import { makeExpectedOutcome } from '../../../src/core/env.ts'
import type { OperatingPoint } from '../../../src/core/spaces.ts'
import { makeKnownBoard } from '../../support/known-board.ts'

interface Bench {
  readonly plant: Plant
  readonly state: PlantState
  readonly world: WorldState
  /** Action of the point with these values. */
  at(point: OperatingPoint): number
}

function bench(board: KnownBoard = readShipped('odroid-xu4'), options: Partial<PlantOptions> = {}, seed = 0): Bench {
  const spec = specifyPlant(board, date2020, { kind: 'nominal', mostLevels: 100, ...options })
  const plant = makePlant(spec, seed)
  const state = plant.makeState()
  plant.settle(state, 25)
  return {
    plant,
    state,
    world: makeWorldState(spec.board.clusters),
    at: (wanted) => {
      const action = spec.plan.spaces.points.findIndex((point) => Object.entries(wanted).every(([name, value]) => point[name] === value))
      if (action < 0) throw new Error(`no point has ${JSON.stringify(wanted)}`)
      return action
    },
  }
}

function look({ plant, state, world }: Bench, action: number, quiet = true) {
  const load = makeLoad()
  const expected = makeExpectedOutcome()
  plant.load(state, world, action, quiet, load)
  plant.expect(load, 0, { percentile: 99 }, expected)
  return { ...load, ...expected }
}

describe('an XU4 with the network of the DATE 2020 paper, by its table I as recalled', () => {
  const xu4 = bench()
  const cell = (subnet: string, cluster: string, freqHz: number) => look(xu4, xu4.at({ subnet, cluster, cores: 4, [`${cluster}.freqHz`]: freqHz }))

  it.each([
    ['a15', 1.8e9, 0.117, 0.248],
    ['a15', 1e9, 0.204, 0.173],
    ['a15', 200e6, 1.02, 0.32],
    ['a7', 1.3e9, 0.28, 0.0921],
    ['a7', 700e6, 0.504, 0.0714],
    ['a7', 200e6, 1.78, 0.129],
  ])('%s at %d Hz takes its time and energy within 10 %%', (cluster, freqHz, timeS, energyJ) => {
    const { latencyS, energyJ: ours } = cell('100', cluster, freqHz)
    expect(Math.abs(latencyS / timeS - 1)).toBeLessThan(0.1)
    expect(Math.abs(ours / energyJ - 1)).toBeLessThan(0.1)
  })

  it('spans 41.6x of time and 10.6x of energy within 5 %', () => {
    const time = cell('100', 'a7', 200e6).latencyS / cell('25', 'a15', 1.8e9).latencyS
    const energy = cell('100', 'a15', 200e6).energyJ / cell('25', 'a7', 700e6).energyJ
    expect(Math.abs(time / 41.6 - 1)).toBeLessThan(0.05)
    expect(Math.abs(energy / 10.6 - 1)).toBeLessThan(0.05)
  })
})

describe('time and energy of an inference', () => {
  // 1e-10 F, 0.7 V at 500 MHz: power of one core by hand; one core, so that nothing is parallel.
  const small = bench(makeKnownBoard())
  const action = small.at({ subnet: '100', cluster: 'little', cores: 1, 'little.freqHz': 5e8 })
  const cluster = small.plant.spec.board.clusters[0]
  if (cluster === undefined) throw new Error('no cluster')

  it('are MACs over speed plus overhead, and C V^2 f of the busy core plus what the rail draws', () => {
    const { serviceS, busyJ, staticW } = look(small, action)
    const computeS = 45e6 / (cluster.macsPerCycle * 5e8)
    const ownS = computeS + constants.overheadCycles.value / 5e8
    expect(serviceS).toBeCloseTo(ownS, 12)
    expect(busyJ).toBeCloseTo(1e-10 * 0.49 * 5e8 * cluster.activity * ownS, 12)
    expect(staticW).toBeGreaterThan(cluster.railBaseW)
  })

  it('grow with a co-runner: half the cluster doubles the time, overhead and all, but not the energy of our cores', () => {
    const alone = look(small, action)
    small.world.interference[0] = 0.5
    const beside = look(small, action)
    small.world.interference[0] = 0
    expect(beside.serviceS).toBeCloseTo(2 * alone.serviceS, 10)
    expect(beside.busyJ).toBeCloseTo(alone.busyJ, 12)
    expect(beside.sigma).toBeGreaterThan(alone.sigma)
    expect(beside.tailShare).toBeGreaterThan(alone.tailShare)
  })

  it('follow the memory where others leave too little of it', () => {
    small.world.bandwidthShare = 0.99
    const { serviceS } = look(small, action)
    small.world.bandwidthShare = 0
    expect(serviceS).toBeCloseTo(60e6 / (cluster.bandwidthBps * 0.01) + constants.overheadCycles.value / 5e8, 9)
  })

  it('count changing over: a sub-network, cores, a clock, a cluster, and nothing for the same again', () => {
    const [from, to] = [small.state, small.plant.makeState()]
    copyPlantState(from, to)
    const moved = { ...small, state: to }
    const point = { subnet: '50', cluster: 'little', cores: 2, 'little.freqHz': 5e8 }
    to.action = small.at(point)
    to.opp = 0
    const { transitionS, migrationS, coresS, subnetS } = constants
    const timeTo = (change: OperatingPoint) => look(moved, small.at({ ...point, ...change }), false).switchS
    expect(timeTo({})).toBe(0)
    expect(timeTo({ subnet: '100' })).toBe(subnetS.value)
    expect(timeTo({ cores: 4 })).toBe(coresS.value)
    expect(timeTo({ 'little.freqHz': 1e9 })).toBe(transitionS.value)
    expect(timeTo({ cluster: 'big', 'little.freqHz': 'free', 'big.freqHz': 1e9 })).toBeCloseTo(migrationS.value + transitionS.value, 12)
    expect(look(moved, small.at({ ...point, subnet: '100' }), true).switchS).toBe(0)
  })

  it('of the whole board hold more than those of the rail', () => {
    const whole = bench(makeKnownBoard(), { energyScope: 'board' })
    const [board, rail] = [look(whole, action), look(small, action)]
    expect(board.busyJ).toBe(rail.busyJ)
    expect(board.staticW).toBeGreaterThan(rail.staticW + constants.boardBaseW.value)
  })
})

describe('whatever the moment', () => {
  const boards = ['odroid-xu4', 'rk3399', 'rk3588', 'raspberry-pi-4'].flatMap((id) =>
    (['nominal', 'perturbed'] as const).map((kind) => bench(readShipped(id), { kind }, 3)),
  )
  const moment = fc.record({
    b: fc.nat(boards.length - 1),
    action: fc.nat(10000),
    share: fc.double({ min: 0, max: 0.95, noNaN: true }),
    more: fc.double({ min: 0, max: 0.04, noNaN: true }),
    bandwidthShare: fc.double({ min: 0, max: 0.9, noNaN: true }),
    tempC: fc.double({ min: 20, max: 110, noNaN: true }),
  })
  const set = ({ b, action, share, bandwidthShare, tempC }: { b: number; action: number; share: number; bandwidthShare: number; tempC: number }) => {
    const one = boards[b] as Bench
    one.world.interference.fill(share)
    one.world.bandwidthShare = bandwidthShare
    one.state.dieTempC = tempC
    return { one, a: action % one.plant.spec.plan.points.length }
  }

  it('more interference is never faster, and less bandwidth neither faster nor cheaper', () => {
    fc.assert(
      fc.property(moment, (m) => {
        const { one, a } = set(m)
        const before = look(one, a)
        one.world.interference.fill(m.share + m.more)
        const busier = look(one, a)
        one.world.bandwidthShare = m.bandwidthShare + m.more
        const tighter = look(one, a)
        expect(busier.latencyS).toBeGreaterThanOrEqual(before.latencyS)
        expect(tighter.latencyS).toBeGreaterThanOrEqual(busier.latencyS)
        expect(tighter.energyJ).toBeGreaterThanOrEqual(busier.energyJ * (1 - 1e-12))
      }),
    )
  })

  it('a hotter die never leaks less, and its power heats', () => {
    fc.assert(
      fc.property(moment, (m) => {
        const { one, a } = set(m)
        const before = look(one, a)
        one.state.dieTempC = m.tempC + 100 * m.more
        expect(look(one, a).energyJ).toBeGreaterThanOrEqual(before.energyJ)
        expect(look(one, a).latencyS).toBe(before.latencyS)
      }),
    )
  })

  it('a cap slows down and never speeds up; what runs, runs at the cap', () => {
    fc.assert(
      fc.property(moment, fc.nat(20), (m, cap) => {
        const { one, a } = set(m)
        const free = look(one, a)
        const before = one.state.caps[free.cluster] as number
        one.state.caps[free.cluster] = Math.min(before, cap)
        const capped = look(one, a)
        one.state.caps[free.cluster] = before
        expect(capped.opp).toBe(Math.min(free.opp, cap))
        if (one.plant.spec.kind === 'nominal') expect(capped.latencyS).toBeGreaterThanOrEqual(free.latencyS)
      }),
    )
  })
})

describe('heat', () => {
  it('of an idle board settles where it stays', () => {
    const xu4 = bench()
    const { dieTempC } = xu4.state
    // 2.3 W of the rest of the board through 8.14 K/W, and a little of the idle clusters.
    expect(dieTempC).toBeGreaterThan(25 + 2.3 * 8.14)
    expect(dieTempC).toBeLessThan(48)
  })

  it('rises under load until the kernel takes clocks away, and comes back at rest', () => {
    const xu4 = bench()
    const { plant, state, world } = xu4
    const action = xu4.at({ subnet: '100', cluster: 'a15', cores: 4, 'a15.freqHz': 2e9 })
    const load = makeLoad()
    let hottestC = 0
    for (let k = 0; k < 3000; k++) {
      plant.load(state, world, action, false, load)
      plant.advance(state, world, action, load, { switchedJ: load.busyJ, activeS: load.serviceS, idleS: 0, timeScale: 1 })
      hottestC = Math.max(hottestC, state.dieTempC)
    }
    expect(state.caps[1]).toBeLessThan(18)
    expect(hottestC).toBeGreaterThan(70)
    expect(hottestC).toBeLessThan(95)
    expect(load.opp).toBe(state.caps[1])
    plant.advance(state, world, action, load, { switchedJ: load.busyJ, activeS: load.serviceS, idleS: 3600, timeScale: 1 })
    expect(state.caps[1]).toBe(18)
  })

  it('of a board that nobody measured: full load of all its clusters in a room leads to the first trip', () => {
    for (const id of ['rk3399', 'rk3588', 'raspberry-pi-4', 'made-up']) {
      const { plant, state } = bench(id === 'made-up' ? makeKnownBoard() : readShipped(id))
      const { board, throttle, cooling } = plant.spec
      const tripC = Math.min(...throttle.rules.map(({ tempC }) => tempC))
      const clustersW = board.clusters.map(({ coreW, cores, activity, voltageV, leakageW, railBaseW }) => {
        const [topW, topV] = [coreW.at(-1) as number, voltageV.at(-1) as number]
        return topW * cores * activity + railBaseW + leakagePowerW(leakageW, leakageGrowth.perK, topV, tripC, leakageGrowth.perV)
      })
      const watts = clustersW.reduce((sum, clusterW) => sum + clusterW, 0)
      plant.thermal.settle(state, watts, constants.roomTempC.value + cooling.restW * cooling.caseKPerW)
      expect(state.dieTempC).toBeCloseTo(tripC, 9)
    }
  })

  it('of a board whose best capacity is given below 1 is that of the same board in other numbers', () => {
    const known = makeKnownBoard()
    for (const cluster of known.clusters) if (cluster.capacity !== undefined) cluster.capacity *= 0.9
    const [one, other] = [bench(makeKnownBoard()).plant.spec.cooling, bench(known).plant.spec.cooling]
    for (const name of ['dieJPerK', 'dieKPerW', 'caseJPerK', 'caseKPerW', 'restW'] as const) expect(other[name] / one[name]).toBeCloseTo(1, 9)
  })

  it('of co-runners is felt, though their energy is not ours', () => {
    const [alone, crowded] = [bench(), bench()]
    crowded.world.interference[0] = 0.8
    const action = alone.at({ subnet: '100', cluster: 'a15', cores: 4, 'a15.freqHz': 1e9 })
    expect(look(crowded, action).energyJ).toBe(look(alone, action).energyJ)
    for (const { plant, state, world } of [alone, crowded]) {
      const load = makeLoad()
      plant.load(state, world, action, true, load)
      plant.advance(state, world, action, load, { switchedJ: (100 / load.serviceS) * load.busyJ, activeS: 100, idleS: 0, timeScale: 1 })
    }
    expect(crowded.state.dieTempC).toBeGreaterThan(alone.state.dieTempC + 1)
  })
})

describe('a perturbed plant', () => {
  const factors = (seed: number) => {
    const [plain, bent] = [bench(), bench(undefined, { kind: 'perturbed' }, seed)]
    return plain.plant.spec.plan.points.map((_, a) => look(bent, a).serviceS / look(plain, a).serviceS)
  }

  it('differs from seed to seed, is the same for the same, and stays within what is said', () => {
    expect(factors(1)).toEqual(factors(1))
    expect(factors(1)).not.toEqual(factors(2))
    for (const factor of factors(3)) {
      // Slower at most by 1 / (0.8 x 0.95 x 0.95); faster by 1.2 x 1.05^2 and, at a tenth of the top clock, by 10^0.15.
      expect(factor).toBeLessThan(1 / (0.8 * 0.95 ** 2))
      expect(factor).toBeGreaterThan(1 / (1.2 * 1.05 ** 2 * 10 ** 0.15))
    }
  })

  it('is bent in ways that no feature tells: neighbouring OPPs deviate by themselves', () => {
    const plant = bench(undefined, { kind: 'perturbed' }, 4)
    const cycles = [16, 17, 18].map((step) => {
      const freqHz = step * 1e8
      return look(plant, plant.at({ subnet: '100', cluster: 'a15', cores: 4, 'a15.freqHz': freqHz })).serviceS * freqHz
    })
    expect(Math.max(...cycles) / Math.min(...cycles)).toBeGreaterThan(1.01)
  })
})
