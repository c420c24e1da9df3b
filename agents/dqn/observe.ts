import type { Observation, Spaces } from '../../src/core/spaces.ts'
import { fromPlain, type PlainNumber, toPlain } from '../maths/plain.ts'

/** Monitors as the inputs of a network: two per monitor, its value over its range in [0, 1] and 1 where it is absent; then a constant 1. */
export interface Inputs {
  readonly size: number
  /** Takes note of what is asked first: later deadlines and budgets count relative to it. */
  note(observation: Observation): void
  /** Writes `size` numbers at `out[at …]`. Changes nothing else. */
  fill(observation: Observation, out: Float32Array, at: number): void
  save(): PlainNumber[]
  restore(data: readonly PlainNumber[]): void
}

/** They say more of the last action than of the board, or nothing that changes what an action costs. */
const leftOut = new Set(['latencyRatio', 'percentile', 'leastConfidence'])
/** A deadline may lie anywhere between a millisecond and a minute: what counts is how it changed. */
const relative = new Set(['deadlineS', 'energyBudgetJ'])

/** Half of what was asked first is 0.25, the same 0.5, twice as much 0.75; what was not asked before is the first. */
const octavesFrom = (first: number, value: number): number => (Number.isNaN(first) || value === first ? 0.5 : 0.5 + Math.log2(value / first) / 4)

export function makeInputs(spaces: Spaces): Inputs {
  const used = spaces.monitors.map((monitor, index) => ({ ...monitor, index })).filter(({ name }) => !leftOut.has(name))
  const first = new Float64Array(used.length).fill(Number.NaN)
  const size = 2 * used.length + 1
  return {
    size,
    note(observation) {
      for (let i = 0; i < used.length; i++) if (Number.isNaN(first[i])) first[i] = observation[(used[i] as { index: number }).index] as number
    },
    fill(observation, out, at) {
      for (let i = 0; i < used.length; i++) {
        const { name, index, low, high } = used[i] as (typeof used)[number]
        const value = observation[index] as number
        const ratio = relative.has(name) ? octavesFrom(first[i] as number, value) : high > low ? (value - low) / (high - low) : 0
        out[at + 2 * i] = Number.isNaN(value) ? 0 : Math.max(0, Math.min(1, ratio))
        out[at + 2 * i + 1] = Number.isNaN(value) ? 1 : 0
      }
      out[at + size - 1] = 1
    },
    save: () => Array.from(first, toPlain),
    restore(data) {
      for (let i = 0; i < first.length; i++) first[i] = fromPlain(data[i] ?? null)
    },
  }
}
