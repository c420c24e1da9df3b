import type { AgentInput } from '../../src/core/agent.ts'
import type { Knob, Spaces } from '../../src/core/spaces.ts'

/** What the kernel's governors look at, per point; higher is faster or more. */
export interface GovernorKeys {
  /** Place of the sub-network among the values of its knob, 0 the smallest; 0 where there is no such knob. */
  subnet(point: number): number
  /** Speed of the point's cluster at its best, and power at its best: features where they exist, else the highest frequency, else profiled latency. */
  clusterSpeed(point: number): number
  clusterPower(point: number): number
  /** Frequency of the cluster that computes; then of all domains together, as the governors set every one. */
  ownFrequency(point: number): number
  allFrequencies(point: number): number
  cores(point: number): number
  /** Sub-networks there are. */
  readonly subnets: number
}

export function makeGovernorKeys({ spaces, nominal }: AgentInput): GovernorKeys {
  const ofKind = (kind: Knob['kind']): Knob[] => spaces.knobs.filter((knob) => knob.kind === kind)
  const [subnet] = ofKind('subnet')
  const [cluster] = ofKind('cluster')
  const [cores] = ofKind('cores')
  const frequencies = ofKind('frequency')
  const settingOf = (knob: Knob | undefined, point: number): number | string => (knob && spaces.points[point]?.[knob.name]) ?? 0
  const clusterOf = (point: number): string => String(settingOf(cluster, point))
  /** Place among the values, so that it does not matter whether they are numbers or words; values are ordered by cost. */
  const amount = (knob: Knob | undefined, point: number): number => {
    const value = settingOf(knob, point)
    return typeof value === 'number' ? value : (knob?.values.indexOf(value) ?? 0)
  }
  const highest = (knob: Knob): number => Math.max(...spaces.points.map((_, point) => amount(knob, point)), Number.MIN_VALUE)
  const tops = frequencies.map(highest)

  const ownFrequency = (point: number): number => {
    const own = frequencies.find((knob) => knob.domain === clusterOf(point)) ?? frequencies.find((knob) => knob.domain === undefined)
    return own === undefined ? 0 : amount(own, point)
  }
  const speed = featureOf(spaces, 'speed') ?? (frequencies.length > 0 ? ownFrequency : (point: number) => -(nominal?.[point]?.latencyS ?? 0))
  const power = featureOf(spaces, 'powerW') ?? speed
  const atBest = (key: (point: number) => number): ((point: number) => number) => {
    const best = new Map<string, number>()
    spaces.points.forEach((_, point) => {
      best.set(clusterOf(point), Math.max(best.get(clusterOf(point)) ?? Number.NEGATIVE_INFINITY, key(point)))
    })
    return (point) => best.get(clusterOf(point)) as number
  }

  return {
    subnet: (point) => subnet?.values.indexOf(settingOf(subnet, point)) ?? 0,
    clusterSpeed: atBest(speed),
    clusterPower: atBest(power),
    ownFrequency,
    allFrequencies: (point) => frequencies.reduce((sum, knob, i) => sum + amount(knob, point) / (tops[i] as number), 0),
    cores: (point) => amount(cores, point),
    subnets: subnet?.values.length ?? 1,
  }
}

function featureOf(spaces: Spaces, name: string): ((point: number) => number) | undefined {
  const column = spaces.featureNames.indexOf(name)
  return column < 0 ? undefined : (point) => spaces.features[point * spaces.featureNames.length + column] as number
}

/** The sub-network option that both governors share. */
export const subnetOption = {
  name: 'subnet',
  description: 'place of the sub-network among its values, 0 the smallest; -1 the largest',
  default: -1,
  low: -1,
  high: 1e6,
} as const

/** Distance from the sub-network asked for, so that the nearest allowed one is taken when it is masked. */
export function subnetDistance(keys: GovernorKeys, asked: number, point: number): number {
  return Math.abs(keys.subnet(point) - (asked < 0 ? keys.subnets - 1 : Math.min(asked, keys.subnets - 1)))
}
