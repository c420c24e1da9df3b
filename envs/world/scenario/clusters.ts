import { FlyballError } from '../../../src/core/errors.ts'
import type { WorldCluster } from '../world.ts'
import { roles } from './schema.ts'

/** A cluster that a scenario may name by what it is beside the others. */
export interface ScenarioCluster extends WorldCluster {
  /** Of the whole cluster at its best, in any unit: tells the fastest and the slowest. */
  readonly speed: number
}

/** Indices of the clusters that a name stands for, and whether all of them are meant or one drawn each time. */
export interface Named {
  readonly indices: readonly number[]
  readonly draw: boolean
}

/** Throws ERR_SCENARIO, which lists the clusters there are. */
export function clustersNamed(name: string, clusters: readonly ScenarioCluster[], where: string): Named {
  const everyone = clusters.map((_, c) => c)
  const at = (compare: (a: number, b: number) => boolean): number =>
    everyone.reduce((best, c) => (compare((clusters[c] as ScenarioCluster).speed, (clusters[best] as ScenarioCluster).speed) ? c : best))
  if (name === 'all' || name === 'any') return { indices: everyone, draw: name === 'any' }
  // Of equals the first is the fastest and the last the slowest, so that the two differ where there are two.
  if (name === 'fastest') return { indices: [at((a, b) => a > b)], draw: false }
  if (name === 'slowest') return { indices: [at((a, b) => a <= b)], draw: false }
  const index = clusters.findIndex(({ id }) => id === name)
  if (index >= 0) return { indices: [index], draw: false }
  throw new FlyballError(
    'ERR_SCENARIO',
    `${where} is '${name}', which is no cluster here: expected ${[...clusters.map(({ id }) => id), ...roles].join(', ').replace(/, (?=[^,]*$)/, ' or ')}`,
  )
}
