import type { AgentInput } from '../../src/core/agent.ts'
import type { Knob } from '../../src/core/spaces.ts'

/**
 * What a governor clocks: one domain per frequency knob. Values in the knob's own unit (Hz, or a share of full speed for virtual OPPs); a word counts as its place.
 * Arrays are indexed by point * domains + domain.
 */
export interface Clocks {
  readonly domains: number
  readonly frequency: Float64Array
  /** Range of the domain over all points of the same cluster. */
  readonly lowest: Float64Array
  readonly highest: Float64Array
  /** 1 where the domain belongs to another cluster than the one that computes: it idles. */
  readonly idle: Uint8Array
  /** Domain of the cluster that computes at a point; -1 where it has none of its own. */
  own(point: number): number
  /** Index of the point's cluster. */
  cluster(point: number): number
  /** By cluster index: how strong it is, higher is stronger. */
  readonly capacity: Float64Array
}

/**
 * The strength of a cluster is the highest value among its points of the feature `capacity` (the kernel's `cpu_capacity`) or `speed`, where there is one; else its
 * highest frequency; else the profile's least latency.
 */
export function makeClocks({ spaces, nominal }: AgentInput): Clocks {
  const { knobs, points } = spaces
  const clocked = knobs.filter(({ kind }) => kind === 'frequency')
  const clusterKnob = knobs.find(({ kind }) => kind === 'cluster')
  const clusters: readonly (number | string)[] = clusterKnob?.values ?? ['']
  const domains = clocked.length
  const owner = clocked.map(({ domain }) => clusters.indexOf(domain ?? ''))
  const clusterOf = Int32Array.from(points, (point) => (clusterKnob === undefined ? 0 : clusters.indexOf(point[clusterKnob.name] as number | string)))
  const cluster = (point: number): number => clusterOf[point] as number
  const ownOf = clusterOf.map((index) => owner.indexOf(index))
  const own = (point: number): number => ownOf[point] as number
  const cell = (of: (point: number, domain: number) => number): Float64Array =>
    Float64Array.from({ length: points.length * domains }, (_, i) => of(Math.floor(i / domains), i % domains))
  const frequency = cell((point, domain) => amount(clocked[domain] as Knob, points[point]?.[clocked[domain]?.name as string] as number | string))
  const extreme = (pick: (...values: number[]) => number): Float64Array => {
    const found = new Map<number, number>()
    frequency.forEach((value, i) => {
      const key = cluster(Math.floor(i / domains)) * domains + (i % domains)
      found.set(key, pick(found.get(key) ?? value, value))
    })
    return cell((point, domain) => found.get(cluster(point) * domains + domain) as number)
  }
  const highest = extreme(Math.max)
  const idle = Uint8Array.from(frequency, (_, i) => {
    const holder = owner[i % domains] as number
    return clusterKnob !== undefined && holder >= 0 && holder !== cluster(Math.floor(i / domains)) ? 1 : 0
  })

  const column = ['capacity', 'speed'].map((name) => spaces.featureNames.indexOf(name)).find((index) => index >= 0)
  const strength = (point: number): number => {
    if (column !== undefined) return spaces.features[point * spaces.featureNames.length + column] as number
    // A clock that no cluster owns is shared by all.
    const domain = own(point) >= 0 ? own(point) : owner.indexOf(-1)
    return domain >= 0 ? (frequency[point * domains + domain] as number) : -(nominal?.[point]?.latencyS || 0)
  }
  const capacity = new Float64Array(clusters.length).fill(Number.NEGATIVE_INFINITY)
  for (let point = 0; point < points.length; point++) capacity[cluster(point)] = Math.max(capacity[cluster(point)] as number, strength(point))

  return { domains, frequency, lowest: extreme(Math.min), highest, idle, own, cluster, capacity }
}

const amount = (knob: Knob, value: number | string): number => (typeof value === 'number' ? value : knob.values.indexOf(value))
