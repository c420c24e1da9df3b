import type { ObjectiveKind } from '../../src/core/objective.ts'
import type { NominalOutcome, Spaces } from '../../src/core/spaces.ts'
import type { Deadline } from '../../src/core/units.ts'

/** A cluster that a world acts on. */
export interface WorldCluster {
  readonly id: string
  readonly cores: number
}

/** How a sensor behaves now: as it should, holding an old value, jumping by chance, or silent. */
export type SensorFault = 'none' | 'stale' | 'jumping' | 'missing'

/** The outside world at one moment. Reused. Clusters in the order of `World.clusters`. */
export interface WorldState {
  /** Share of each cluster's CPU time that others take, in [0, 1). */
  readonly interference: Float64Array
  /** Cores of each cluster that the governor may use; 0: the whole cluster is gone. */
  readonly availableCores: Int32Array
  /** Share of the memory bandwidth that others take, in [0, 1). */
  bandwidthShare: number
  ambientTempC: number
  /** Factor on the latency of every point: 1 as new, 1.33 a board that has slowed down by a third. */
  slowdown: number
  /** Of the temperature sensor, and of the interference monitors. */
  tempFault: SensorFault
  interferenceFault: SensorFault
  /** Index into `World.phases`: which requirements hold. */
  phase: number
}

/** What is asked from some moment on, over what was asked at the start; null takes a requirement back, undefined leaves it as it is at the start. */
export interface RequirementChange {
  readonly deadline?: Deadline | null | undefined
  readonly percentile?: number | undefined
  readonly energyBudgetJ?: number | null | undefined
  readonly accuracyFloor?: number | null | undefined
  readonly leastConfidence?: number | null | undefined
}

/**
 * The outside world of an environment: what other programs, heat, lost cores, the stream of requests and the application's wishes do, whatever the governor
 * does. Seeded: the same seed gives the same world to every agent. From a scenario, or from a trace.
 */
export interface World {
  readonly clusters: readonly WorldCluster[]
  /** What is asked, phase by phase; phase 0 is the start, usually {}. Resolved to requirements by whoever knows what the points can do. */
  readonly phases: readonly RequirementChange[]
  /** What the application minimises, where the scenario says so. */
  readonly objective?: ObjectiveKind | undefined
  /** At most so many requests wait while one is answered; when another comes, the oldest of them is dropped. 0: what comes meanwhile is lost. */
  readonly queueLimit: number
  /** Mean requests per second, 1/s; undefined: back to back. */
  readonly rateHz: number | undefined
  /** Seconds of this world and of heat that pass in a second of requests: an hour of drift need not be an hour of requests. */
  readonly timeScale: number
  /** Begins anew. */
  reset(seed: number): void
  /** Writes the world at `timeS` (s of requests since reset, ascending between resets) into `out`. No allocation. */
  at(timeS: number, out: WorldState): void
  /** Arrival of request k (0, 1, …), s since reset, ascending; NaN where the next request comes with the answer to the last (back to back). No allocation. */
  arrivalS(k: number): number
  /** The world ends here, s of requests since reset; infinite for one that repeats. */
  readonly endS: number
}

/** Where a world is put: a simulated board, a measured table. */
export interface WorldSite {
  readonly clusters: readonly WorldCluster[]
  readonly spaces: Spaces
  /** What every point is expected to give on the quiet board. */
  readonly nominal: readonly NominalOutcome[]
  /** Of a board that requirements may have been stated for. */
  readonly boardId?: string | undefined
  /**
   * Air, degC, that leaves the fastest point of full size so much of its heat below the last trip that throttles: 1, and it just gets there; 0, and nothing may work. Left out where that is not known.
   */
  readonly airTempC?: ((headroom: number) => number) | undefined
}

/** Puts a world there, a new one each time: worlds remember where they are. */
export type WorldMaker = (site: WorldSite) => World

export function makeWorldState(clusters: readonly WorldCluster[]): WorldState {
  return {
    interference: new Float64Array(clusters.length),
    availableCores: Int32Array.from(clusters, ({ cores }) => cores),
    bandwidthShare: 0,
    ambientTempC: defaultAmbientTempC,
    slowdown: 1,
    tempFault: 'none',
    interferenceFault: 'none',
    phase: 0,
  }
}

/** Where nothing says how many may wait. Assumed. */
export const defaultQueueLimit = 16

/** A room. Assumed. */
export const defaultAmbientTempC = 25

/** Nobody else, every core there, back to back. Fresh state writes itself: `at` only has to undo what another world wrote. */
export function makeQuietWorld(clusters: readonly WorldCluster[], rateHz?: number): World {
  return {
    clusters,
    phases: [{}],
    queueLimit: defaultQueueLimit,
    rateHz,
    timeScale: 1,
    endS: Number.POSITIVE_INFINITY,
    reset() {},
    at(_timeS, out) {
      for (let c = 0; c < clusters.length; c++) {
        out.interference[c] = 0
        out.availableCores[c] = (clusters[c] as WorldCluster).cores
      }
      out.bandwidthShare = 0
      out.ambientTempC = defaultAmbientTempC
      out.slowdown = 1
      out.tempFault = 'none'
      out.interferenceFault = 'none'
      out.phase = 0
    },
    arrivalS: (k) => (rateHz === undefined ? Number.NaN : k / rateHz),
  }
}
