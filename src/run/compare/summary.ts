import { type LatencyPercentiles, mean, median, percentiles } from '../../core/statistics.ts'
import type { EpisodeRecord } from './episode.ts'

/** Steps from..to, counted from 1, both included. */
export interface Window {
  readonly from: number
  readonly to: number | null
}

const allWindows: readonly Window[] = [
  { from: 1, to: 20 },
  { from: 1, to: 50 },
  { from: 21, to: 50 },
  { from: 51, to: 100 },
  { from: 51, to: 500 },
  { from: 101, to: 500 },
  { from: 501, to: null },
]

/** The windows that a run of so many steps fills: a window that it breaks off in would not be what its name says. */
export const windowsOf = (steps: number): Window[] => allWindows.filter(({ from, to }) => (to ?? from) <= steps)

const mostBlocks = 200

/** Steps of one block of a curve. */
export const blockStepsOf = (steps: number): number => Math.ceil(steps / mostBlocks)

/** One agent's run under one seed, in figures. Plain data: it crosses threads. */
export interface SeedSummary {
  /** Mean expected cost a step. */
  readonly cost: number
  readonly windows: readonly { readonly cost: number; readonly missRatio: number }[]
  readonly curve: readonly number[]
  /** Mean over the inferences of which it is known; null when it is of none. So is accuracy. */
  readonly energyJ: number | null
  readonly latencyS: LatencyPercentiles
  readonly missRatio: number
  readonly dropRatio: number
  readonly longestMissRun: number
  readonly accuracy: number | null
  readonly decideS: number
}

export function summariseEpisode(record: EpisodeRecord): SeedSummary {
  const { cost } = record
  const steps = cost.length
  const block = blockStepsOf(steps)
  return {
    cost: mean(cost),
    windows: windowsOf(steps).map(({ from, to }) => ({
      cost: mean(cost.subarray(from - 1, to ?? steps)),
      missRatio: missRatioOf(record, from - 1, to ?? steps),
    })),
    curve: Array.from({ length: Math.ceil(steps / block) }, (_, i) => mean(cost.subarray(i * block, (i + 1) * block))),
    energyJ: meanKnown(record.energyJ),
    latencyS: percentiles(record.latencyS),
    missRatio: missRatioOf(record, 0, steps),
    dropRatio: sum(record.dropped) / (steps + sum(record.dropped)),
    longestMissRun: longestMissRun(record),
    accuracy: meanKnown(record.accuracy),
    decideS: median(record.decideS),
  }
}

function meanKnown(values: Float64Array): number | null {
  const known = values.filter((value) => !Number.isNaN(value))
  return known.length === 0 ? null : mean(known)
}

/** Share of the requests that were answered late or never. */
function missRatioOf({ missed, dropped }: Pick<EpisodeRecord, 'missed' | 'dropped'>, from: number, to: number): number {
  const never = sum(dropped.subarray(from, to))
  return (sum(missed.subarray(from, to)) + never) / (to - from + never)
}

/** Requests in a row that were answered late or never; those that were dropped while one was answered come after it. */
export function longestMissRun({ missed, dropped }: Pick<EpisodeRecord, 'missed' | 'dropped'>): number {
  let longest = 0
  let run = 0
  for (let i = 0; i < missed.length; i++) {
    run = (missed[i] === 1 ? run + 1 : 0) + (dropped[i] as number)
    if (run > longest) longest = run
  }
  return longest
}

function sum(values: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i] as number
  return total
}
