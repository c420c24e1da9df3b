import type { Board, Cluster } from '../../src/board/board.ts'
import { FlyballError } from '../../src/core/errors.ts'
import { checkAllowed, parseCores } from './cores.ts'

/** One setting of a cluster's clock: its knob value (Hz, or relative speed where virtual) and its speed relative to the cluster's fastest. */
export interface FrequencyLevel {
  readonly value: number
  readonly speed: number
}

/** How a cluster's frequency is set: cpufreq clamps, or emulated by pacing or by CPU bandwidth, or not at all. */
export type FrequencyMethod = 'clamp' | 'pacing' | 'bandwidth' | 'fixed'

/** A cluster as it is governed. Plain data: it is kept in run.json, so that a deployed governor meets the same operating points. */
export interface GovernedCluster {
  readonly id: string
  /** Name of the board's cluster whose cores these are. */
  readonly boardCluster: string
  readonly cpus: readonly number[]
  readonly frequency: FrequencyMethod
  /** Ascending; a single level of speed 1 where the frequency is fixed. */
  readonly levels: readonly FrequencyLevel[]
}

export type VirtualMethod = 'auto' | 'pacing' | 'bandwidth' | 'none'

export interface ClusterOptions {
  /** `--clusters`: splits the cores into virtual clusters. */
  readonly split?: string
  readonly virtual: VirtualMethod
  /** Cores this process may use. */
  readonly allowed: readonly number[]
  /** Most frequency levels a cluster offers. */
  readonly mostLevels: number
}

// Neighbours differ by a third, twice what a short profile can tell apart (15 %).
const defaultSpeeds = [0.4, 0.55, 0.75, 1]

/** The clusters to govern. Throws ERR_USAGE or ERR_RANGE for a bad split, ERR_UNKNOWN_BOARD when no core is left. */
export function governedClusters(board: Board, options: ClusterOptions): GovernedCluster[] {
  const clusters = options.split === undefined ? discovered(board, options) : splitClusters(board, options.split, options)
  const usable = clusters.filter((cluster) => cluster.cpus.length > 0)
  if (usable.length === 0)
    throw new FlyballError(
      'ERR_UNKNOWN_BOARD',
      `none of the board's cores may be used by this process, allowed are ${options.allowed.join(', ') || 'none'}`,
    )
  return usable
}

function discovered(board: Board, options: ClusterOptions): GovernedCluster[] {
  return board.clusters
    .filter((cluster) => cluster.kind === 'cpu')
    .map((cluster) => {
      const cpus = cluster.cpus.filter((cpu) => options.allowed.includes(cpu))
      if (options.virtual === 'pacing' || options.virtual === 'bandwidth')
        return virtualCluster(cluster.id, cluster.id, cpus, options.virtual, defaultSpeeds)
      if (cluster.writable === 'yes' && cluster.opps.length > 1)
        return { id: cluster.id, boardCluster: cluster.id, cpus, frequency: 'clamp', levels: clampLevels(cluster, options.mostLevels) }
      if (cluster.writable === 'absent' && options.virtual === 'auto') return virtualCluster(cluster.id, cluster.id, cpus, 'pacing', defaultSpeeds)
      return { id: cluster.id, boardCluster: cluster.id, cpus, frequency: 'fixed', levels: [{ value: 1, speed: 1 }] }
    })
}

/** Lowest, highest and evenly spaced OPPs between. */
function clampLevels(cluster: Cluster, most: number): FrequencyLevel[] {
  const freqHz = cluster.opps.map((opp) => opp.freqHz).sort((a, b) => a - b)
  const top = freqHz.at(-1) as number
  const count = Math.min(most, freqHz.length)
  const picked = Array.from({ length: count }, (_, i) => freqHz[Math.round((i * (freqHz.length - 1)) / Math.max(1, count - 1))] as number)
  return [...new Set(picked)].map((value) => ({ value, speed: value / top }))
}

const virtualCluster = (
  id: string,
  boardCluster: string,
  cpus: readonly number[],
  frequency: FrequencyMethod,
  speeds: readonly number[],
): GovernedCluster => ({
  id,
  boardCluster,
  cpus,
  frequency,
  levels: speeds.map((speed) => ({ value: speed, speed })),
})

const splitForm = 'lists of cores between commas, each with an optional range of speeds, e.g. 0,1 or 0-1,2-3 or 0+2@0.4-0.8,1+3'

/** `0,1`, `0-1,2-3`, `0+2@0.4-0.8,1+3`: virtual clusters, each with a pacing range of its own. */
function splitClusters(board: Board, split: string, options: ClusterOptions): GovernedCluster[] {
  const method = options.virtual === 'bandwidth' ? 'bandwidth' : options.virtual === 'none' ? 'fixed' : 'pacing'
  const taken = new Set<number>()
  return split.split(',').map((part, i) => {
    const [, list = '', low, high] = /^([^@]+)(?:@(\d*\.?\d+)-(\d*\.?\d+))?$/.exec(part) ?? []
    if (list === '') throw new FlyballError('ERR_USAGE', `--clusters: '${part}' is no cluster, expected ${splitForm}`)
    const cpus = parseCores(list, '--clusters')
    checkAllowed(cpus, options.allowed, '--clusters')
    for (const cpu of cpus) {
      if (taken.has(cpu)) throw new FlyballError('ERR_RANGE', `--clusters: core ${cpu} is in two clusters`)
      taken.add(cpu)
    }
    const home = board.clusters.find((cluster) => cluster.cpus.includes(cpus[0] as number))
    const speeds = low === undefined || high === undefined ? defaultSpeeds : speedRange(Number(low), Number(high), part)
    return virtualCluster(`c${i}`, home?.id ?? 'cpu', cpus, method, method === 'fixed' ? [1] : speeds)
  })
}

function speedRange(low: number, high: number, part: string): number[] {
  if (!(low > 0 && low <= high && high <= 1))
    throw new FlyballError('ERR_RANGE', `--clusters: speeds of '${part}' must rise within (0, 1], e.g. @0.4-0.8`)
  if (low === high) return [low]
  const steps = Math.max(2, Math.min(4, 1 + Math.floor(Math.log(high / low) / Math.log(1.3))))
  return Array.from({ length: steps }, (_, i) => Number((low * (high / low) ** (i / (steps - 1))).toPrecision(3)))
}
