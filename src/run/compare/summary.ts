import { type LatencyPercentiles, mean, percentiles } from '../../core/statistics.ts'
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
  readonly longestMissRun: number
  readonly accuracy: number | null
  readonly decideS: number
}

export function summariseEpisode(record: EpisodeRecord): SeedSummary {
  const { cost, missed } = record
  const steps = cost.length
  const block = blockStepsOf(steps)
  return {
    cost: mean(cost),
    windows: windowsOf(steps).map(({ from, to }) => ({
      cost: mean(cost.subarray(from - 1, to ?? steps)),
      missRatio: mean(missed.subarray(from - 1, to ?? steps)),
    })),
    curve: Array.from({ length: Math.ceil(steps / block) }, (_, i) => mean(cost.subarray(i * block, (i + 1) * block))),
    energyJ: meanKnown(record.energyJ),
    latencyS: percentiles(record.latencyS),
    missRatio: mean(missed),
    longestMissRun: longestRun(missed),
    accuracy: meanKnown(record.accuracy),
    decideS: record.decideS,
  }
}

function meanKnown(values: Float64Array): number | null {
  const known = values.filter((value) => !Number.isNaN(value))
  return known.length === 0 ? null : mean(known)
}

/** Length of the longest run of ones. */
export function longestRun(flags: ArrayLike<number>): number {
  let longest = 0
  let run = 0
  for (let i = 0; i < flags.length; i++) {
    run = flags[i] === 1 ? run + 1 : 0
    if (run > longest) longest = run
  }
  return longest
}
