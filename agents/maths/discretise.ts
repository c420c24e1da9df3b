import type { Observation, Spaces } from '../../src/core/spaces.ts'

/** One monitor cut into bins: below edges[0], below edges[1], …, the rest, and one more for an absent (NaN) value. */
interface Axis {
  readonly monitor: string
  readonly index: number
  readonly edges: readonly number[]
}

export interface Discretiser {
  readonly axes: readonly Axis[]
  readonly states: number
  /** State of an observation, in [0, states). */
  stateOf(observation: Observation): number
}

// Below a tenth is the operating system's own noise. A busy co-runner on a core that inference shares gets half of it from a fair scheduler and all of it otherwise: 0.4 lies safely below.
const interferenceEdges = [0.1, 0.4]
// With four clusters three bins each would make more states than a run of 2000 decisions can visit.
const coarseInterferenceEdges = [0.25]
const mostClusters = 4
const queueEdges = [0.5]

/**
 * The monitors that tell a table where it is, found by the last part of their name so that any number of clusters works:
 *
 * - `interference` of the first four clusters: what the co-runner does, and the reason to leave a cluster. `pressure` stands in where no cluster has one.
 * - `queueLength` zero or not: a request that already waited has less of its deadline left.
 *
 * Left out on purpose: `availableCores` (lost points are masked), `tempC` (slow: the floor of the learning rate follows it),
 * `latencyRatio` (says more about the last action than about the board) and the requirements (each class of them has its own table).
 */
export function makeDiscretiser(spaces: Spaces): Discretiser {
  const named = (suffix: string): Axis[] =>
    spaces.monitors.flatMap(({ name }, index) => (name === suffix || name.endsWith(`.${suffix}`) ? [{ monitor: name, index, edges: [] }] : []))
  const clusters = named('interference').slice(0, mostClusters)
  const busy = clusters.length > 0 ? clusters : named('pressure').slice(0, 1)
  const edges = busy.length === mostClusters ? coarseInterferenceEdges : interferenceEdges
  const axes: Axis[] = [
    ...busy.map((axis) => ({ ...axis, edges })),
    ...named('queueLength')
      .slice(0, 1)
      .map((axis) => ({ ...axis, edges: queueEdges })),
  ]
  return {
    axes,
    states: axes.reduce((product, axis) => product * (axis.edges.length + 2), 1),
    stateOf(observation) {
      let state = 0
      for (let i = 0; i < axes.length; i++) {
        const { index, edges: cuts } = axes[i] as Axis
        state = state * (cuts.length + 2) + binOf(observation[index] as number, cuts)
      }
      return state
    },
  }
}

/** Bin of a value: the number of edges at or below it; one past the last bin when absent. */
export function binOf(value: number, edges: readonly number[]): number {
  if (Number.isNaN(value)) return edges.length + 1
  let bin = 0
  while (bin < edges.length && value >= (edges[bin] as number)) bin++
  return bin
}
