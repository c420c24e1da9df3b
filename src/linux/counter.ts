import type { Quality } from '../core/outcome.ts'
import { makeReading, type Reading } from '../core/reading.ts'
import type { SensorEvent, Trouble } from '../core/sensor-event.ts'
import { powerText } from './plausible.ts'
import { makeProbe } from './probe.ts'
import type { SensorIdentity } from './sensor-source.ts'
import { makeTroubleReport } from './sensor-trouble.ts'

/** A counter of energy that is watched. What it says is believed while it goes forward at a power that can be. */
export interface Counter {
  /** Believed energy since opening, J: never less than before. What it advanced by while nobody could tell is left out. */
  readonly totalJ: number
  /** Its quality: measured while the counter counts; estimated where it has stopped or what it said last cannot be; absent where it cannot be read. */
  readonly quality: Quality
  /** Mean power between the last two believed samples, W. */
  readonly power: Readonly<Reading>
  readonly trouble: Trouble | undefined
  /** New values: those that were seen, or that there were by the sensor's own period. */
  readonly updates: number
  /** Grows whenever what happened is not known: who compares two totals asks whether it grew between. */
  readonly gaps: number
  sample(nowS: number): void
  tend(nowS: number): void
  close(): void
}

export interface CounterInput extends SensorIdentity {
  /** More than this is no power of this board, W. */
  readonly mostPowerW: number
  /** Less than this, over a second, is none either, W. */
  readonly leastPowerW: number
  onTrouble(event: SensorEvent): void
}

/** Counters that say no range and go backwards near its end wrapped there: 32 bits of uJ. */
const bits32J = 2 ** 32 * 1e-6
/** A counter of energy that rests for so many of its periods, and for so long, has stopped: whatever runs takes some. */
const restPeriods = 20
const restS = 1
/** The same where its period is not known. */
const longRestS = 5
// A device that has gone can go on answering its last value.
const doubtS = 2
/** Its mean power is looked at over so long. */
const windowS = 1

/** Energy between two readings of a counter that wraps at `rangeJ`, J: (b - a) mod range; the counter counts the wrap value itself as 0. NaN where it went back without a wrap. */
export function counterDelta(previousJ: number, currentJ: number, rangeJ: number): number {
  const delta = currentJ - previousJ
  if (currentJ < 0) return Number.NaN
  if (delta >= 0) return delta
  if (Number.isNaN(rangeJ)) return previousJ >= bits32J / 2 && previousJ < bits32J ? delta + bits32J : Number.NaN
  return previousJ <= rangeJ ? delta + rangeJ : Number.NaN
}

export function makeCounter({ label, open, mostPowerW, leastPowerW, onTrouble }: CounterInput): Counter {
  const power = makeReading(label)
  const probe = makeProbe(open)
  const report = makeTroubleReport(label, onTrouble)
  const state = {
    totalJ: 0,
    previousJ: Number.NaN,
    previousS: Number.NaN,
    changedS: Number.NaN,
    updateS: Number.NaN,
    windowFromS: Number.NaN,
    windowFromJ: 0,
    updates: 0,
    gaps: 0,
    opened: 1,
    quality: 'absent' as Quality,
  }

  const doubt = (trouble: Trouble, quality: Quality, nowS: number, why: () => string): void => {
    report.begin(trouble, nowS, why)
    state.gaps++
    state.quality = quality
    power.quality = 'absent'
    power.value = Number.NaN
    power.ageS = nowS - state.previousS
  }

  /** Begins anew at what the counter says now. */
  const rebase = (nowJ: number, nowS: number): void => {
    state.gaps++
    state.previousJ = nowJ
    state.previousS = state.changedS = state.updateS = state.windowFromS = nowS
    state.windowFromJ = state.totalJ
  }

  const unreadable = (nowS: number): void => {
    const access = probe.source?.access ?? 'absent'
    if (access === 'absent') doubt('absent', 'absent', nowS, () => 'is not there any more (looked for again by its name)')
    else if (access === 'denied') doubt('denied', 'absent', nowS, () => 'may not be read by this user; flyball doctor shows the fix')
    else doubt('broken', 'absent', nowS, () => 'does not answer')
  }

  const count = (deltaJ: number, nowS: number): void => {
    const periodS = probe.source?.periodS ?? Number.NaN
    const periods = Math.floor((nowS - state.updateS) / periodS)
    if (deltaJ === 0) return
    state.updates += Number.isNaN(periods) ? 1 : Math.max(1, periods)
    state.updateS = state.changedS = nowS
  }

  const believe = (deltaJ: number, nowS: number): void => {
    state.totalJ += deltaJ
    power.value = deltaJ / (nowS - state.previousS)
    power.quality = 'measured'
    power.ageS = 0
  }

  /** Looks at what came together over a second: a counter in another unit counts, too slowly. */
  const isTooSlow = (deltaJ: number, nowS: number): boolean => {
    if (deltaJ === 0 || nowS - state.windowFromS < windowS) return report.trouble === 'implausible'
    const meanW = (state.totalJ - state.windowFromJ) / (nowS - state.windowFromS)
    state.windowFromS = nowS
    state.windowFromJ = state.totalJ
    return meanW < leastPowerW
  }

  const isStuck = (nowS: number): boolean => {
    const periodS = probe.source?.periodS ?? Number.NaN
    return nowS - state.changedS >= (Number.isNaN(periodS) ? longRestS : Math.max(restS, restPeriods * periodS))
  }

  return {
    power,
    get totalJ() {
      return state.totalJ
    },
    get quality() {
      return state.quality
    },
    get trouble() {
      return report.trouble
    },
    get updates() {
      return state.updates
    },
    get gaps() {
      return state.gaps
    },
    sample(nowS) {
      const nowJ = probe.read()
      if (Number.isNaN(nowJ)) {
        unreadable(nowS)
        return
      }
      if (probe.opened !== state.opened || Number.isNaN(state.previousJ)) {
        state.opened = probe.opened
        rebase(nowJ, nowS)
        if (report.trouble === undefined) state.quality = 'measured'
        return
      }
      if (!(nowS > state.previousS)) return
      const deltaJ = counterDelta(state.previousJ, nowJ, probe.source?.rangeJ ?? Number.NaN)
      const meanW = deltaJ / (nowS - state.previousS)
      if (!(meanW <= mostPowerW)) {
        const before = state.previousJ
        doubt('jumping', 'estimated', nowS, () =>
          Number.isNaN(deltaJ)
            ? `went back from ${before} J to ${nowJ} J`
            : `advanced at ${powerText(meanW)}, expected at most ${powerText(mostPowerW)}`,
        )
        rebase(nowJ, nowS)
        return
      }
      count(deltaJ, nowS)
      believe(deltaJ, nowS)
      state.previousJ = nowJ
      state.previousS = nowS
      if (isStuck(nowS)) doubt('stuck', 'estimated', nowS, () => 'has stopped counting')
      else if (isTooSlow(deltaJ, nowS))
        doubt('implausible', 'estimated', nowS, () => `counts less than ${powerText(leastPowerW)}: does its driver say mJ where the kernel has uJ?`)
      else {
        if (deltaJ > 0 || report.trouble === undefined) report.end()
        if (report.trouble === undefined) state.quality = 'measured'
      }
    },
    tend(nowS) {
      probe.tend(nowS, report.trouble !== undefined || nowS - state.changedS >= doubtS)
    },
    close: probe.close,
  }
}
