import { makeReading, type Reading } from '../core/reading.ts'
import type { SensorEvent, Trouble } from '../core/sensor-event.ts'
import { isPlausible, powerText, type SensorLimits, temperatureText, whyImplausible } from './plausible.ts'
import { makeProbe } from './probe.ts'
import type { SensorIdentity } from './sensor-source.ts'
import { makeTroubleReport } from './sensor-trouble.ts'
import { makeUnchanged } from './unchanged.ts'

/**
 * A temperature or a power that is watched: believed while it is plausible and alive; held for a second when it fails, as estimated; then absent. Whatever it
 * does, it never ends a run.
 */
export interface Gauge {
  /** What the last sample gave; reused. */
  readonly reading: Readonly<Reading>
  /** What is wrong with it; undefined: nothing. */
  readonly trouble: Trouble | undefined
  /** New values seen. Of two equal ones in a row the second counts where the kernel says how often there is a new one. */
  readonly updates: number
  /** Reads once. No allocation while nothing happens. `loadRatio`: busy share of all CPUs, NaN where unknown. */
  sample(nowS: number, loadRatio: number): void
  /** Between requests: looks for the sensor again where it is gone or doubted. */
  tend(nowS: number): void
  close(): void
}

export interface GaugeInput extends SensorIdentity {
  readonly limits: SensorLimits
  /** What is wrong, and that it is over, each once. */
  onTrouble(event: SensorEvent): void
}

/** A value is held for so long over a failure, s. */
export const holdS = 1
/** A stuck value is passed on for so long as an estimate, s: then it says nothing any more. */
export const stuckHoldS = 60
/** Believed readings in a row after which a sensor that jumped is believed again. */
const calmReadings = 10
/** Believed readings before the highest of them is a measure of the next. */
const acquainted = 50
/** A believed value older than this is no measure of the next, s. */
const forgottenS = 5
// A device that has gone can go on answering its last value.
const doubtS = 2

export function makeGauge({ label, open, limits, onTrouble }: GaugeInput): Gauge {
  const reading = makeReading(label)
  const probe = makeProbe(open)
  const report = makeTroubleReport(label, onTrouble)
  const unchanged = makeUnchanged()
  const text = limits.quantity === 'temperature' ? temperatureText : powerText
  const state = {
    believed: Number.NaN,
    believedS: Number.NaN,
    highest: 0,
    count: 0,
    candidate: Number.NaN,
    calm: calmReadings,
    updates: 0,
    updateS: Number.NaN,
    opened: 1,
    stuckS: Number.NaN,
  }

  /** Nothing can be had from the sensor: its last value holds for a moment. */
  const fail = (trouble: Trouble, nowS: number, why: () => string): void => {
    report.begin(trouble, nowS, why)
    state.calm = 0
    degrade(nowS, state.believed, nowS - state.believedS <= holdS)
  }

  const degrade = (nowS: number, value: number, holds: boolean): void => {
    reading.quality = holds && !Number.isNaN(value) ? 'estimated' : 'absent'
    reading.value = reading.quality === 'absent' ? Number.NaN : value
    reading.ageS = nowS - state.believedS
  }

  const unreadable = (nowS: number): void => {
    const access = probe.source?.access ?? 'absent'
    if (access === 'absent') fail('absent', nowS, () => 'is not there any more (looked for again by its name)')
    else if (access === 'denied') fail('denied', nowS, () => 'may not be read by this user; flyball doctor shows the fix')
    else fail('broken', nowS, () => 'does not answer (asleep, or its bus fails)')
  }

  /** A leap that the next reading has to confirm. */
  const leaps = (value: number, nowS: number): boolean => {
    // Anything can have happened meanwhile.
    if (!(nowS - state.believedS <= forgottenS)) return false
    if (Math.abs(value - state.believed) > limits.jump) return true
    return state.count >= acquainted && value > limits.jumpAbove && value > limits.jumpFactor * state.highest
  }

  /** What the last reading said, which was a leap. */
  const confirms = (value: number): boolean => {
    const distance = Math.abs(value - state.candidate)
    return distance < Math.abs(value - state.believed) && distance <= Math.min(limits.jump, Math.abs(value)) / 2
  }

  const isStuck = (nowS: number): boolean => {
    const forS = unchanged.forS(nowS)
    return forS >= limits.stuckS || (forS >= limits.stuckUnderLoadS && unchanged.loadSpan() >= 0.5)
  }

  const believe = (value: number, nowS: number): void => {
    state.believed = value
    state.believedS = nowS
    state.candidate = Number.NaN
    if (value > state.highest) state.highest = value
    if (state.count < acquainted) state.count++
    if (state.calm < calmReadings) state.calm++
    const calm = state.calm >= calmReadings || report.trouble !== 'jumping'
    if (calm && report.trouble !== undefined) report.end()
    reading.value = value
    reading.quality = calm ? 'measured' : 'estimated'
    reading.ageS = 0
  }

  const count = (changed: boolean, nowS: number): void => {
    const periodS = probe.source?.periodS ?? Number.NaN
    if (!changed && !(nowS - state.updateS >= periodS)) return
    state.updates++
    state.updateS = nowS
  }

  return {
    reading,
    get trouble() {
      return report.trouble
    },
    get updates() {
      return state.updates
    },
    sample(nowS, loadRatio) {
      const value = probe.read()
      if (Number.isNaN(value)) {
        unreadable(nowS)
        return
      }
      if (!isPlausible(value, limits)) {
        fail('implausible', nowS, () => whyImplausible(value, limits))
        return
      }
      const changed = unchanged.see(value, nowS, loadRatio)
      if (isStuck(nowS)) {
        if (report.trouble !== 'stuck') state.stuckS = nowS
        report.begin('stuck', nowS, () => `has read ${text(value)} for ${unchanged.forS(nowS).toFixed(0)} s whatever the load`)
        degrade(nowS, value, nowS - state.stuckS <= stuckHoldS)
        return
      }
      if (!Number.isNaN(state.candidate) && !confirms(value)) jumped(state.candidate, nowS)
      else if (!Number.isNaN(state.candidate)) state.believed = value
      if (leaps(value, nowS)) {
        state.candidate = value
        degrade(nowS, state.believed, nowS - state.believedS <= holdS)
        return
      }
      believe(value, nowS)
      count(changed, nowS)
    },
    tend(nowS) {
      probe.tend(nowS, report.trouble !== undefined || unchanged.forS(nowS) >= doubtS)
      if (probe.opened === state.opened) return
      state.opened = probe.opened
      unchanged.forget()
    },
    close: probe.close,
  }

  /** It went to `value` and was elsewhere in the next moment. */
  function jumped(value: number, nowS: number): void {
    state.calm = 0
    const from = state.believed
    report.begin('jumping', nowS, () => `jumped from ${text(from)} to ${text(value)} and back`)
  }
}
