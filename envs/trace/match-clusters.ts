import type { ScenarioCluster } from '../world/scenario/clusters.ts'
import type { LoggedWorld } from './logged-world.ts'

/** Which logged cluster tells of each cluster here; -1: none does, nobody disturbs it. */
export interface ClusterMatch {
  readonly logged: readonly number[]
  readonly by: 'id' | 'order' | 'speed'
}

/**
 * By id where every logged cluster is here, else one by one in order where there are as many. Else by speed: the fastest as the fastest, the slowest as the slowest, one between them as the logged one
 * nearest in rank, the faster of two; a single cluster as the fastest logged.
 */
export function matchClusters({ clusters: logged }: Pick<LoggedWorld, 'clusters'>, clusters: readonly ScenarioCluster[]): ClusterMatch {
  const ids = logged.map(({ id }) => id)
  if (ids.every((id) => clusters.some((cluster) => cluster.id === id))) return { logged: clusters.map(({ id }) => ids.indexOf(id)), by: 'id' }
  if (ids.length === clusters.length) return { logged: clusters.map((_, c) => c), by: 'order' }
  const there = bySpeed(logged)
  const here = bySpeed(clusters)
  const last = clusters.length - 1
  return {
    logged: clusters.map((_, c) => there[last === 0 ? there.length - 1 : Math.round((here.indexOf(c) / last) * (there.length - 1))] as number),
    by: 'speed',
  }
}

/** Indices, the slowest first; of equals the last, as in scenarios. */
const bySpeed = (clusters: readonly { readonly speed: number }[]): number[] =>
  [...clusters.keys()].sort((a, b) => (clusters[a]?.speed as number) - (clusters[b]?.speed as number) || b - a)
