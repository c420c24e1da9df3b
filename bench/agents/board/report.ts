import type { EnergyScope } from '../../../src/core/outcome.ts'
import { type Interval, mean } from '../../../src/core/statistics.ts'
import type { RunSummary } from '../../../src/run/tally.ts'
import { time } from '../../support.ts'
import type { Judgement } from './judge.ts'
import type { Contest } from './rounds.ts'

/** Means over seeds; latencies of each seed's blocks together. */
export interface Figures {
  readonly missRatio: number
  readonly p50S: number
  readonly p95S: number
  readonly energyJ: number
  readonly accuracy: number
  readonly latencyTerm: number
  readonly energyTerm: number
  readonly violationTerm: number
}

/** Of the learner, and of what it was held against on each seed. */
export function figuresOf(
  played: readonly (readonly Contest[])[],
  rivals: readonly string[],
  scope: EnergyScope,
): { learner: Figures; rival: Figures } {
  const of = (nameOn: (seed: number) => string): Figures => {
    const summaries = played.map((contest, seed) => (contest.find(({ name }) => name === nameOn(seed)) as Contest).tally.summary(scope))
    const over = (value: (summary: RunSummary) => number): number => mean(summaries.map(value))
    return {
      missRatio: over((s) => s.missRatio),
      p50S: over((s) => s.latencyS.p50 ?? Number.NaN),
      p95S: over((s) => s.latencyS.p95 ?? Number.NaN),
      energyJ: over((s) => s.energyJ ?? Number.NaN),
      accuracy: over((s) => s.accuracy),
      latencyTerm: over((s) => s.costTerms.latency),
      energyTerm: over((s) => s.costTerms.energy),
      violationTerm: over((s) => s.costTerms.violation),
    }
  }
  return { learner: of(() => 'learner'), rival: of((seed) => rivals[seed] as string) }
}

export interface BoardDocument extends Judgement {
  readonly agent: string
  readonly start: string
  readonly objective: string
  readonly deadlineS: number | undefined
  readonly seeds: number
  readonly learning: number
  readonly rounds: number
  readonly requests: number
  readonly fixedPoints: Readonly<Record<string, string>>
  readonly figures: ReturnType<typeof figuresOf>
}

/** In words: whether the interval of the ratio leaves out 1. */
export const outcomeOf = ({ lo, hi }: Pick<Interval, 'lo' | 'hi'>): string =>
  hi < 1 ? 'costs less than the fixed point' : lo > 1 ? 'costs more than the fixed point' : 'cannot be told from the fixed point'

export function describe(d: BoardDocument): string[] {
  const interval = ({ mean: m, lo, hi }: Interval): string => `${number(m)} [${number(lo)}, ${number(hi)}]`
  const pair = (value: (figures: Figures) => string): string => `${value(d.figures.learner)} against ${value(d.figures.rival)}`
  const percent = (ratio: number): string => `${(100 * ratio).toFixed(1)} %`
  return [
    `${d.agent} from ${d.start}, after ${d.learning} requests, against the fixed point best on other seeds: ${d.seeds} seeds, ${d.rounds} rounds of ${d.requests} requests each`,
    `objective ${d.objective}, deadline ${time(d.deadlineS ?? Number.NaN)}; 95 % intervals`,
    `${d.agent} ${outcomeOf(d.ratio)}`,
    `  cost        ${number(d.cost)} against ${number(d.rivalCost)}`,
    `  ratio       ${interval(d.ratio)}, geometric mean over seeds`,
    `  difference  ${interval(d.overSeeds)} over seeds, ${interval(d.overBlocks)} over blocks; by seed ${d.perSeed.map(number).join(', ')}`,
    `  of which    latency ${pair((f) => number(f.latencyTerm))}, violations ${pair((f) => number(f.violationTerm))} (measured), energy ${pair((f) => number(f.energyTerm))} (estimated)`,
    `  latency     p50 ${pair((f) => time(f.p50S))}, p95 ${pair((f) => time(f.p95S))} (measured)`,
    `  misses      ${pair((f) => percent(f.missRatio))} (measured)`,
    `  accuracy    ${pair((f) => percent(f.accuracy))} (test set)`,
    `  fixed       ${[...new Set(d.rivals)].map((name) => d.fixedPoints[name]).join(' | ')}`,
  ]
}

const number = (value: number): string => String(Number(value.toPrecision(3)))
