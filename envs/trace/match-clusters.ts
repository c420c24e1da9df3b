import { FlyballError } from '../../src/core/errors.ts'
import type { WorldCluster } from '../world/world.ts'
import type { LoggedWorld } from './logged-world.ts'

/** Which logged cluster tells of each cluster here; -1: none does, nobody disturbs it. */
export interface ClusterMatch {
  readonly logged: readonly number[]
  readonly by: 'id' | 'order'
}

/** By id where every logged cluster is here, else one by one in order where there are as many. Throws ERR_TRACE_MISMATCH, which names both sides. */
export function matchClusters({ name, clusters: logged }: LoggedWorld, clusters: readonly WorldCluster[]): ClusterMatch {
  const ids = logged.map(({ id }) => id)
  if (ids.every((id) => clusters.some((cluster) => cluster.id === id))) return { logged: clusters.map(({ id }) => ids.indexOf(id)), by: 'id' }
  if (ids.length === clusters.length) return { logged: clusters.map((_, c) => c), by: 'order' }
  throw new FlyballError(
    'ERR_TRACE_MISMATCH',
    `${name} tells of ${ids.join(', ')}, the board has ${clusters.map(({ id }) => id).join(', ')}: expected clusters of the same names, or as many`,
  )
}
