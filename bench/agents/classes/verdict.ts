import { type Interval, interval95 } from '../../../src/core/statistics.ts'
import { type SeedSummary, windowsOf } from '../../../src/run/compare/summary.ts'

/**
 * By the 95 % interval of a difference of gaps: `superior` below 0 throughout; `not worse` at most a margin above it throughout; `worse` above 0 throughout and past the margin somewhere; else
 * `undecided`: more seeds would tell.
 */
export type Verdict = 'superior' | 'not worse' | 'worse' | 'undecided'

/** What is still called "not worse": one point. */
export const marginRatio = 0.01

export function verdictOf({ lo, hi }: Pick<Interval, 'lo' | 'hi'>, margin = marginRatio): Verdict {
  if (hi < 0) return 'superior'
  if (hi <= margin) return 'not worse'
  return lo > 0 ? 'worse' : 'undecided'
}

/** What was asked: better where the world changes, not worse where it stands still. */
export const isMet = (verdict: Verdict, changes: boolean): boolean => verdict === 'superior' || (!changes && verdict === 'not worse')

/** Mean expected cost a step from step `skipped + 1` on; `skipped` is 0 or the length of a window that begins a run. */
export function costAfter({ cost, windows }: SeedSummary, steps: number, skipped: number): number {
  if (skipped === 0) return cost
  const at = windowsOf(steps).findIndex(({ from, to }) => from === 1 && to === skipped)
  return (cost * steps - (windows[at]?.cost ?? Number.NaN) * skipped) / (steps - skipped)
}

export interface Runs {
  readonly ours: readonly SeedSummary[]
  readonly theirs: readonly SeedSummary[]
  readonly oracle: readonly SeedSummary[]
}

/** Our gap to the oracle less theirs, seed by seed, with its interval: a fraction. */
export function gapDifference({ ours, theirs, oracle }: Runs, steps: number, skipped: number): Interval {
  const cost = (runs: readonly SeedSummary[], seed: number): number => costAfter(runs[seed] as SeedSummary, steps, skipped)
  return interval95(ours.map((_, seed) => (cost(ours, seed) - cost(theirs, seed)) / cost(oracle, seed)))
}

/** Mean gap to the oracle: a fraction. */
export function gapOf(runs: readonly SeedSummary[], oracle: readonly SeedSummary[], steps: number, skipped: number): number {
  return interval95(runs.map((run, i) => costAfter(run, steps, skipped) / costAfter(oracle[i] as SeedSummary, steps, skipped) - 1)).mean
}
