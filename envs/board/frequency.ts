import type { GovernedCluster } from './clusters.ts'

/** Sets the clock of one cluster and leaves the others' to the kernel's own governor. */
export interface FrequencyControl {
  /** True when something changed. No system call when nothing does. */
  set(cluster: number, level: number, cores: number): boolean
  /** Speed at which the inference threads pace themselves now, (0, 1]; 1 unless the clock is emulated by pacing. */
  speed(): number
  /** Idempotent. */
  restore(): void
}

export function makeFrequencyControl(clusters: readonly GovernedCluster[]): FrequencyControl {
  let speed = 1
  return {
    set(cluster, level) {
      const governed = clusters[cluster] as GovernedCluster
      const wanted = governed.frequency === 'pacing' ? (governed.levels[level]?.speed as number) : 1
      if (wanted === speed) return false
      speed = wanted
      return true
    },
    speed: () => speed,
    restore() {},
  }
}
