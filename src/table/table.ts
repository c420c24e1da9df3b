import type { EnergyScope, Quality } from '../core/outcome.ts'
import type { Knob, OperatingPoint } from '../core/spaces.ts'

/** A cluster that a table's points run on. */
export interface TableCluster {
  readonly id: string
  readonly cores: number
}

/** What a program computed beside every point, so that an agent that looks at features meets the same ones here as on the board. */
export interface TableFeatures {
  readonly names: readonly string[]
  /** A row per point, a column per name. */
  readonly rows: readonly (readonly number[])[]
}

/** A measured table, checked: one row per operating point. Outcomes are in the order of the points; NaN where the table has no such column. */
export interface MeasuredTable {
  readonly name: string
  /** What was measured, in words; the name where the table does not say. */
  readonly device: string
  readonly knobs: readonly Knob[]
  readonly points: readonly OperatingPoint[]
  readonly latencyS: Float64Array
  readonly energyJ: Float64Array
  readonly accuracy: Float64Array
  readonly quality: { readonly latencyS: Quality; readonly energyJ: Quality; readonly accuracy: Quality }
  /** What the energy covers. */
  readonly energyScope: EnergyScope
  readonly clusters: readonly TableCluster[]
  readonly features?: TableFeatures | undefined
  /** The JSON half as it was read: whoever wrote the table may have put more there. */
  readonly about: Readonly<Record<string, unknown>>
  /** What a reader should know; nothing of it keeps the table from being used. */
  readonly notes: readonly string[]
}

export const tableSchemaName = 'measured-table/1'

/** Outcomes that a table may have; `latencyS` it must have. */
export const outcomeNames = ['accuracy', 'latencyS', 'energyJ', 'powerW'] as const
export type OutcomeName = (typeof outcomeNames)[number]

export const isOutcomeName = (name: string): name is OutcomeName => (outcomeNames as readonly string[]).includes(name)
