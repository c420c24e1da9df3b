import type { ExpectedOutcome } from '../../src/core/env.ts'
import type { Requirements } from '../../src/core/outcome.ts'
import { makeRng } from '../../src/core/rng.ts'
import type { WorldState } from '../world/world.ts'
import { makeCells } from './cells.ts'
import { constants } from './constants.ts'
import { bendCooling } from './cooling.ts'
import { fillExpected } from './expectation.ts'
import { leakageGrowth } from './physics/constants.ts'
import { rooflineS } from './physics/latency.ts'
import { leakagePowerW } from './physics/power.ts'
import { makeThermalNetwork, type ThermalNetwork } from './physics/thermal.ts'
import type { PlantSpec } from './plant-spec.ts'
import { type Load, makePlantState, type PlantState, type Spent } from './plant-state.ts'
import { fillCaps, pollThrottle } from './throttle.ts'

/**
 * The plant of a simulated board. Pure: it knows no time and no chance, all that changes is in the states handed over. The environment draws jitter and tail around
 * it. A planner has its mean model: `load` and `expect` what an action would give at a state, `advance` that state by the mean time; to try another action it keeps a copy
 * (`copyPlantState`). Nothing here allocates but `makeState`.
 */
export interface Plant {
  readonly spec: PlantSpec
  readonly thermal: ThermalNetwork
  /** How many times as long an inference in the tail takes: its threads wait, and work no more than another's. */
  readonly tailFactor: number
  makeState(): PlantState
  /** Idle for ever at this ambient temperature, nothing throttled, nothing done. */
  settle(state: PlantState, ambientTempC: number): void
  /** What executing `action` would start now. `quiet`: without the cost of changing over. */
  load(state: PlantState, world: WorldState, action: number, quiet: boolean, out: Load): void
  /** Means over jitter and tail; `waitS`: in the queue before. */
  expect(load: Load, waitS: number, requirements: Requirements, out: ExpectedOutcome): void
  /** The board works, and rests until the next request. True when a cap moved. */
  advance(state: PlantState, world: WorldState, action: number, load: Load, spent: Spent): boolean
}

/** The plant of `seed`; the nominal one is the same for all. */
export function makePlant(spec: PlantSpec, seed: number): Plant {
  const { board, network, plan, throttle, kind, energyScope } = spec
  const bend = kind === 'perturbed' ? makeRng(seed).fork('plant') : undefined
  const { clusters, boardBaseW } = board
  const { first, macsPerS, overheadS, dynamicW, bandwidthBps, leakageW, coreW } = makeCells(board, network, plan, bend)
  const cooling = bend === undefined ? spec.cooling : bendCooling(spec.cooling, bend)
  const thermal = makeThermalNetwork(cooling)
  // Heat that flows into the case for ever lifts both temperatures as a warmer room would.
  const restC = cooling.restW * cooling.caseKPerW
  const pointCluster = Int32Array.from(plan.points, ({ cluster }) => cluster)
  const pointSubnet = Int32Array.from(plan.points, ({ subnet }) => subnet)
  const pointCores = Int32Array.from(plan.points, ({ cores }) => cores)
  const pointOpp = Int32Array.from(plan.points, ({ opp }) => opp)
  const macs = Float64Array.from(network.subnets, (subnet) => subnet.macs)
  const movedB = Float64Array.from(network.subnets, (subnet) => subnet.movedB)
  const accuracy = Float64Array.from(network.subnets, (subnet) => subnet.accuracy)
  const freqHz = clusters.map((cluster) => Float64Array.from(cluster.freqHz))
  const transitionS = clusters.map((cluster) => Float64Array.from(cluster.transitionS))
  const railBaseW = Float64Array.from(clusters, (cluster) => cluster.railBaseW)
  const coresOf = Int32Array.from(clusters, ({ cores }) => cores)
  const wholeBoard = energyScope === 'board'
  const hottestC = constants.hottestC.value
  const idleShare = constants.idleShare.value
  const stallActivity = constants.stallActivity.value
  const jitter2 = constants.jitter.value ** 2
  const jitterOfInterference2 = constants.jitterOfInterference.value ** 2
  const tailShare = constants.tailShare.value
  const tailOfInterference = constants.tailOfInterference.value
  const tailFactor = constants.tailFactor.value
  const migrationS = constants.migrationS.value
  const coresS = constants.coresS.value
  const subnetS = constants.subnetS.value
  const schedutilMargin = constants.schedutilMargin.value

  // The last temperature asked about, and its answer: a moment is asked about for many points.
  const warmthAt = new Float64Array([Number.NaN, Number.NaN])
  /** Leakage beside that at 25 C. */
  const warmth = (tempC: number): number => {
    if (warmthAt[0] !== tempC) {
      warmthAt[0] = tempC
      warmthAt[1] = leakagePowerW(1, leakageGrowth.perK, 1, tempC < hottestC ? tempC : hottestC)
    }
    return warmthAt[1] as number
  }

  /** OPP that the kernel's governor gives a cluster for its co-runners, and no higher than its cap. */
  const coRunnerOpp = (c: number, share: number, cap: number): number => {
    const table = freqHz[c] as Float64Array
    const wantedHz = schedutilMargin * share * (table[table.length - 1] as number)
    let opp = 0
    while (opp < cap && (table[opp] as number) < wantedHz) opp++
    return opp
  }

  /** What a cluster without inference draws, its co-runners included, W. */
  const otherW = (c: number, share: number, cap: number, warm: number): number => {
    const baseW = railBaseW[c] as number
    const leakage = leakageW[c] as Float64Array
    if (share <= 0) return idleShare * (baseW + (leakage[0] as number) * warm)
    const opp = coRunnerOpp(c, share, cap)
    return baseW + (leakage[opp] as number) * warm + (coresOf[c] as number) * share * ((coreW[c] as Float64Array)[opp] as number)
  }

  const switchTime = (state: PlantState, action: number, cluster: number, opp: number): number => {
    const before = state.action
    if (before < 0 || (before === action && state.opp === opp)) return 0
    let timeS = pointSubnet[before] === pointSubnet[action] ? 0 : subnetS
    if (pointCluster[before] !== cluster) return timeS + migrationS + ((transitionS[cluster] as Float64Array)[opp] as number)
    if (state.opp !== opp) timeS += (transitionS[cluster] as Float64Array)[opp] as number
    return pointCores[before] === pointCores[action] ? timeS : timeS + coresS
  }

  return {
    spec,
    thermal,
    tailFactor,
    makeState: () => makePlantState(clusters.length, throttle.rules.length),
    settle(state, ambientTempC) {
      state.levels.fill(0)
      fillCaps(throttle.rules, state.levels, clusters, state.caps, state.visibleCaps)
      state.sincePollS = 0
      state.action = -1
      state.opp = -1
      state.dieTempC = ambientTempC
      // Leakage heats and heat leaks: a few rounds settle what is less than a watt.
      for (let round = 0; round < 20; round++) {
        let watts = 0
        for (let c = 0; c < clusters.length; c++) watts += otherW(c, 0, 0, warmth(state.dieTempC))
        thermal.settle(state, watts, ambientTempC + restC)
      }
    },
    load(state, world, action, quiet, out) {
      const c = pointCluster[action] as number
      const subnet = pointSubnet[action] as number
      const cap = state.caps[c] as number
      const wanted = pointOpp[action] as number
      const opp = wanted < cap ? wanted : cap
      const cell = (first[action] as number) + opp
      const share = world.interference[c] as number
      const speed = macsPerS[cell] as number
      const work = macs[subnet] as number
      const roofS = rooflineS(work, speed, share, movedB[subnet] as number, bandwidthBps[c] as number, world.bandwidthShare)
      const ownS = work / speed + (overheadS[cell] as number)
      // Of the cluster's time that inference has, what is left waits for memory.
      const stallS = roofS * (1 - share) - work / speed
      out.cluster = c
      out.opp = opp
      out.subnet = subnet
      // The overhead runs on the same cores, which others share.
      out.serviceS = (roofS + (overheadS[cell] as number) / (1 - share)) * world.slowdown
      out.busyJ = (dynamicW[cell] as number) * (ownS + (stallS > 0 ? stallActivity * stallS : 0)) * world.slowdown
      const warm = warmth(state.dieTempC)
      out.staticW = ((leakageW[c] as Float64Array)[opp] as number) * warm + (railBaseW[c] as number)
      if (wholeBoard) {
        out.staticW += boardBaseW
        for (let other = 0; other < clusters.length; other++) if (other !== c) out.staticW += otherW(other, 0, 0, warm)
      }
      out.sigma = Math.sqrt(jitter2 + jitterOfInterference2 * share * share)
      out.tailShare = tailShare + tailOfInterference * share
      out.switchS = quiet ? 0 : switchTime(state, action, c, opp)
      // One core does the changing over.
      out.switchJ = out.switchS * ((coreW[c] as Float64Array)[opp] as number)
    },
    expect(load, waitS, requirements, out) {
      fillExpected(load, tailFactor, accuracy[load.subnet] as number, waitS, requirements, out)
    },
    advance(state, world, action, load, { switchedJ, activeS, idleS, timeScale }) {
      const warm = warmth(state.dieTempC)
      const { cluster, opp } = load
      const roomC = world.ambientTempC + restC
      let watts = 0
      for (let c = 0; c < clusters.length; c++) if (c !== cluster) watts += otherW(c, world.interference[c] as number, state.caps[c] as number, warm)
      const share = world.interference[cluster] as number
      const coRunnersW = (coresOf[cluster] as number) * share * ((coreW[cluster] as Float64Array)[opp] as number)
      const railW = ((leakageW[cluster] as Float64Array)[opp] as number) * warm + (railBaseW[cluster] as number)
      thermal.advance(state, watts + railW + coRunnersW + switchedJ / activeS, roomC, activeS * timeScale)
      if (idleS > 0) thermal.advance(state, watts + otherW(cluster, share, state.caps[cluster] as number, warm), roomC, idleS * timeScale)
      state.action = action
      state.opp = opp
      state.sincePollS += (activeS + idleS) * timeScale
      if (state.sincePollS < throttle.pollS) return false
      const polls = Math.floor(state.sincePollS / throttle.pollS)
      state.sincePollS -= polls * throttle.pollS
      if (!pollThrottle(throttle.rules, state.levels, state.dieTempC, polls)) return false
      fillCaps(throttle.rules, state.levels, clusters, state.caps, state.visibleCaps)
      return true
    },
  }
}
