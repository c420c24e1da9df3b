import { join } from 'node:path'
import type { KnobEvent } from '../../src/core/knob-event.ts'
import { type CpufreqClamp, makeCpufreqClamp } from '../../src/linux/cpufreq-clamp.ts'
import type { Journal } from '../../src/linux/journal.ts'
import { type KeptFile, openKept, readKeptLine } from '../../src/linux/kept-file.ts'
import type { Throttle } from '../../src/linux/throttle.ts'
import { likelyWriters, writerText } from '../../src/linux/writers.ts'
import type { GovernedCluster } from './clusters.ts'
import type { OpenLevelRanges } from './level-ranges.ts'
import { frequencyKnob } from './points.ts'

/** How one cluster's clock is set and let go. */
export interface Clock {
  /** False where it has to be looked at before it is written. */
  set(level: number, cores: number): boolean
  release(): boolean
  /** Looks whether what was set holds; when to look again, s from now. */
  check?(nowS: number): number
  /** Closes files; everything was put back before. */
  close?(): void
}

export interface ClampedClockInput {
  readonly root: string
  readonly cluster: GovernedCluster
  /** Its place in `ranges`. */
  readonly index: number
  readonly policyPaths: readonly string[]
  readonly ranges: OpenLevelRanges
  /** Write again what others change, instead of leaving it to them. */
  readonly force: boolean
  journal(): Journal
  tell(event: KnobEvent): void
  onProblem(message: string): void
}

const lookPeriodS = 1
// A reading can be 22 ms old, and a limit that heat has just let go of as late: what is still there after this was written.
const confirmS = 0.1
// Whoever writes the originals gives the knob back, or resets it every now and then: taken again after this, and not for ever.
const backOffS = 60
const mostYields = 3

/** A policy of the cluster, and what is known of it. */
interface Watched {
  readonly clamp: CpufreqClamp
  readonly governorFile: KeptFile | undefined
  /** Of the kernel, which flyball leaves to whoever sets it. */
  governor: string
  /** When it was first seen changed; NaN: it is not. Nothing is written until that is settled. */
  changedS: number
  /** NaN: it is not given up. */
  yieldedS: number
  yields: number
  toldS: number
  /** Highest level that can be had. */
  highest: number
  throttle: Throttle | undefined
}

/** The clamps of a cluster's policies. A policy that somebody else changes is left to them; one that heat or firmware caps stays ours, and offers less. */
export function makeClampedClock(input: ClampedClockInput): Clock {
  const { cluster, index, ranges, root } = input
  const name = frequencyKnob(cluster)
  const frequenciesHz = cluster.levels.map((level) => level.value)
  const top = frequenciesHz.length - 1
  let watched: Watched[] | undefined
  /** Level; -1: let go. */
  let wanted = -1

  const open = (): Watched[] =>
    input.policyPaths.map((policyPath) => ({
      clamp: makeCpufreqClamp({ policyPath, frequenciesHz, journal: input.journal(), root }),
      governorFile: openKept(join(policyPath, 'scaling_governor')),
      governor: '',
      changedS: Number.NaN,
      yieldedS: Number.NaN,
      yields: 0,
      toldS: Number.NEGATIVE_INFINITY,
      highest: top,
      throttle: undefined,
    }))

  /** What is wanted, in force wherever it may be; false where a limit reads like somebody else's. */
  const enforce = (): boolean => {
    let settled = true
    for (const { clamp, changedS, yieldedS } of watched ?? []) {
      if (!Number.isNaN(changedS) || !Number.isNaN(yieldedS)) continue
      if (wanted < 0) clamp.release()
      else if (Number.isNaN(clamp.set(frequenciesHz[wanted] as number)) && clamp.access === 'ok') settled = false
      if (wanted >= 0 && clamp.access === 'denied') input.onProblem(`${clamp.path}: no permission to set the frequency; flyball doctor shows the fix`)
    }
    return settled
  }

  const levelUnder = (freqHz: number): number =>
    Math.max(
      0,
      frequenciesHz.findLastIndex((valueHz) => valueHz <= freqHz),
    )

  const limitsOf = ({ clamp }: Watched): Pick<KnobEvent, 'askedHz' | 'foundHz'> => ({ askedHz: { ...clamp.askedHz }, foundHz: { ...clamp.foundHz } })

  const settleChange = (one: Watched, nowS: number): void => {
    one.changedS = Number.NaN
    const yielded = !input.force
    if (yielded || nowS - one.toldS >= backOffS) {
      one.toldS = nowS
      input.tell({ what: 'changed', name, ...limitsOf(one), by: writerText(likelyWriters(root)), yielded })
    }
    if (!yielded) {
      one.clamp.insist()
      return
    }
    one.clamp.yield()
    one.yieldedS = nowS
    one.yields++
    one.throttle = undefined
    one.highest = levelUnder(one.clamp.foundHz.max)
  }

  const takeBack = (one: Watched, nowS: number): void => {
    const original = one.clamp.isOriginal()
    one.highest = levelUnder(one.clamp.foundHz.max)
    if (!original || nowS - one.yieldedS < backOffS || one.yields >= mostYields) return
    one.clamp.retake()
    one.yieldedS = Number.NaN
    one.highest = top
    input.tell({ what: 'returned', name })
  }

  const settleCap = (one: Watched, standing: 'kept' | 'capped'): void => {
    const { throttle } = one.clamp
    const before = one.throttle
    one.throttle = throttle
    if (throttle === undefined) {
      if (before === undefined) return
      one.highest = top
      input.tell({ what: 'uncapped', name })
    } else if (standing === 'capped') {
      one.highest = levelUnder(one.clamp.foundHz.max)
      const by = throttle.firmwareHz === undefined ? 'heat' : throttle.coolingSteps > 0 ? 'heat and firmware' : 'firmware'
      if (before === undefined) input.tell({ what: 'capped', name, ...limitsOf(one), by })
    } else if (before !== undefined && isLooser(throttle, before)) one.highest = top
  }

  const lookAtGovernor = (one: Watched): void => {
    const now = one.governorFile === undefined ? '' : readKeptLine(one.governorFile)
    // All CPUs of the policy are offline: nothing to read.
    if (now === '' || now === one.governor) return
    if (one.governor !== '') input.tell({ what: 'governor', name, governor: now, by: writerText(likelyWriters(root)) })
    one.governor = now
  }

  const look = (one: Watched, nowS: number): void => {
    const standing = one.clamp.look()
    if (standing === 'changed') {
      if (Number.isNaN(one.changedS)) one.changedS = nowS
      else if (nowS - one.changedS >= confirmS) settleChange(one, nowS)
      return
    }
    one.changedS = Number.NaN
    if (standing === 'kept' || standing === 'capped') settleCap(one, standing)
  }

  return {
    set(level) {
      watched ??= open()
      wanted = level
      return enforce()
    },
    release() {
      wanted = -1
      return enforce()
    },
    check(nowS) {
      // One that was not used yet is looked after as well.
      watched ??= open()
      for (const one of watched) {
        one.clamp.watch()
        lookAtGovernor(one)
        if (Number.isNaN(one.yieldedS)) look(one, nowS)
        else takeBack(one, nowS)
      }
      const highest = Math.min(...watched.map((one) => one.highest))
      const given = watched.some((one) => !Number.isNaN(one.yieldedS))
      ranges.set(index, given ? highest : 0, highest)
      const settled = enforce()
      return settled && watched.every((one) => Number.isNaN(one.changedS)) ? lookPeriodS : confirmS
    },
    close() {
      for (const { clamp, governorFile } of watched ?? []) {
        clamp.close()
        governorFile?.close()
      }
    },
  }
}

const isLooser = (now: Throttle, before: Throttle): boolean =>
  now.coolingSteps < before.coolingSteps || (now.firmwareHz ?? Number.POSITIVE_INFINITY) > (before.firmwareHz ?? Number.POSITIVE_INFINITY)
