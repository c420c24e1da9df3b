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
