import type { ObjectiveSpec } from './objective.ts'
import { formatQuantity } from './units.ts'

/** A cost in the unit of its objective, to three digits: J, s, or none. `-` for what is absent. */
export function costText(cost: number, { kind }: Pick<ObjectiveSpec, 'kind'>): string {
  if (!Number.isFinite(cost)) return '-'
  if (kind === 'energy') return formatQuantity(cost, 'energy')
  if (kind === 'latency') return formatQuantity(cost, 'time')
  return String(Number(cost.toPrecision(3)))
}
