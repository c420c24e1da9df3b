import type { GovernedCluster } from './clusters.ts'

/** Frequency levels of each cluster that can be had now: fewer while heat, firmware or another program holds its clock. A range is never empty. */
export interface LevelRanges {
  readonly lowest: Int32Array
  readonly highest: Int32Array
  /** Grows by one with every change. */
  version(): number
}

export interface OpenLevelRanges extends LevelRanges {
  set(cluster: number, lowest: number, highest: number): void
}

export function makeLevelRanges(clusters: readonly Pick<GovernedCluster, 'levels'>[]): OpenLevelRanges {
  const lowest = new Int32Array(clusters.length)
  const highest = Int32Array.from(clusters, ({ levels }) => levels.length - 1)
  let version = 0
  return {
    lowest,
    highest,
    version: () => version,
    set(cluster, low, high) {
      if (lowest[cluster] === low && highest[cluster] === high) return
      lowest[cluster] = low
      highest[cluster] = high
      version++
    },
  }
}
