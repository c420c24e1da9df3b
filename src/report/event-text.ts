import { formatQuantity } from '../core/units.ts'
import { sensorText } from '../linux/sensor-trouble.ts'
import type { ChangeEntry, EventEntry, GuardEntry, KnobEntry } from '../trace/event.ts'
import { feasibleText, limitsText } from './explanation.ts'

const verbs = { latency: ['became slower', 'became faster'], power: ['draws more', 'draws less'] } as const

/** `big became slower (z = 7.1)`. */
export const changeText = ({ what, cluster, z }: Pick<ChangeEntry, 'what' | 'cluster' | 'z'>): string =>
  `${cluster === '' ? 'the board' : cluster} ${verbs[what][z > 0 ? 0 : 1]} (z = ${z.toFixed(1)})`

const points = (count: number): string => (count === 1 ? '1 point' : `${count} points`)

/** What the guard went by: `soc-thermal at 81.2 degC, limit 80 degC`. */
function readingText({ cause, sensor, tempC, limitC, powerW, limitW, quality }: GuardEntry): string {
  if (cause === 'heat')
    return tempC === undefined
      ? `${sensor} is silent`
      : `${sensor} at ${tempC} degC${quality === 'estimated' ? ' (silent; by the other sensors)' : ''}, limit ${limitC} degC`
  const cap = `cap ${formatQuantity(limitW, 'power')}`
  return powerW === undefined ? `power of ${sensor} is unknown, ${cap}` : `${sensor} at ${formatQuantity(powerW, 'power')} (${quality}), ${cap}`
}

/** `guard took 28 points away, 12 are left: soc-thermal at 81.2 degC, limit 80 degC`. */
export function guardText(event: GuardEntry): string {
  const took = event.before - event.points
  const left = event.only === undefined ? `${points(event.points)} left` : `only ${event.only} left`
  return `guard ${took > 0 ? `took ${points(took)} away` : `gave ${points(-took)} back`}, ${left}: ${readingText(event)}`
}

const limitsOfClock = (limits: KnobEntry['foundHz']): string => {
  if (limits === undefined) return 'elsewhere'
  const [low, high] = [limits.min, limits.max].map((freqHz) => formatQuantity(freqHz, 'frequency'))
  return low === high ? `at ${low}` : `${low} to ${high}`
}

/** `big.freqHz is 600 MHz to 1.0 GHz, set by thermald; left to it`. */
export function knobText({ what, name, foundHz, governor, by, yielded }: Omit<KnobEntry, 'kind' | 'step'>): string {
  switch (what) {
    case 'changed':
      return `${name} was set ${limitsOfClock(foundHz)} by ${by}: ${yielded === true ? 'left to it, and the rest goes on (--force-knobs would write it again)' : 'written again, as --force-knobs asks'}`
    case 'returned':
      return `${name} is as it was before the run: set again`
    case 'capped':
      return `${name} is held ${limitsOfClock(foundHz)} by ${by}`
    case 'uncapped':
      return `${name} is no longer held down`
    case 'governor':
      return `${name} has the governor ${governor} now, set by ${by}: left to it`
  }
}

/** What happened, for people. */
export function eventText(event: EventEntry): string {
  if (event.kind === 'change') return `decision ${event.step}: ${changeText(event)}`
  if (event.kind === 'guard') return `decision ${event.step}: ${guardText(event)}`
  if (event.kind === 'knob') return `decision ${event.step}: ${knobText(event)}`
  if (event.kind === 'sensor') return `decision ${event.step}: ${sensorText(event)}`
  const { since, limits, feasible } = event
  if (Object.keys(limits).length === 0) return `decision ${since}: all that is asked can be kept again`
  const instead = feasibleText(feasible)
  return `decision ${since}: no point keeps ${limitsText(limits)}; the least bad is taken${instead === '' ? '' : `, ${instead}`}`
}
