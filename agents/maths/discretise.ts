import { monitorIndex, type Observation, type Spaces } from '../../src/core/spaces.ts'

/** One quantity cut into bins: below edges[0], below edges[1], …, the rest, and one more for an absent (NaN) value. */
export interface Axis {
  readonly monitor: string
  readonly index: number
  readonly edges: readonly number[]
  /** Monitor that the value is a share of, or -1. */
  readonly over: number
}

export interface Discretiser {
  readonly axes: readonly Axis[]
  readonly states: number
  /** State of an observation, in [0, states). */
  stateOf(observation: Observation): number
  /** Bin of a state on an axis. */
  binAt(state: number, axis: number): number
}

// Below a tenth is the operating system's own noise. A busy co-runner on a core that inference shares gets half of it from a fair scheduler and all of it otherwise: 0.4 lies safely below.
const interferenceEdges = [0.1, 0.4]
// With four clusters three bins each would make more states than a run of 2000 decisions can visit.
const coarseInterferenceEdges = [0.25]
const mostClusters = 4
const queueEdges = [0.5]
// Shares of the deadline that have passed in the queue: none to speak of, some, and so much that only a fast point will do.
const waitedEdges = [0.02, 0.3]

/**
 * The monitors that tell a table where it is, found by the last part of their name so that any number of clusters works:
 *
 * - `interference` of the first four clusters: what the co-runner does, and the reason to leave a cluster. `pressure` stands in where no cluster has one.
 * - `waitedS` as a share of the deadline: what has passed in the queue is lost. Where no monitor says so, `queueLength` zero or not.
 *
 * Left out on purpose: `availableCores` (lost points are masked), `tempC` (slow: the floor of the learning rate follows it),
 * `latencyRatio` (says more about the last action than about the board) and the requirements (each class of them has its own table).
 */
export function makeDiscretiser(spaces: Spaces): Discretiser {
  const named = (suffix: string): Axis[] =>
    spaces.monitors.flatMap(({ name }, index) =>
      name === suffix || name.endsWith(`.${suffix}`) ? [{ monitor: name, index, edges: [], over: -1 }] : [],
    )
  const clusters = named('interference').slice(0, mostClusters)
  const busy = clusters.length > 0 ? clusters : named('pressure').slice(0, 1)
  const edges = busy.length === mostClusters ? coarseInterferenceEdges : interferenceEdges
  const waited = monitorIndex(spaces, 'waitedS')
  const deadline = monitorIndex(spaces, 'deadlineS')
  const queue: Axis[] =
    waited >= 0 && deadline >= 0
      ? [{ monitor: 'waitedS', index: waited, edges: waitedEdges, over: deadline }]
      : named('queueLength')
          .slice(0, 1)
          .map((axis) => ({ ...axis, edges: queueEdges }))
  const axes: Axis[] = [...busy.map((axis) => ({ ...axis, edges })), ...queue]
  const sizes = axes.map((axis) => axis.edges.length + 2)
  const strides = sizes.map((_, i) => sizes.slice(i + 1).reduce((product, size) => product * size, 1))
  return {
    axes,
    states: sizes.reduce((product, size) => product * size, 1),
    stateOf(observation) {
      let state = 0
      for (let i = 0; i < axes.length; i++) {
        const axis = axes[i] as Axis
        state = state * (axis.edges.length + 2) + binOf(valueOn(axis, observation), axis.edges)
      }
      return state
    },
    binAt: (state, axis) => Math.floor(state / (strides[axis] as number)) % (sizes[axis] as number),
  }
}

/** Value that is cut into bins. A share of what is not asked is none. */
export function valueOn({ index, over }: Axis, observation: Observation): number {
  const value = observation[index] as number
  if (over < 0) return value
  const share = value / (observation[over] as number)
  return Number.isNaN(share) && !Number.isNaN(value) ? 0 : share
}

/** Bin of a value: the number of edges at or below it; one past the last bin when absent. */
export function binOf(value: number, edges: readonly number[]): number {
  if (Number.isNaN(value)) return edges.length + 1
  let bin = 0
  while (bin < edges.length && value >= (edges[bin] as number)) bin++
  return bin
}
