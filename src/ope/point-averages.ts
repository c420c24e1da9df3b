import { studentT95 } from '../core/statistics.ts'
import type { ValueInterval } from './bootstrap.ts'

/** Mean reward of the decisions that took one action: what a log without propensities can say of it. */
export interface PointAverage extends ValueInterval {
  readonly action: number
  readonly rounds: number
}

export interface PointAverages {
  /** Rounds in the order of time, counted from 0. */
  add(round: number, action: number, reward: number): void
  /** Of actions that were taken, the most often taken first. */
  averages(): PointAverage[]
}

/** Stretches of time that the spread of a mean is taken over: neighbouring rounds are alike. */
const stretches = 20
/** Fewer stretches with an action in them say nothing of its spread. */
const fewestStretches = 5

/**
 * Averages by action, with 95 % intervals from the spread between stretches of the log (ratio of sums, delta method; Cochran, "Sampling Techniques", 1977, chapter 6). An average says what an action earned where it was taken: whoever
 * chose it at easy moments only makes it look good. `rounds` of the log, as far as known.
 */
export function makePointAverages(actions: number, rounds: number): PointAverages {
  const length = Math.max(1, Math.ceil(rounds / stretches))
  const sums = new Float64Array(actions * stretches)
  const counts = new Float64Array(actions * stretches)
  return {
    add(round, action, reward) {
      const at = action * stretches + Math.min(stretches - 1, Math.floor(round / length))
      sums[at] = (sums[at] as number) + reward
      counts[at] = (counts[at] as number) + 1
    },
    averages() {
      const found: PointAverage[] = []
      for (let action = 0; action < actions; action++) {
        const own = (column: Float64Array): Float64Array => column.subarray(action * stretches, (action + 1) * stretches)
        const average = averageOf(own(sums), own(counts))
        if (average !== undefined) found.push({ action, ...average })
      }
      return found.sort((a, b) => b.rounds - a.rounds || a.action - b.action)
    },
  }
}

function averageOf(sums: Float64Array, counts: Float64Array): Omit<PointAverage, 'action'> | undefined {
  let [rounds, sum, used, squares] = [0, 0, 0, 0]
  for (let s = 0; s < stretches; s++) {
    rounds += counts[s] as number
    sum += sums[s] as number
    if ((counts[s] as number) > 0) used++
  }
  if (rounds === 0) return undefined
  const value = sum / rounds
  if (used < fewestStretches) return { rounds, value, lo: Number.NaN, hi: Number.NaN }
  for (let s = 0; s < stretches; s++) squares += ((sums[s] as number) - value * (counts[s] as number)) ** 2
  const half = (studentT95(used - 1) * Math.sqrt((squares * used) / (used - 1))) / rounds
  return { rounds, value, lo: value - half, hi: value + half }
}
