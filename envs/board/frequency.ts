import type { Board } from '../../src/board/board.ts'
import type { KnobEvent } from '../../src/core/knob-event.ts'
import { type BandwidthGroup, makeBandwidthGroup } from '../../src/linux/cgroup.ts'
import { lowestLimitHz } from '../../src/linux/cpufreq.ts'
import { type Journal, openJournal } from '../../src/linux/journal.ts'
import type { RestorePolicy } from '../../src/linux/journal-file.ts'
import type { WatchOptions } from '../../src/linux/watchdog.ts'
import { type Clock, makeClampedClock } from './clamped-clock.ts'
import type { GovernedCluster } from './clusters.ts'
import { type LevelRanges, makeLevelRanges } from './level-ranges.ts'

/** Sets the clock of one cluster and leaves the others' to the kernel's own governor. */
export interface FrequencyControl {
  /** True when something changed. No system call when nothing does. */
  set(cluster: number, level: number, cores: number): boolean
  /** Speed at which the inference threads pace themselves now, (0, 1]; 1 unless the clock is emulated by pacing. */
  speed(): number
  /** Reads back what was set, at most once a second, sooner where something is amiss: between requests. */
  check(nowS: number): void
  /** Levels that can be had. */
  readonly ranges: LevelRanges
  /** Puts every kernel knob back, or leaves them where that was asked for; idempotent, synchronous. */
  restore(): void
}

export interface FrequencyInput {
  readonly root: string
  readonly board: Board
  readonly clusters: readonly GovernedCluster[]
  /** Inference threads: a bandwidth group holds them and never the governor. */
  readonly tids: readonly number[]
  /** Write again what others change. Default: leave it to them. */
  readonly force?: boolean
  /** When knobs are put back. Default: at the end. */
  readonly restore?: RestorePolicy | undefined
  readonly watch?: WatchOptions | undefined
  onProblem(message: string): void
  onKnob?(event: KnobEvent): void
}

/** Nothing is written, and no journal opened, before the first `set` of a cluster that needs it. */
export function makeFrequencyControl(input: FrequencyInput): FrequencyControl {
  const { clusters } = input
  const ranges = makeLevelRanges(clusters)
  let journal: Journal | undefined
  let speed = 1
  let inForce = -1
  let levelInForce = -1
  let coresInForce = -1
  let dueS = Number.NEGATIVE_INFINITY

  const restore = (): void => {
    globalThis.process.removeListener('exit', restore)
    for (const { path, result, found, original } of journal?.end().entries ?? []) {
      if (result === 'failed') input.onProblem(`${path} could not be put back to ${original}; try: flyball restore`)
      if (result === 'changed-by-somebody-else') input.onProblem(`${path} is ${found}, as somebody else set it: left alone (it was ${original})`)
    }
    for (const clock of clocks) clock.close?.()
  }
  const openOnce = (): Journal => {
    if (journal === undefined) {
      journal = openJournal({
        root: input.root,
        watch: input.watch,
        force: input.force ?? false,
        onProblem: input.onProblem,
        ...(input.restore === undefined ? {} : { restore: input.restore }),
      })
      // Whatever ends this process in an orderly way, errors included, passes here.
      globalThis.process.on('exit', restore)
    }
    return journal
  }

  const denied = clusters.filter((cluster) => isDenied(cluster, input.board))
  for (const cluster of denied) {
    const level = levelLeft(cluster, input.board)
    ranges.set(clusters.indexOf(cluster), level, level)
  }
  if (denied.length > 0)
    input.onProblem(
      `no permission to set the frequency of ${denied.map(({ id }) => id).join(', ')}: left to the kernel, and points at other clocks are masked; flyball doctor --fix prints what grants it`,
    )

  const clocks = clusters.map((cluster, index): Clock => {
    if (denied.includes(cluster)) return { set: () => true, release: () => true }
    if (cluster.frequency === 'clamp')
      return makeClampedClock({
        root: input.root,
        cluster,
        index,
        policyPaths: input.board.clusters.find((candidate) => candidate.id === cluster.boardCluster)?.policyPaths ?? [],
        ranges,
        force: input.force ?? false,
        journal: openOnce,
        tell: input.onKnob ?? (() => {}),
        onProblem: input.onProblem,
      })
    if (cluster.frequency === 'bandwidth') return bandwidthClock(cluster, input, openOnce)
    return {
      set(level) {
        speed = cluster.frequency === 'pacing' ? (cluster.levels[level]?.speed as number) : 1
        return true
      },
      release() {
        speed = 1
        return true
      },
    }
  })

  return {
    ranges,
    set(cluster, level, cores) {
      if (cluster === inForce && level === levelInForce && cores === coresInForce) return false
      let settled = true
      if (inForce >= 0 && cluster !== inForce) settled = clocks[inForce]?.release() ?? true
      inForce = cluster
      levelInForce = level
      coresInForce = cores
      settled = (clocks[cluster]?.set(level, cores) ?? true) && settled
      if (!settled) dueS = Number.NEGATIVE_INFINITY
      return true
    },
    speed: () => speed,
    check(nowS) {
      if (nowS < dueS || journal === undefined) return
      let afterS = 1
      for (const clock of clocks) afterS = Math.min(afterS, clock.check?.(nowS) ?? afterS)
      dueS = nowS + afterS
    },
    restore,
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
      return true
    },
    release() {
      group?.set(Number.POSITIVE_INFINITY)
      return true
    },
  }
}

/** What was trained with the right to set a clock may be deployed without it. */
const isDenied = ({ frequency, boardCluster }: GovernedCluster, board: Board): boolean =>
  frequency === 'clamp' && board.clusters.some(({ id, writable }) => id === boardCluster && writable === 'denied')

/** Under load the kernel's governors go as high as they may: that is the one clock that can be had where none may be set. */
function levelLeft({ levels, boardCluster }: GovernedCluster, board: Board): number {
  const limitHz = lowestLimitHz(board.clusters.find(({ id }) => id === boardCluster)?.policyPaths ?? [])
  return Number.isNaN(limitHz)
    ? levels.length - 1
    : Math.max(
        0,
        levels.findLastIndex(({ value }) => value <= limitHz),
      )
}
