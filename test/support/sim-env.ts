import type { PlantKind } from '../../envs/sim/cells.ts'
import { date2020, type SimNetwork } from '../../envs/sim/network.ts'
import { specifyPlant } from '../../envs/sim/plant-spec.ts'
import { makeSimEnv, type SimEnv } from '../../envs/sim/sim-env.ts'
import { makeQuietWorld, type World, type WorldCluster } from '../../envs/world/world.ts'
import type { KnownBoard } from '../../src/board/known/schema.ts'
import { readShipped } from '../../src/board/known/shipped.ts'
import type { EnergyScope, Requirements } from '../../src/core/outcome.ts'
import { makeRng, type Rng } from '../../src/core/rng.ts'

export interface SimOptions {
  readonly board?: string | KnownBoard
  readonly network?: SimNetwork
  readonly plant?: PlantKind
  readonly energyScope?: EnergyScope
  readonly world?: (clusters: readonly WorldCluster[]) => World
  readonly requirements?: readonly Requirements[]
}

export function makeSim(options: SimOptions = {}): SimEnv {
  const { board = 'odroid-xu4', network = date2020, plant = 'nominal', energyScope, world = makeQuietWorld } = options
  const spec = specifyPlant(typeof board === 'string' ? readShipped(board) : board, network, { kind: plant, energyScope })
  return makeSimEnv({ spec, world: world(spec.board.clusters), requirements: options.requirements ?? [{ percentile: 99 }] })
}

/**
 * Everything at once, by the clock: co-runners that change place every two seconds, the last cluster taken away now and then, memory pressure, a hot room, slow drift,
 * faulty sensors, three phases of requirements (`requirements[0]` where there are fewer), Poisson arrivals.
 */
export function makeStormyWorld(clusters: readonly WorldCluster[]): World {
  let rng: Rng = makeRng(0)
  let arrived: number[] = []
  return {
    clusters,
    phases: [{}, {}, {}],
    queueLimit: 16,
    rateHz: 8,
    timeScale: 5,
    endS: Number.POSITIVE_INFINITY,
    reset(seed) {
      rng = makeRng(seed).fork('storm')
      arrived = []
    },
    at(timeS, out) {
      const beat = Math.floor(timeS / 2)
      for (const [c, { cores }] of clusters.entries()) {
        out.interference[c] = beat % (clusters.length + 1) === c ? 0.6 : 0
        out.availableCores[c] = c === clusters.length - 1 && beat % 5 === 4 ? (clusters.length > 1 ? 0 : 1) : cores
      }
      out.bandwidthShare = beat % 3 === 1 ? 0.5 : 0
      out.ambientTempC = 45
      out.slowdown = 1 + timeS / 1000
      out.tempFault = (['none', 'stale', 'jumping', 'missing'] as const)[beat % 4] ?? 'none'
      out.interferenceFault = (['none', 'missing', 'stale', 'jumping'] as const)[(beat >> 1) % 4] ?? 'none'
      out.phase = Math.floor(timeS / 3) % 3
    },
    arrivalS(k) {
      while (arrived.length <= k) arrived.push((arrived.at(-1) ?? 0) + rng.exponential() / 8)
      return arrived[k] as number
    },
  }
}
