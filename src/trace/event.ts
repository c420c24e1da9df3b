import * as v from 'valibot'
import { finite } from '../checkpoint/parts.ts'
import type { DetectedChange, LimitValues } from '../core/agent.ts'
import type { GuardChange } from '../core/guard.ts'
import type { KnobEvent } from '../core/knob-event.ts'
import type { SensorEvent } from '../core/sensor-event.ts'

/** A lasting change of the board that the agent detected while it learned from the decision before `step`. */
export interface ChangeEntry extends Omit<DetectedChange, 'decision'> {
  readonly kind: 'change'
  /** First decision that knows of it. */
  readonly step: number
}

/** From `step` on no point is believed to keep these limits; none: from then on all are believed to be kept again. */
export interface RelaxedEntry {
  readonly kind: 'relaxed'
  readonly step: number
  /** First decision of those that led to this: a moment's doubt is no event. */
  readonly since: number
  /** What was asked. */
  readonly limits: LimitValues
  /** What could be asked instead of each, while the others hold; left out where nothing could. */
  readonly feasible: LimitValues
}

/** From `step` on the guard leaves other points than before. */
export interface GuardEntry extends GuardChange {
  readonly kind: 'guard'
  readonly step: number
}

/** What became of a knob before the decision `step`. */
export interface KnobEntry extends KnobEvent {
  readonly kind: 'knob'
  readonly step: number
}

/** What became of a sensor before the decision `step`. */
export interface SensorEntry extends SensorEvent {
  readonly kind: 'sensor'
  readonly step: number
}

export type EventEntry = ChangeEntry | RelaxedEntry | GuardEntry | KnobEntry | SensorEntry

const kinds: ReadonlySet<string> = new Set<EventEntry['kind']>(['change', 'relaxed', 'guard', 'knob', 'sensor'])

/** Whether a line of a trace tells of an event. */
export const isEvent = <T extends { readonly kind: string }>(entry: T): entry is Extract<T, EventEntry> => kinds.has(entry.kind)

export function formatEvent(event: EventEntry): string {
  if (event.kind === 'change') {
    const { step, what, cluster, z } = event
    return JSON.stringify({ change: { what, cluster, z }, step })
  }
  if (event.kind === 'guard') {
    const { kind: _kind, step, ...guard } = event
    return JSON.stringify({ guard, step })
  }
  if (event.kind === 'knob') {
    const { kind: _kind, step, ...knob } = event
    return JSON.stringify({ knob, step })
  }
  if (event.kind === 'sensor') {
    const { kind: _kind, step, ...sensor } = event
    return JSON.stringify({ sensor, step })
  }
  const { step, since, limits, feasible } = event
  return JSON.stringify({ relaxed: { since, limits, feasible }, step })
}

const step = v.pipe(v.number(), v.integer(), v.minValue(0))
const value = v.optional(v.pipe(finite, v.minValue(0)))
const limitValues = v.strictObject({ deadlineS: value, energyBudgetJ: value, accuracyFloor: value })

export const changeSchema = v.strictObject({
  change: v.strictObject({ what: v.picklist(['latency', 'power']), cluster: v.string(), z: finite }),
  step,
})
export const relaxedSchema = v.strictObject({
  relaxed: v.strictObject({ since: step, limits: limitValues, feasible: limitValues }),
  step,
})
export const guardSchema = v.strictObject({
  guard: v.strictObject({
    cause: v.picklist(['heat', 'power']),
    sensor: v.string(),
    tempC: v.optional(v.number()),
    powerW: v.optional(v.number()),
    limitC: v.optional(v.number()),
    limitW: v.optional(v.number()),
    quality: v.optional(v.picklist(['measured', 'estimated'])),
    points: step,
    before: step,
    only: v.optional(v.string()),
  }),
  step,
})

const freqHz = v.pipe(v.number(), v.minValue(0))
const frequencyLimits = v.strictObject({ min: freqHz, max: freqHz })
export const knobSchema = v.strictObject({
  knob: v.strictObject({
    what: v.picklist(['changed', 'returned', 'capped', 'uncapped', 'governor']),
    name: v.string(),
    askedHz: v.exactOptional(frequencyLimits),
    foundHz: v.exactOptional(frequencyLimits),
    governor: v.exactOptional(v.string()),
    by: v.exactOptional(v.string()),
    yielded: v.exactOptional(v.boolean()),
  }),
  step,
})

export const sensorSchema = v.strictObject({
  sensor: v.strictObject({
    what: v.picklist(['doubted', 'believed']),
    sensor: v.string(),
    trouble: v.picklist(['absent', 'denied', 'broken', 'implausible', 'jumping', 'stuck']),
    why: v.exactOptional(v.string()),
  }),
  step,
})
