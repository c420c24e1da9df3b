import { formatQuantity } from '../core/units.ts'
import type { ChangeEntry, EventEntry, GuardEntry } from '../trace/event.ts'
import { feasibleText, limitsText } from './explanation.ts'

const verbs = { latency: ['became slower', 'became faster'], power: ['draws more', 'draws less'] } as const

/** `big became slower (z = 7.1)`. */
export const changeText = ({ what, cluster, z }: Pick<ChangeEntry, 'what' | 'cluster' | 'z'>): string =>
  `${cluster === '' ? 'the board' : cluster} ${verbs[what][z > 0 ? 0 : 1]} (z = ${z.toFixed(1)})`

const points = (count: number): string => (count === 1 ? '1 point' : `${count} points`)

/** What the guard went by: `soc-thermal at 81.2 degC, limit 80 degC`. */
function readingText({ cause, sensor, tempC, limitC, powerW, limitW, quality }: GuardEntry): string {
  if (cause === 'heat') return tempC === undefined ? `${sensor} is silent` : `${sensor} at ${tempC} degC, limit ${limitC} degC`
  const cap = `cap ${formatQuantity(limitW, 'power')}`
  return powerW === undefined ? `power of ${sensor} is unknown, ${cap}` : `${sensor} at ${formatQuantity(powerW, 'power')} (${quality}), ${cap}`
}

/** `guard took 28 points away, 12 are left: soc-thermal at 81.2 degC, limit 80 degC`. */
export function guardText(event: GuardEntry): string {
  const took = event.before - event.points
  const left = event.only === undefined ? `${points(event.points)} left` : `only ${event.only} left`
  return `guard ${took > 0 ? `took ${points(took)} away` : `gave ${points(-took)} back`}, ${left}: ${readingText(event)}`
}

/** What happened, for people. */
export function eventText(event: EventEntry): string {
  if (event.kind === 'change') return `decision ${event.step}: ${changeText(event)}`
  if (event.kind === 'guard') return `decision ${event.step}: ${guardText(event)}`
  const { since, limits, feasible } = event
  if (Object.keys(limits).length === 0) return `decision ${since}: all that is asked can be kept again`
  const instead = feasibleText(feasible)
  return `decision ${since}: no point keeps ${limitsText(limits)}; the least bad is taken${instead === '' ? '' : `, ${instead}`}`
}
