import { mean } from '../../../src/core/statistics.ts'
import type { AgentEntry } from '../../../src/run/compare/lineup.ts'
import type { SeedResult } from '../../../src/run/compare/seed-run.ts'
import type { SeedSummary } from '../../../src/run/compare/summary.ts'
import type { Contest } from './entrants.ts'
import { gapDifference, gapOf, isMet, type Runs, type Verdict, verdictOf } from './verdict.ts'

/** Gaps, ours less a rival's with its 95 % interval over seeds: fractions. */
export interface Figure {
  readonly gap: number
  readonly rivalGap: number
  readonly difference: number
  readonly lo: number
  readonly hi: number
  readonly verdict: Verdict
  readonly met: boolean
}

/** Ours against one rival on one ground. */
export interface Line {
  readonly title: string
  readonly ground: string
  readonly changes: boolean
  readonly rival: string
  readonly missRatio: number
  readonly rivalMissRatio: number
  /** Of the whole run, and without its first 50 decisions. */
  readonly whole: Figure
  readonly settled: Figure
}

export interface LinesInput {
  readonly contest: Contest
  readonly ground: string
  readonly changes: boolean
  readonly entrants: readonly AgentEntry[]
  /** Of one ground, seed by seed. */
  readonly results: readonly SeedResult[]
  readonly steps: number
}

const learning = 50

export function linesOf({ contest, ground, changes, entrants, results, steps }: LinesInput): Line[] {
  const runsOf = (label: string): SeedSummary[] => {
    const at = entrants.findIndex((entry) => entry.label === label)
    return results.map(({ agents }) => agents[at] as SeedSummary)
  }
  const oracle = results.map((result) => result.oracle)
  const ours = runsOf(contest.ours)
  const missRatioOf = (runs: readonly SeedSummary[]): number => mean(runs.map(({ missRatio }) => missRatio))
  return contest.rivals.map((rival): Line => {
    const theirs = runsOf(rival)
    const figure = (skipped: number): Figure => figureOf({ ours, theirs, oracle }, steps, skipped, changes)
    return {
      title: contest.title,
      ground,
      changes,
      rival,
      missRatio: missRatioOf(ours),
      rivalMissRatio: missRatioOf(theirs),
      whole: figure(0),
      settled: figure(learning),
    }
  })
}

function figureOf(runs: Runs, steps: number, skipped: number, changes: boolean): Figure {
  const { mean: difference, lo, hi } = gapDifference(runs, steps, skipped)
  const verdict = verdictOf({ lo, hi })
  return {
    gap: gapOf(runs.ours, runs.oracle, steps, skipped),
    rivalGap: gapOf(runs.theirs, runs.oracle, steps, skipped),
    difference,
    lo,
    hi,
    verdict,
    met: isMet(verdict, changes),
  }
}

const points = (ratio: number): string => (100 * ratio).toFixed(1)
const shown = ({ difference, lo, hi, verdict, met }: Figure): string =>
  `${`${points(difference)} [${points(lo)}, ${points(hi)}]`.padEnd(25)} ${`${verdict}${met ? '' : ' *'}`.padEnd(11)}`

export function describeLine({ ground, changes, rival, missRatio, rivalMissRatio, whole, settled }: Line): string {
  return [
    ground.padEnd(44),
    (changes ? 'changes' : 'still').padEnd(7),
    rival.padEnd(20),
    shown(whole),
    `after ${learning}: ${shown(settled)}`,
    `gap ${points(whole.gap)} against ${points(whole.rivalGap)} %, misses ${points(missRatio)} against ${points(rivalMissRatio)} %`,
  ].join(' ')
}

/** How often each verdict fell on the grounds that change, and on those that stand still. */
export function tally(lines: readonly Line[], rival: string, of: 'whole' | 'settled'): string {
  const against = lines.filter((line) => line.rival === rival)
  const count = (some: readonly Line[]): string =>
    (['superior', 'not worse', 'undecided', 'worse'] as const)
      .map((verdict) => [some.filter((line) => line[of].verdict === verdict).length, verdict] as const)
      .filter(([number]) => number > 0)
      .map(([number, verdict]) => `${number} ${verdict}`)
      .join(', ') || 'none'
  return `changes: ${count(against.filter(({ changes }) => changes))}; still: ${count(against.filter(({ changes }) => !changes))}`
}

/** Counts against each rival, then every line that falls short of what was asked. */
export function summarise({ title, ours, rivals }: Contest, all: readonly Line[]): string[] {
  const lines = all.filter((line) => line.title === title)
  const short = lines.filter(({ whole, settled }) => !whole.met || !settled.met)
  return [
    ...(['whole', 'settled'] as const).flatMap((of) => [
      `${title}, ${of === 'whole' ? 'the whole run' : `without its first ${learning} decisions`}: ${ours} against`,
      ...rivals.map((rival) => `  ${rival.padEnd(20)} ${tally(lines, rival, of)}`),
    ]),
    `${title}: short of what was asked (*) on ${short.length} of ${lines.length} lines, in the whole run or after the first ${learning} decisions`,
    ...short.map(describeLine),
  ]
}
