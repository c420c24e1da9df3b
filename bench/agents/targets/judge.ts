import type { Stat } from '../../../src/run/compare/result.ts'
import { shareStat, statOf } from '../../../src/run/compare/statistics.ts'
import { type SeedSummary, windowsOf } from '../../../src/run/compare/summary.ts'
import type { Target } from './asked.ts'

/** Cost and misses over some steps of a run, from the windows that fill them. Throws where none do. */
export function over(run: SeedSummary, steps: number, { from, to }: Pick<Target, 'from' | 'to'>): { cost: number; missRatio: number } {
  const sum = { cost: 0, missRatio: 0 }
  const windows = windowsOf(steps).map((window, i) => ({ from: window.from, to: window.to ?? steps, ...run.windows[i] }))
  for (let at = from; at <= to; ) {
    const [next] = windows.filter((window) => window.from === at && window.to <= to).sort((a, b) => b.to - a.to)
    if (next?.cost === undefined || next.missRatio === undefined) throw new Error(`no windows fill the steps ${from} to ${to}`)
    const share = (next.to - next.from + 1) / (to - from + 1)
    sum.cost += share * next.cost
    sum.missRatio += share * next.missRatio
    at = next.to + 1
  }
  return sum
}

/** The runs of one agent, of the oracle, and of the best fixed point with hindsight, seed by seed. */
export interface Runs {
  readonly steps: number
  readonly agent: readonly SeedSummary[]
  readonly oracle: readonly SeedSummary[]
  readonly fixed?: readonly SeedSummary[]
}

/** A target beside what was measured over seeds. */
export interface Verdict extends Target {
  readonly measuredGap: Stat
  readonly measuredMisses: Stat
  /** Gap of the best fixed point, and the agent's less that, paired by seed; null where there is none to compare with. */
  readonly fixedGap: Stat | null
  readonly beyondFixed: Stat | null
  readonly oracleMisses: Stat
  /** Gap and misses, by their means. */
  readonly met: boolean
  /** Whether the whole interval of `beyondFixed` lies below 0; null where there is no fixed point. */
  readonly belowFixed: boolean | null
}

/** What was asked, beside what was measured. */
export function judge(target: Target, { steps, agent, oracle, fixed }: Runs): Verdict {
  const cost = (run: SeedSummary): number => over(run, steps, target).cost
  const gaps = (runs: readonly SeedSummary[]): number[] => runs.map((run, s) => cost(run) / cost(oracle[s] as SeedSummary) - 1)
  const misses = (runs: readonly SeedSummary[]): Stat => shareStat(runs.map((run) => over(run, steps, target).missRatio))
  const own = gaps(agent)
  const others = fixed === undefined ? undefined : gaps(fixed)
  const measuredGap = statOf(own)
  const measuredMisses = misses(agent)
  const beyondFixed = others === undefined ? null : statOf(own.map((gap, s) => gap - (others[s] as number)))
  return {
    ...target,
    measuredGap,
    measuredMisses,
    fixedGap: others === undefined ? null : statOf(others),
    beyondFixed,
    oracleMisses: misses(oracle),
    met: measuredGap.mean <= target.gap && (target.misses === undefined || measuredMisses.mean <= target.misses),
    belowFixed: beyondFixed === null ? null : (beyondFixed.hi ?? beyondFixed.mean) < 0,
  }
}
