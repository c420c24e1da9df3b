import type { KnownBoard } from '../../src/board/known/schema.ts'
import type { ExpectedOutcome } from '../../src/core/env.ts'
import { logNormalExceeds } from '../../src/core/normal.ts'
import type { EnergyScope, Requirements } from '../../src/core/outcome.ts'
import { makeRng } from '../../src/core/rng.ts'
import type { WorldState } from '../world/world.ts'
import { type SimBoard, simBoardOf } from './board.ts'
import { makeCells, type PlantKind } from './cells.ts'
import { constants } from './constants.ts'
import { bendCooling, coolingOf } from './cooling.ts'
import type { SimNetwork, SimSubnet } from './network.ts'
import { rooflineS } from './physics/latency.ts'
import { leakagePowerW } from './physics/power.ts'
import { makeThermalNetwork, type ThermalNetwork, type ThermalState } from './physics/thermal.ts'
import { planSimPoints, type SimPlan } from './points.ts'
import { fillCaps, pollThrottle, type Throttle, throttleOf } from './throttle.ts'

/** Everything about a simulated board that hangs on what was done before. Reused; the planner keeps its own. */
export interface PlantState extends ThermalState {
  /** OPP steps that each throttle rule takes. */
  readonly levels: Int32Array
  /** Highest OPP of each cluster: that it runs at, and that the kernel shows. */
  readonly caps: Int32Array
  readonly visibleCaps: Int32Array
  /** Since the kernel last looked at the temperature, s of heat. */
  sincePollS: number
  /** The last action and the OPP it ran at; -1 before the first. */
  action: number
  opp: number
}

/** One inference about to start, at the current hidden state, before jitter. Reused. */
export interface Load {
  cluster: number
  opp: number
  subnet: number
  /** Changing over from the last action, s. */
  switchS: number
  switchJ: number
  /** Of the inference itself, s. */
  serviceS: number
  /** Switching energy of the cores that work for it, J. */
  busyJ: number
  /** What the rail draws meanwhile all the same, W: leakage and base. */
  staticW: number
  /** Standard deviation of the logarithm of the jitter, whose mean is 1. */
  sigma: number
  /** Probability that it takes `tailFactor` times as long. */
  tailShare: number
}

/**
 * The plant of a simulated board. Pure: it knows no time and no chance, all that changes is in the states handed over. The environment draws jitter and tail around
 * it; a planner calls `meanStep`.
 */
export interface Plant {
  readonly board: SimBoard
  readonly network: SimNetwork
  readonly plan: SimPlan
  readonly throttle: Throttle
  readonly thermal: ThermalNetwork
  readonly tailFactor: number
  makeState(): PlantState
  /** Idle for ever at this ambient temperature, nothing throttled, nothing done. */
  settle(state: PlantState, ambientTempC: number): void
  /** What executing `action` would start now. `quiet`: without the cost of changing over. No allocation. */
  load(state: PlantState, world: WorldState, action: number, quiet: boolean, out: Load): void
  /** Means over jitter and tail; `waitS`: in the queue before. No allocation. */
  expect(load: Load, waitS: number, requirements: Requirements, out: ExpectedOutcome): void
  /** Executes: the board works for `activeS` and rests for `idleS`, s of requests, `timeScale` times as much of heat. True when a cap moved. */
  advance(state: PlantState, world: WorldState, action: number, load: Load, activeS: number, idleS: number, timeScale: number): boolean
  /**
   * The mean model, for planners: what `action` is expected to give at this world and state (temperatures, throttle, last action), and the state moved on to the next
   * decision `durationS` later (NaN: back to back, when the answer is there), as if everything took its mean. `waitS`: in the queue before. Copy a state with
   * `copyState` to try another action from it. No allocation.
   */
  meanStep(
    state: PlantState,
    world: WorldState,
    action: number,
    requirements: Requirements,
    durationS: number,
    waitS: number,
    timeScale: number,
    out: ExpectedOutcome,
  ): void
}

/** A board, a network and what is to be known of their figures: from this each seed's plant is made. */
export interface PlantSpec {
  readonly known: KnownBoard
  readonly board: SimBoard
  readonly network: SimNetwork
  readonly plan: SimPlan
  readonly kind: PlantKind
  readonly energyScope: EnergyScope
}

export interface PlantOptions {
  readonly kind: PlantKind
  /** Default `rail`: that of the cluster that works. `board`: all rails and what else the board draws. */
  readonly energyScope?: EnergyScope | undefined
  /** Most OPPs of a cluster. */
  readonly mostLevels?: number | undefined
}

/** Throws ERR_UNKNOWN_BOARD where the board file says too little. */
export function specifyPlant(known: KnownBoard, network: SimNetwork, { kind, energyScope = 'rail', mostLevels }: PlantOptions): PlantSpec {
  const board = simBoardOf(known)
  return { known, board, network, kind, energyScope, plan: planSimPoints(network, board, mostLevels) }
}

export function copyState(from: PlantState, to: PlantState): void {
  to.dieTempC = from.dieTempC
  to.caseTempC = from.caseTempC
  to.levels.set(from.levels)
  to.caps.set(from.caps)
  to.visibleCaps.set(from.visibleCaps)
  to.sincePollS = from.sincePollS
  to.action = from.action
  to.opp = from.opp
}

export const makeLoad = (): Load => ({
  cluster: 0,
  opp: 0,
  subnet: 0,
  switchS: 0,
  switchJ: 0,
  serviceS: 0,
  busyJ: 0,
  staticW: 0,
  sigma: 0,
  tailShare: 0,
})

/** The plant of `seed`; the nominal one is the same for all. */
export function makePlant({ known, board, network, plan, kind, energyScope }: PlantSpec, seed: number): Plant {
  const bend = kind === 'perturbed' ? makeRng(seed).fork('plant') : undefined
  const { clusters } = board
  const cells = makeCells(board, network, plan, bend)
  const throttle = throttleOf(known, clusters)
  const { parameters } = coolingOf(known, board, throttle)
  const thermal = makeThermalNetwork(bend === undefined ? parameters : bendCooling(parameters, bend))
  const { first, macsPerS, overheadS, dynamicW, bandwidthBps, leakageW, coreW } = cells
  const { points } = plan
  const pointCluster = Int32Array.from(points, ({ cluster }) => cluster)
  const pointSubnet = Int32Array.from(points, ({ subnet }) => subnet)
  const pointCores = Int32Array.from(points, ({ cores }) => cores)
  const pointOpp = Int32Array.from(points, ({ opp }) => opp)
  const macs = Float64Array.from(network.subnets, (subnet) => subnet.macs)
  const movedB = Float64Array.from(network.subnets, (subnet) => subnet.movedB)
  const accuracy = Float64Array.from(network.subnets, (subnet: SimSubnet) => subnet.accuracy)
  const voltageV = clusters.map((cluster) => Float64Array.from(cluster.voltageV))
  const freqHz = clusters.map((cluster) => Float64Array.from(cluster.freqHz))
  const transitionS = clusters.map((cluster) => Float64Array.from(cluster.transitionS))
  const railBaseW = Float64Array.from(clusters, (cluster) => cluster.railBaseW)
  const coresOf = Int32Array.from(clusters, ({ cores }) => cores)
  const wholeBoard = energyScope === 'board'
  const { boardBaseW } = board
  const leakagePerK = constants.leakagePerK.value
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

  const leakageFactor = (tempC: number): number => leakagePowerW(1, leakagePerK, 1, tempC < hottestC ? tempC : hottestC)

  /** OPP that the kernel's governor gives a cluster for its co-runners, and no higher than its cap. */
  const coRunnerOpp = (c: number, share: number, cap: number): number => {
    const table = freqHz[c] as Float64Array
    const wantedHz = schedutilMargin * share * (table[table.length - 1] as number)
    let opp = 0
    while (opp < cap && (table[opp] as number) < wantedHz) opp++
    return opp
  }

  /** Leakage and base of a cluster that inference does not use, W, and what its co-runners switch. */
  const otherW = (c: number, share: number, cap: number, factor: number): number => {
    const watts = railBaseW[c] as number
    const leakW = (leakageW[c] as number) * factor
    if (share <= 0) return idleShare * (watts + leakW * ((voltageV[c] as Float64Array)[0] as number))
    const opp = coRunnerOpp(c, share, cap)
    return (
      watts + leakW * ((voltageV[c] as Float64Array)[opp] as number) + (coresOf[c] as number) * share * ((coreW[c] as Float64Array)[opp] as number)
    )
  }

  const plant: Plant = {
    board,
    network,
    plan,
    throttle,
    thermal,
    tailFactor,
    makeState: () => ({
      dieTempC: constants.roomTempC.value,
      caseTempC: constants.roomTempC.value,
      levels: new Int32Array(throttle.rules.length),
      caps: new Int32Array(clusters.length),
      visibleCaps: new Int32Array(clusters.length),
      sincePollS: 0,
      action: -1,
      opp: -1,
    }),
    settle(state, ambientTempC) {
      state.levels.fill(0)
      fillCaps(throttle.rules, state.levels, clusters, state.caps, state.visibleCaps)
      state.sincePollS = 0
      state.action = -1
      state.opp = -1
      let tempC = ambientTempC
      // Leakage heats and heat leaks: a few rounds settle what is a watt or less.
      for (let round = 0; round < 20; round++) {
        let watts = 0
        for (let c = 0; c < clusters.length; c++) watts += otherW(c, 0, 0, leakageFactor(tempC))
        thermal.settle(state, watts, ambientTempC)
        tempC = state.dieTempC
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
      const watts = dynamicW[cell] as number
      const workS = work / speed
      // Of the cluster's time that inference has, the rest is spent waiting for memory.
      const stallS = roofS * (1 - share) - workS
      out.cluster = c
      out.opp = opp
      out.subnet = subnet
      out.serviceS = (roofS + (overheadS[cell] as number)) * world.slowdown
      out.busyJ = watts * (workS + (overheadS[cell] as number) + (stallS > 0 ? stallActivity * stallS : 0)) * world.slowdown
      const volts = (voltageV[c] as Float64Array)[opp] as number
      const factor = leakageFactor(state.dieTempC)
      out.staticW = (leakageW[c] as number) * volts * factor + (railBaseW[c] as number)
      if (wholeBoard) {
        out.staticW += boardBaseW
        for (let other = 0; other < clusters.length; other++) if (other !== c) out.staticW += otherW(other, 0, 0, factor)
      }
      out.sigma = Math.sqrt(jitter2 + jitterOfInterference2 * share * share)
      out.tailShare = tailShare + tailOfInterference * share
      let switchS = 0
      const before = state.action
      if (before >= 0 && before !== action && !quiet) {
        if (pointCluster[before] !== c) switchS += migrationS + ((transitionS[c] as Float64Array)[opp] as number)
        else {
          if (state.opp !== opp) switchS += (transitionS[c] as Float64Array)[opp] as number
          if (pointCores[before] !== pointCores[action]) switchS += coresS
        }
        if (pointSubnet[before] !== subnet) switchS += subnetS
      }
      out.switchS = switchS
      // One core does the changing over.
      out.switchJ = switchS === 0 ? 0 : switchS * ((coreW[c] as Float64Array)[opp] as number)
    },
    expect(load, waitS, requirements, out) {
      const { switchS, switchJ, serviceS, busyJ, staticW, sigma, tailShare: tail } = load
      const latencyS = switchS + serviceS * (1 + tail * (tailFactor - 1))
      out.latencyS = waitS + latencyS
      out.energyJ = busyJ + switchJ + staticW * latencyS
      out.accuracy = accuracy[load.subnet] as number
      out.confidence = Number.NaN
      out.missRatio = 0
      out.brokenRatio = 0
      const { deadlineS, energyBudgetJ } = requirements
      if (deadlineS === undefined && energyBudgetJ === undefined) return
      const mu = (-sigma * sigma) / 2
      // The jitter beyond which the deadline is missed, and the budget is overdrawn, without and with the tail.
      const late = deadlineS === undefined ? Number.POSITIVE_INFINITY : (deadlineS - waitS - switchS) / serviceS
      const usual = logNormalExceeds(late, mu, sigma)
      const slow = logNormalExceeds(late / tailFactor, mu, sigma)
      out.missRatio = usual + tail * (slow - usual)
      out.brokenRatio = out.missRatio
      if (energyBudgetJ === undefined) return
      const left = energyBudgetJ - switchJ - staticW * switchS
      const dear = left / (busyJ + staticW * serviceS)
      const dearTail = left / (busyJ + staticW * serviceS * tailFactor)
      const usualBroken = dear < late ? logNormalExceeds(dear, mu, sigma) : usual
      const slowBroken = dearTail < late / tailFactor ? logNormalExceeds(dearTail, mu, sigma) : slow
      out.brokenRatio = usualBroken + tail * (slowBroken - usualBroken)
    },
    advance(state, world, action, load, activeS, idleS, timeScale) {
      const factor = leakageFactor(state.dieTempC)
      const { cluster, opp } = load
      let others = 0
      for (let c = 0; c < clusters.length; c++)
        if (c !== cluster) others += otherW(c, world.interference[c] as number, state.caps[c] as number, factor)
      const share = world.interference[cluster] as number
      const volts = (voltageV[cluster] as Float64Array)[opp] as number
      const coRunnersW = (coresOf[cluster] as number) * share * ((coreW[cluster] as Float64Array)[opp] as number)
      const ownW = (leakageW[cluster] as number) * volts * factor + (railBaseW[cluster] as number)
      thermal.advance(state, others + ownW + coRunnersW + load.busyJ / load.serviceS, world.ambientTempC, activeS * timeScale)
      if (idleS > 0)
        thermal.advance(state, others + otherW(cluster, share, state.caps[cluster] as number, factor), world.ambientTempC, idleS * timeScale)
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
    meanStep(state, world, action, requirements, durationS, waitS, timeScale, out) {
      plant.load(state, world, action, false, scratch)
      plant.expect(scratch, waitS, requirements, out)
      const activeS = out.latencyS - waitS
      const idleS = durationS > activeS ? durationS - activeS : 0
      plant.advance(state, world, action, scratch, activeS, idleS, timeScale)
    },
  }
  const scratch = makeLoad()
  return plant
}
