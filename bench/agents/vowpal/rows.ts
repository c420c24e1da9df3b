import { type Interval, mean } from '../../../src/core/statistics.ts'
import { type SeedSummary, windowsOf } from '../../../src/run/compare/summary.ts'

/** One agent on one table. Gaps and misses are fractions, means over seeds with their 95 % intervals. */
export interface Row {
  readonly ground: string
  readonly agent: string
  readonly gap: Interval
  readonly windows: readonly WindowGap[]
  readonly missRatio: Interval
  /** Median time of a decision and of learning from it together, s; of Vowpal Wabbit inside Python, without pipe and text. */
  readonly decideS: number
  /** Median time in which Python makes examples of text; null for our own. */
  readonly parseS: number | null
}

interface WindowGap {
  readonly name: string
  readonly gap: number
  readonly missRatio: number
}

const shown = ['1-50', '51-100', '101-500']

export function windowGaps(runs: readonly SeedSummary[], oracle: readonly SeedSummary[], steps: number): WindowGap[] {
  return windowsOf(steps)
    .map(({ from, to }, w) => ({
      name: `${from}-${to ?? ''}`,
      gap: mean(runs.map((run, i) => (run.windows[w]?.cost as number) / ((oracle[i] as SeedSummary).windows[w]?.cost as number) - 1)),
      missRatio: mean(runs.map((run) => run.windows[w]?.missRatio as number)),
    }))
    .filter(({ name }) => shown.includes(name))
}

const percent = (ratio: number): string => (100 * ratio).toFixed(1)
const us = (timeS: number): string => String(Number((1e6 * timeS).toPrecision(2)))

export function describeRows(rows: readonly Row[], seeds: number): string[] {
  const grounds = [...new Set(rows.map(({ ground }) => ground))]
  return [
    `all from nothing, ${seeds} seeds; gap to the oracle, %, with its 95 % interval; misses, %; median time of act and learn, us`,
    'vw: time inside Python of prediction, draw and learning; making examples of text apart; without the pipe',
    ...grounds.flatMap((ground) => [
      '',
      ground,
      ...rows
        .filter((row) => row.ground === ground)
        .map(({ agent, gap, windows, missRatio, decideS, parseS }) =>
          [
            `  ${agent.padEnd(20)}`,
            `${percent(gap.mean)} [${percent(gap.lo)}, ${percent(gap.hi)}]`.padEnd(22),
            ...windows.map((window) => `${window.name}: ${percent(window.gap)}`.padEnd(16)),
            `misses ${percent(missRatio.mean)}`.padEnd(14),
            `${us(decideS)} us${parseS === null ? '' : `, text ${us(parseS)} us`}`,
          ].join(' '),
        ),
    ]),
  ]
}
