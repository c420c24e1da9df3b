import { formatQuantity } from '../core/units.ts'
import type { ValueInterval } from '../ope/bootstrap.ts'
import type { OutcomeTerms } from '../run/offline/terms.ts'

export const round4 = (x: number): string => (Number.isFinite(x) ? String(Number(x.toPrecision(4))) : '-')

/** A reward, which is -cost, as a cost with its interval: `0.1221 [0.1198, 0.1244]`. */
export const costInterval = ({ value, lo, hi }: ValueInterval): string =>
  Number.isFinite(lo) ? `${round4(-value)} [${round4(-hi)}, ${round4(-lo)}]` : round4(-value)

/** A cost that the verdict does not believe: no interval that would look like knowledge. `replay` explains the mark below its table. */
export const judgedCost = (estimate: ValueInterval, believed: boolean): string => (believed ? costInterval(estimate) : `? ${round4(-estimate.value)}`)

export const doubtNote = '?: not to be believed, this log cannot answer'

/** Effective rounds, or `-` where the log has no propensities. */
export const countText = (count: number, digits = 0): string => (Number.isNaN(count) ? '-' : count.toFixed(digits))

/** One part of an outcome in its unit. */
export function termText(name: keyof OutcomeTerms, value: number): string {
  if (!Number.isFinite(value)) return '-'
  if (name === 'latencyS') return formatQuantity(value, 'time')
  if (name === 'energyJ') return formatQuantity(value, 'energy')
  return `${(100 * value).toFixed(1)} %`
}
