import { observationDigits, quantise } from '../../src/core/quantise.ts'
import type { Spaces } from '../../src/core/spaces.ts'
import type { MeasuredTable } from '../../src/table/table.ts'
import type { WorldState } from '../world/world.ts'

/** Share of an inference that waits for memory. ASSUMED: a table cannot tell; for what others' use of the bandwidth costs. */
const memoryShare = 0.3
/** Something is always left, so that no latency is infinite. */
const mostShare = 0.99

/** What a table does not know of its points and a world needs: their cluster, and the cores that they take. */
export interface PointNeeds {
  /** Index into the table's clusters. */
  readonly cluster: Int32Array
  readonly cores: Int32Array
  /** Stays allowed when all others are impossible: fewest cores, then fastest. */
  readonly safe: number
}

/** Without a knob for it a point was measured with all cores of its cluster. */
export function pointNeeds({ knobs, points, clusters, latencyS }: MeasuredTable): PointNeeds {
  const clusterKnob = knobs.find((knob) => knob.kind === 'cluster')
  const coresKnob = knobs.find((knob) => knob.kind === 'cores')
  const cluster = Int32Array.from(points, (point) =>
    clusterKnob === undefined ? 0 : clusters.findIndex(({ id }) => id === String(point[clusterKnob.name])),
  )
  const cores = Int32Array.from(points, (point, a) => {
    const all = clusters[cluster[a] as number]?.cores as number
    const asked = coresKnob === undefined ? all : Number(point[coresKnob.name])
    return Number.isFinite(asked) ? Math.min(asked, all) : all
  })
  const safe = points.reduce((best, _, a) => {
    const fewer = (cores[a] as number) - (cores[best] as number)
    return fewer < 0 || (fewer === 0 && (latencyS[a] as number) < (latencyS[best] as number)) ? a : best
  }, 0)
  return { cluster, cores, safe }
}

/** Factor on the latency of a cluster's points: 1 / (1 - share) for the time that others take, the like for the bandwidth, and the board's own drift. */
export function slownessOf(world: WorldState, cluster: number): number {
  const share = Math.min(world.interference[cluster] as number, mostShare)
  const bandwidth = Math.min(world.bandwidthShare, mostShare)
  return (world.slowdown / (1 - share)) * (1 + (memoryShare * bandwidth) / (1 - bandwidth))
}

/** Writes what the monitors say of a world: interference and available cores per cluster, pressure; a table has no temperature. */
export interface Sensors {
  reset(): void
  /** `luck` in [0, 1) decides about jumping readings. No allocation. */
  read(world: WorldState, luck: number, observation: Float64Array): void
}

export function makeSensors(clusters: number, spaces: Spaces): Sensors {
  const held = new Float64Array(clusters)
  const pressureAt = spaces.monitors.findIndex(({ name }) => name === 'pressure')
  let heldPressure = 0
  return {
    reset() {
      held.fill(0)
      heldPressure = 0
    },
    read(world, luck, observation) {
      const fault = world.interferenceFault
      let worst = 0
      for (let c = 0; c < clusters; c++) {
        const share = world.interference[c] as number
        if (share > worst) worst = share
        observation[clusters + c] = world.availableCores[c] as number
        if (fault === 'missing') observation[c] = Number.NaN
        // Half of the readings are anything at all.
        else if (fault === 'jumping' && luck < 0.5) observation[c] = quantise((luck * 2 + c / clusters) % 1, observationDigits)
        else {
          if (fault !== 'stale') held[c] = quantise(share, observationDigits)
          observation[c] = held[c] as number
        }
      }
      // Who shares a core waits for it: the most crowded cluster stands for the board.
      if (fault !== 'stale') heldPressure = quantise(worst, observationDigits)
      observation[pressureAt] = fault === 'missing' ? Number.NaN : heldPressure
    },
  }
}
