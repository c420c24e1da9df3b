import { monitorsOf } from '../../src/core/monitors.ts'
import { type Knob, makeSpaces, type OperatingPoint, type Spaces } from '../../src/core/spaces.ts'
import type { Network } from '../../src/network/manifest.ts'
import { costShares } from '../../src/network/manifest-rules.ts'
import type { GovernedCluster } from './clusters.ts'

/** What executing an action means; parallel to `spaces.points`. */
export interface PlannedPoint {
  readonly subnet: number
  readonly cluster: number
  readonly cores: number
  /** Index into the cluster's levels. */
  readonly level: number
}

export interface Plan {
  readonly spaces: Spaces
  readonly planned: readonly PlannedPoint[]
}

/** Value of a cluster's frequency knob while another cluster works: the kernel's own governor has it, within its own limits. */
export const free = 'free'

export const frequencyKnob = (cluster: GovernedCluster): string => `${cluster.id}.${cluster.frequency === 'clamp' ? 'freqHz' : 'speed'}`

/** Every sub-network on every cluster, number of cores and frequency level. `powerW[cluster][level]` is the energy model's power of one busy core, W. */
export function planPoints(network: Network, clusters: readonly GovernedCluster[], lanes: number, powerW: readonly (readonly number[])[]): Plan {
  const subnets = network.manifest.subnets
  const coreCounts = clusters.map((cluster) => counts(Math.min(cluster.cpus.length, lanes)))
  const clocked = clusters.filter((cluster) => cluster.levels.length > 1)
  const knobs: Knob[] = [
    { name: 'subnet', kind: 'subnet', values: subnets.map((subnet) => subnet.name) },
    { name: 'cluster', kind: 'cluster', values: clusters.map((cluster) => cluster.id) },
    { name: 'cores', kind: 'cores', values: [...new Set(coreCounts.flat())].sort((a, b) => a - b) },
    ...clocked.map(
      (cluster): Knob => ({
        name: frequencyKnob(cluster),
        kind: 'frequency',
        domain: cluster.id,
        ...(cluster.frequency === 'clamp' ? { unit: 'Hz' } : {}),
        values: [...cluster.levels.map((level) => level.value), free],
      }),
    ),
  ]

  const points: OperatingPoint[] = []
  const features: number[][] = []
  const planned: PlannedPoint[] = []
  const shares = costShares(subnets)
  clusters.forEach((cluster, c) => {
    for (let s = 0; s < subnets.length; s++)
      for (const cores of coreCounts[c] as number[])
        cluster.levels.forEach((level, l) => {
          const frequencies = clocked.map((other) => [frequencyKnob(other), other === cluster ? level.value : free])
          points.push({ subnet: subnets[s]?.name as string, cluster: cluster.id, cores, ...Object.fromEntries(frequencies) })
          planned.push({ subnet: s, cluster: c, cores, level: l })
          features.push([
            shares[s] as number,
            cores,
            ...clusters.map((other) => (other === cluster ? 1 / level.speed : 0)),
            ...clusters.map((other) => (other === cluster ? (powerW[c]?.[l] as number) : 0)),
          ])
        })
  })
  const featureNames = ['macShare', 'cores', ...clusters.map(({ id }) => `${id}.invSpeed`), ...clusters.map(({ id }) => `${id}.powerW`)]
  return {
    spaces: makeSpaces({ knobs, points, featureNames, features, monitors: monitorsOf(clusters.map(({ id, cpus }) => ({ id, cores: cpus.length }))) }),
    planned,
  }
}

/** 1, 2, 4, … and all. */
function counts(most: number): number[] {
  const result = [most]
  for (let n = 1; n < most; n *= 2) result.push(n)
  return result.sort((a, b) => a - b)
}

/** The point that stands in for an ungoverned program: the largest sub-network, all cores, highest clock of the most capable cluster. */
export function incumbentOf({ planned }: Plan, clusters: readonly GovernedCluster[]): number {
  const ranks = planned.map(({ subnet, cluster, cores, level }) => [subnet, clusters[cluster]?.levels[level]?.speed ?? 1, cores, cluster])
  let best = 0
  ranks.forEach((rank, a) => {
    const differs = rank.findIndex((value, i) => value !== ranks[best]?.[i])
    if (differs >= 0 && (rank[differs] as number) > (ranks[best]?.[differs] as number)) best = a
  })
  return best
}
