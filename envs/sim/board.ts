import { oppPowerW } from '../../src/board/known/power.ts'
import type { KnownBoard, KnownCluster } from '../../src/board/known/schema.ts'
import { simulatable } from '../../src/board/known/simulatable.ts'
import { FlyballError } from '../../src/core/errors.ts'
import type { EnergyScope } from '../../src/core/outcome.ts'
import { constants } from './constants.ts'
import { clusterFits, coreTypes } from './core-types.ts'
import { fittedLeakageOf, fittedThermalOf, leakageGrowth } from './physics/constants.ts'
import { leakagePowerW, leakageRefTempC } from './physics/power.ts'

/** A CPU cluster as the simulator needs it. Arrays run over all its OPPs, ascending. A core at f is as fast as `capacity` f / `topHz`. */
export interface SimCluster {
  readonly id: string
  readonly cores: number
  /** Speed of one core at `topHz`, 1 for the board's fastest. */
  readonly capacity: number
  /** The highest clock without turbo. */
  readonly topHz: number
  readonly freqHz: readonly number[]
  /** 1 where unknown: then it is in the power already. */
  readonly voltageV: readonly number[]
  /** One busy core, as the board file says. */
  readonly coreW: readonly number[]
  readonly transitionS: readonly number[]
  readonly bandwidthBps: number
  readonly macsPerCycle: number
  /** Of inference, beside what `coreW` was found with. */
  readonly activity: number
  /** At 1 V and 25 C. */
  readonly leakageW: number
  readonly railBaseW: number
}

export interface SimBoard {
  readonly id: string
  readonly clusters: readonly SimCluster[]
  /** Beside the clusters' rails, for energy of the whole board. */
  readonly boardBaseW: number
  /** Scopes whose energy the board could measure. */
  readonly measuredScopes: readonly EnergyScope[]
  /** What to know of the figures. */
  readonly labels: readonly string[]
}

/** The board with what is assumed filled in. Throws ERR_UNKNOWN_BOARD naming every field that is missing. */
export function simBoardOf(board: KnownBoard): SimBoard {
  const { ok, missing } = simulatable(board)
  if (!ok)
    throw new FlyballError(
      'ERR_UNKNOWN_BOARD',
      `${board.id} cannot be simulated: ${missing.map(({ field, what }) => `${field}: ${what}`).join('; ')}`,
    )
  const cpus = board.clusters.filter(({ kind }) => kind === 'cpu')
  const speeds = speedsOf(cpus)
  const fastest = speeds.indexOf(Math.max(...speeds))
  const capacities = speeds.map((speed) => speed / (speeds[fastest] as number))
  const anchor = anchorOf(cpus[fastest] as KnownCluster)
  const ids = cpus.map(({ id }) => id)
  return {
    id: board.id,
    clusters: cpus.map((cluster, c) => clusterOf(cluster, capacities[c] as number, anchor, board)),
    boardBaseW: Math.min(...(board.basePower?.map(({ powerW }) => powerW) ?? [fittedThermalOf(board.id)?.restW ?? constants.boardBaseW.value])),
    measuredScopes: [
      ...(ids.every((id) => board.sensors?.some(({ of }) => of.includes(id))) ? (['rail'] as const) : []),
      ...(board.sensors?.some(({ of }) => of.includes('board') || of.includes('module')) ? (['board'] as const) : []),
    ],
    labels: [
      ids.every((id) => clusterFits[`${board.id}/${id}`] !== undefined)
        ? 'speed and power fitted to the cells of the DATE 2020 paper, as recalled'
        : 'speed and leakage assumed by core type',
    ],
  }
}

/** Highest clock without turbo: that at which a capacity is stated. */
const topHzOf = ({ opps }: KnownCluster): number => (opps.findLast(({ turbo }) => turbo !== true) ?? opps.at(-1))?.freqHz as number

/** Of one core at the top, in any unit. Without a capacity, which `simulatable` lets pass where all cores are of one type, they differ in clock alone. */
const speedsOf = (cpus: readonly KnownCluster[]): number[] =>
  cpus.every(({ capacity }) => capacity !== undefined) ? cpus.map(({ capacity }) => capacity as number) : cpus.map(topHzOf)

/** MACs in a second of one core of the fastest cluster at its top. */
const anchorOf = (fastest: KnownCluster): number =>
  (coreTypes[fastest.coreType ?? '']?.macsPerCycle ?? constants.macsPerCycle.value) * topHzOf(fastest)

function clusterOf(cluster: KnownCluster, capacity: number, anchorMacsPerS: number, board: KnownBoard): SimCluster {
  const { opps } = cluster
  const fit = clusterFits[`${board.id}/${cluster.id}`]
  const topHz = topHzOf(cluster)
  const coreW = opps.map((opp) => oppPowerW(cluster, opp) as number)
  const cores = cluster.cpus.length
  const activity = fit?.activity ?? constants.activity.value
  const fullW = (coreW.at(-1) as number) * cores * activity
  const voltageV = opps.map((opp) => opp.voltageV ?? 1)
  const perTopW = 1 / leakagePowerW(1, leakageGrowth.perK, voltageV.at(-1) as number, leakageRefTempC, leakageGrowth.perV)
  return {
    id: cluster.id,
    cores,
    capacity,
    topHz,
    freqHz: opps.map((opp) => opp.freqHz),
    voltageV,
    coreW,
    transitionS: opps.map((opp) => opp.transitionS ?? cluster.transitionS ?? constants.transitionS.value),
    bandwidthBps: bandwidthOf(cluster, capacity, board),
    macsPerCycle: fit?.macsPerCycle ?? (anchorMacsPerS * capacity) / topHz,
    activity,
    leakageW: fittedLeakageOf(board.id, cluster.id)?.coefficientW ?? fit?.leakageW ?? constants.leakageShare.value * fullW * perTopW,
    railBaseW: fit?.railBaseW ?? constants.railBaseShare.value * fullW,
  }
}

/** Best copy of one core, which its cluster shares; where there is no figure, the others' times its capacity (assumed), or a share of a rated memory. */
function bandwidthOf({ id }: KnownCluster, capacity: number, board: KnownBoard): number {
  const rows = board.memory?.bandwidth ?? []
  const best = (kind: string, cluster?: string): number =>
    Math.max(...rows.filter((row) => row.kind === kind && (cluster === undefined || row.cluster === cluster)).map((row) => row.bandwidthBps))
  for (const kind of ['memcpy', 'memset', 'memchr']) {
    const own = best(kind, id)
    if (own > 0) return own
  }
  const others = ['memcpy', 'memset', 'memchr'].map((kind) => best(kind)).find((value) => value > 0)
  return others === undefined ? best('rated') * constants.ratedShare.value : others * capacity
}
