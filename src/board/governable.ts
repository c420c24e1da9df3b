import type { Board } from './board.ts'

/** What flyball can set on this board as this user, in one line for a run's first output: `sub-network + cores; frequency: needs …`. */
export function governable(board: Pick<Board, 'clusters' | 'onlineCpus'>): string {
  const clusters = board.clusters.filter((cluster) => cluster.kind === 'cpu')
  const writable = clusters.filter((cluster) => cluster.writable === 'yes' && cluster.opps.length > 1)
  const knobs = ['sub-network']
  if (board.onlineCpus.length > 1) knobs.push('cores')
  if (clusters.length > 1) knobs.push('cluster')
  if (writable.length > 0) knobs.push(`frequency of ${writable.map((cluster) => cluster.id).join(', ')}`)
  const missing = clusters.filter((cluster) => !writable.includes(cluster))
  if (missing.length === 0) return knobs.join(' + ')
  const whose = writable.length === 0 ? '' : ` of ${missing.map((cluster) => cluster.id).join(', ')}`
  return `${knobs.join(' + ')}; frequency${whose}: needs ${missing.some((cluster) => cluster.writable === 'denied') ? permission : driver}`
}

const permission = "write access to cpufreq's scaling_min_freq and scaling_max_freq (flyball doctor prints the command)"
const driver = 'a cpufreq driver with more than one OPP, which this kernel does not offer (virtual OPPs stand in)'
