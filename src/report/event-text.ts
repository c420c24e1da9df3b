import type { ChangeEntry, EventEntry } from '../trace/event.ts'
import { feasibleText, limitsText } from './explanation.ts'

const verbs = { latency: ['became slower', 'became faster'], power: ['draws more', 'draws less'] } as const

/** `big became slower (z = 7.1)`. */
export const changeText = ({ what, cluster, z }: Pick<ChangeEntry, 'what' | 'cluster' | 'z'>): string =>
  `${cluster === '' ? 'the board' : cluster} ${verbs[what][z > 0 ? 0 : 1]} (z = ${z.toFixed(1)})`

/** What happened, for people. */
export function eventText(event: EventEntry): string {
  if (event.kind === 'change') return `decision ${event.step}: ${changeText(event)}`
  const { since, limits, feasible } = event
  if (Object.keys(limits).length === 0) return `decision ${since}: all that is asked can be kept again`
  const instead = feasibleText(feasible)
  return `decision ${since}: no point keeps ${limitsText(limits)}; the least bad is taken${instead === '' ? '' : `, ${instead}`}`
}
