import type { Board } from '../../src/board/board.ts'
import { type BandwidthGroup, makeBandwidthGroup } from '../../src/linux/cgroup.ts'
import { type CpufreqClamp, makeCpufreqClamp } from '../../src/linux/cpufreq-clamp.ts'
import { type Journal, openJournal } from '../../src/linux/journal.ts'
import type { RestorePolicy } from '../../src/linux/journal-file.ts'
import type { GovernedCluster } from './clusters.ts'

/** Sets the clock of one cluster and leaves the others' to the kernel's own governor. */
export interface FrequencyControl {
  /** True when something changed. No system call when nothing does. */
  set(cluster: number, level: number, cores: number): boolean
  /** Speed at which the inference threads pace themselves now, (0, 1]; 1 unless the clock is emulated by pacing. */
  speed(): number
  /** Puts every kernel knob back, or leaves them where that was asked for; idempotent, synchronous. */
  restore(): void
}

export interface FrequencyInput {
  readonly root: string
  readonly board: Board
  readonly clusters: readonly GovernedCluster[]
  /** Inference threads: a bandwidth group holds them and never the governor. */
  readonly tids: readonly number[]
  /** When knobs are put back. Default: at the end. */
  readonly restore?: RestorePolicy | undefined
  onProblem(message: string): void
}

/** How one cluster's clock is set and let go. */
interface Clock {
  set(level: number, cores: number): void
  release(): void
}

/** Nothing is written, and no journal opened, before the first `set` of a cluster that needs it. */
export function makeFrequencyControl(input: FrequencyInput): FrequencyControl {
  const { clusters } = input
  let journal: Journal | undefined
  let speed = 1
  let inForce = -1
  let levelInForce = -1
  let coresInForce = -1

  const restore = (): void => {
    globalThis.process.removeListener('exit', restore)
    const failed = journal?.end().entries.filter((entry) => entry.result === 'failed') ?? []
    for (const entry of failed) input.onProblem(`${entry.path} could not be put back to ${entry.original}; try: flyball restore`)
  }
  const openOnce = (): Journal => {
    if (journal === undefined) {
      journal = openJournal({ root: input.root, ...(input.restore === undefined ? {} : { restore: input.restore }) })
      // Whatever ends this process in an orderly way, errors included, passes here.
      globalThis.process.on('exit', restore)
    }
    return journal
  }

  const clocks = clusters.map((cluster): Clock => {
    if (cluster.frequency === 'clamp') return clampClock(cluster, input, openOnce)
    if (cluster.frequency === 'bandwidth') return bandwidthClock(cluster, input, openOnce)
    return {
      set(level) {
        speed = cluster.frequency === 'pacing' ? (cluster.levels[level]?.speed as number) : 1
      },
      release() {
        speed = 1
      },
    }
  })

  return {
    set(cluster, level, cores) {
      if (cluster === inForce && level === levelInForce && cores === coresInForce) return false
      if (inForce >= 0 && cluster !== inForce) clocks[inForce]?.release()
      inForce = cluster
      levelInForce = level
      coresInForce = cores
      clocks[cluster]?.set(level, cores)
      return true
    },
    speed: () => speed,
    restore,
  }
}

function clampClock(cluster: GovernedCluster, input: FrequencyInput, journal: () => Journal): Clock {
  const home = input.board.clusters.find((candidate) => candidate.id === cluster.boardCluster)
  const frequenciesHz = cluster.levels.map((level) => level.value)
  let clamps: CpufreqClamp[] | undefined
  return {
    set(level) {
      clamps ??= (home?.policyPaths ?? []).map((policyPath) => makeCpufreqClamp({ policyPath, frequenciesHz, journal: journal(), root: input.root }))
      for (const clamp of clamps) {
        clamp.set(frequenciesHz[level] as number)
        if (clamp.access === 'denied') input.onProblem(`${clamp.path}: no permission to set the frequency; flyball doctor shows the fix`)
      }
    },
    release() {
      for (const clamp of clamps ?? []) clamp.release()
    },
  }
}

function bandwidthClock(cluster: GovernedCluster, input: FrequencyInput, journal: () => Journal): Clock {
  let group: BandwidthGroup | undefined
  return {
    set(level, cores) {
      if (group === undefined) {
        group = makeBandwidthGroup({ root: input.root, journal: journal() })
        group.add(input.tids)
      }
      const speed = cluster.levels[level]?.speed as number
      // At full speed there is nothing to hold back, and a quota of a whole core would still cost its accounting.
      group.set(speed >= 1 ? Number.POSITIVE_INFINITY : speed * cores)
    },
    release() {
      group?.set(Number.POSITIVE_INFINITY)
    },
  }
}
