import { monitorsOf } from '../../src/core/monitors.ts'
import { type Knob, makeSpaces, type OperatingPoint, type Spaces } from '../../src/core/spaces.ts'
import { free } from '../board/points.ts'
import type { SimBoard, SimCluster } from './board.ts'
import type { SimNetwork } from './network.ts'

/** What executing an action means; parallel to `spaces.points`. */
export interface SimPoint {
  readonly subnet: number
  readonly cluster: number
  readonly cores: number
  /** Index into the cluster's OPPs. */
  readonly opp: number
}

export interface SimPlan {
  readonly spaces: Spaces
  readonly points: readonly SimPoint[]
}

// Points grow with the product of levels, cores and sub-networks: eight levels make one or two hundred of them on a board of two clusters.
export const usualLevels = 8

/**
 * Every sub-network on every cluster, number of cores and OPP; at most `mostLevels` OPPs of each cluster, the lowest and the highest among them, and of the numbers of cores 1, 2, 4, … and all, or
 * with `everyCore` all of them.
 */
export function planSimPoints(network: SimNetwork, board: SimBoard, mostLevels = usualLevels, everyCore = false): SimPlan {
  const { clusters } = board
  const levels = clusters.map(({ freqHz }) => thin(freqHz.length, mostLevels))
  const coreCounts = clusters.map(({ cores }) => (everyCore ? Array.from({ length: cores }, (_, i) => i + 1) : counts(cores)))
  const knobs: Knob[] = [
    { name: 'subnet', kind: 'subnet', values: network.subnets.map(({ name }) => name) },
    { name: 'cluster', kind: 'cluster', values: clusters.map(({ id }) => id) },
    { name: 'cores', kind: 'cores', values: [...new Set(coreCounts.flat())].sort((a, b) => a - b) },
    ...clusters.map(
      ({ id, freqHz }, c): Knob => ({
        name: `${id}.freqHz`,
        kind: 'frequency',
        domain: id,
        unit: 'Hz',
        values: [...(levels[c] as number[]).map((opp) => freqHz[opp] as number), free],
      }),
    ),
  ]
  const planned = clusters.flatMap((_, cluster) =>
    network.subnets.flatMap((_, subnet) =>
      (coreCounts[cluster] as number[]).flatMap((cores) => (levels[cluster] as number[]).map((opp): SimPoint => ({ subnet, cluster, cores, opp }))),
    ),
  )
  const points = planned.map(
    ({ subnet, cluster, cores, opp }): OperatingPoint => ({
      subnet: network.subnets[subnet]?.name as string,
      cluster: clusters[cluster]?.id as string,
      cores,
      ...Object.fromEntries(clusters.map(({ id, freqHz }, c) => [`${id}.freqHz`, c === cluster ? (freqHz[opp] as number) : free])),
    }),
  )
  const featureNames = [
    ...['macs', 'cores', 'speed', 'powerW', 'capacity'],
    ...clusters.map(({ id }) => `${id}.invFreq`),
    ...clusters.map(({ id }) => `${id}.v2f`),
  ]
  const features = planned.map((point) => featuresOf(point, network, clusters))
  return { spaces: makeSpaces({ knobs, points, featureNames, features, monitors: monitorsOf(clusters) }), points: planned }
}

/** MACs in millions, cores, speed of a core beside the board's fastest at its top, W of the busy cores by the board file, capacity; of each cluster 1/GHz and V^2 GHz, 0 while it is not used. */
function featuresOf({ subnet, cluster, cores, opp }: SimPoint, network: SimNetwork, clusters: readonly SimCluster[]): number[] {
  const { capacity, topHz, freqHz, voltageV, coreW } = clusters[cluster] as SimCluster
  const f = freqHz[opp] as number
  const only = (value: number): number[] => clusters.map((_, c) => (c === cluster ? value : 0))
  return [
    (network.subnets[subnet]?.macs as number) / 1e6,
    cores,
    (capacity * f) / topHz,
    (coreW[opp] as number) * cores,
    capacity,
    ...only(1e9 / f),
    ...only((voltageV[opp] as number) ** 2 * (f / 1e9)),
  ]
}

/** 1, 2, 4, … and all. */
function counts(most: number): number[] {
  const result = [most]
  for (let n = 1; n < most; n *= 2) result.push(n)
  return result.sort((a, b) => a - b)
}

/** Lowest, highest and evenly spaced indices between. */
function thin(length: number, most: number): number[] {
  const count = Math.max(1, Math.min(most, length))
  return [...new Set(Array.from({ length: count }, (_, i) => Math.round((i * (length - 1)) / Math.max(1, count - 1))))]
}
