import type { GovernedCluster } from './clusters.ts'
import type { FrequencyControl } from './frequency.ts'
import type { Placement } from './placement.ts'
import type { PlannedPoint } from './points.ts'
import type { Sense } from './sense.ts'

/** Puts an operating point into force. */
export interface Actuate {
  /** True when a knob moved; without system calls when neither the point nor the available cores changed, but for a thread that rested. */
  apply(action: number): boolean
  /** Speed at which the lanes pace themselves at the point in force, (0, 1]. */
  speed(): number
}

// Another core must be this much quieter before a lane moves: a migration costs more than a little interference.
const leastGain = 0.25

export function makeActuate(
  planned: readonly PlannedPoint[],
  clusters: readonly GovernedCluster[],
  sense: Pick<Sense, 'available' | 'version'>,
  /** Share of each core that others take. */
  interference: Float64Array,
  placement: Pick<Placement, 'place'>,
  frequency: Pick<FrequencyControl, 'set' | 'speed'>,
): Actuate {
  const most = Math.max(...clusters.map((cluster) => cluster.cpus.length))
  const chosen = new Int32Array(most).fill(-1)
  const held = new Int32Array(most).fill(-1)
  const inUse = new Uint8Array(interference.length)
  let chosenCount = 0
  let action = -1
  let version = -1

  /** What a core costs: what others take of it, less a bonus for being in use already. */
  const load = (cpu: number): number => (Number.isNaN(interference[cpu]) ? 0 : (interference[cpu] as number)) - (inUse[cpu] === 1 ? leastGain : 0)

  /** A core that stays keeps its lane: two lanes that swapped cores would be two migrations for nothing. */
  const keepLanes = (heldCount: number): void => {
    for (let lane = 0; lane < Math.min(heldCount, chosenCount); lane++)
      for (let i = 0; i < chosenCount; i++) {
        if (chosen[i] !== held[lane]) continue
        chosen[i] = chosen[lane] as number
        chosen[lane] = held[lane] as number
        break
      }
  }

  /** The quietest available cores of the cluster, by insertion into `chosen`; whatever is left on the board when the cluster has none. */
  const chooseCores = (cluster: GovernedCluster, n: number): void => {
    inUse.fill(0)
    for (let i = 0; i < chosenCount; i++) inUse[chosen[i] as number] = 1
    held.set(chosen)
    const heldCount = chosenCount
    chosenCount = 0
    for (const cpu of cluster.cpus) {
      if (sense.available[cpu] !== 1) continue
      let at = chosenCount
      while (at > 0 && load(chosen[at - 1] as number) > load(cpu)) {
        if (at < n) chosen[at] = chosen[at - 1] as number
        at--
      }
      if (at >= n) continue
      chosen[at] = cpu
      if (chosenCount < n) chosenCount++
    }
    keepLanes(heldCount)
    if (chosenCount > 0) return
    const last = sense.available.indexOf(1)
    chosen[0] = last < 0 ? (cluster.cpus[0] as number) : last
    chosenCount = 1
  }

  return {
    apply(next) {
      const point = planned[next] as PlannedPoint
      const cluster = clusters[point.cluster] as GovernedCluster
      const choosable = point.cores < cluster.cpus.length
      if (next === action && version === sense.version() && !choosable) return placement.place(chosen, chosenCount)
      const before = action < 0 ? undefined : planned[action]
      action = next
      version = sense.version()
      chooseCores(cluster, point.cores)
      const moved = placement.place(chosen, chosenCount)
      const clocked = frequency.set(point.cluster, point.level, point.cores)
      return moved || clocked || before === undefined || before.subnet !== point.subnet || before.level !== point.level
    },
    speed: () => frequency.speed(),
  }
}
