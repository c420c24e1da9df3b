import { interval95, mean } from '../../core/statistics.ts'
import type { AgentEntry } from './lineup.ts'
import type { AgentClass, AgentResult, Stat } from './result.ts'
import { type SeedSummary, windowsOf } from './summary.ts'

/** Mean over seeds with its 95 % Student interval; of one seed there is no interval. */
export function statOf(samples: readonly number[]): Stat {
  const { mean, lo, hi, n } = interval95(samples)
  return n < 2 ? { mean, lo: null, hi: null } : { mean, lo, hi }
}

/** With its interval cut where the quantity ends: Student's knows of no bounds. */
function boundedStat(samples: readonly number[], most: number): Stat {
  const { mean, lo, hi } = statOf(samples)
  return lo === null || hi === null ? { mean, lo, hi } : { mean, lo: Math.min(mean, Math.max(0, lo)), hi: Math.max(mean, Math.min(most, hi)) }
}

/** The same of shares. */
export const shareStat = (samples: readonly number[]): Stat => boundedStat(samples, 1)

/** Null where one seed has no figure. */
function statOrNull(samples: readonly (number | null)[], most: number): Stat | null {
  const known = samples.filter((sample) => sample !== null)
  return known.length < samples.length ? null : boundedStat(known, most)
}

/** Sum over own run / sum over the oracle's run - 1, from means over equally many steps. */
const gapOf = (cost: number, oracleCost: number): number => cost / oracleCost - 1

/** Figures of one agent over its runs, seed by seed beside the oracle's. */
export function agentResult(
  entry: Pick<AgentEntry, 'label' | 'class'>,
  runs: readonly SeedSummary[],
  oracle: readonly SeedSummary[],
  steps: number,
  extra: { readonly profileSteps: number; readonly notes: readonly string[] },
): AgentResult {
  const over = (figure: (run: SeedSummary, best: SeedSummary) => number): Stat => statOf(runs.map((run, i) => figure(run, oracle[i] as SeedSummary)))
  const amount = (figure: (run: SeedSummary) => number): Stat => boundedStat(runs.map(figure), Number.POSITIVE_INFINITY)
  const ratio = (figure: (run: SeedSummary) => number): Stat => shareStat(runs.map(figure))
  const amountOrNull = (figure: (run: SeedSummary) => number | null): Stat | null => statOrNull(runs.map(figure), Number.POSITIVE_INFINITY)
  const latency = (p: 'p50' | 'p95' | 'p99'): Stat | null => amountOrNull((run) => run.latencyS[p])
  return {
    agent: entry.label,
    class: entry.class,
    profileSteps: extra.profileSteps,
    cost: over((run) => run.cost),
    reward: over((run) => -run.cost),
    energyJ: amountOrNull((run) => run.energyJ),
    latencyS: { p50: latency('p50'), p95: latency('p95'), p99: latency('p99') },
    missRatio: ratio((run) => run.missRatio),
    dropRatio: ratio((run) => run.dropRatio),
    longestMissRun: amount((run) => run.longestMissRun),
    accuracy: statOrNull(
      runs.map((run) => run.accuracy),
      1,
    ),
    gap: over((run, best) => gapOf(run.cost, best.cost)),
    regret: over((run, best) => (run.cost - best.cost) * steps),
    windows: windowsOf(steps).map(({ from, to }, w) => ({
      from,
      to,
      gap: over((run, best) => gapOf(run.windows[w]?.cost as number, best.windows[w]?.cost as number)),
      missRatio: ratio((run) => run.windows[w]?.missRatio as number),
    })),
    decideS: amount((run) => run.decideS),
    behindBest: null,
    curve: meanCurve(runs),
    notes: [...extra.notes, ...droppedNote(mean(runs.map((run) => run.dropRatio)))],
  }
}

const droppedNote = (ratio: number): string[] =>
  ratio > 0 ? [`${(ratio * 100).toFixed(1)} % of the requests were never answered, because the queue was full: they count as missed`] : []

/** Block by block the mean over runs. */
export const meanCurve = (runs: readonly SeedSummary[]): number[] =>
  (runs[0]?.curve ?? []).map((_, i) => mean(runs.map((run) => run.curve[i] as number)))

/** Each agent's cost less that of the best of its class, paired by seed; references are not ranked. */
export function rankWithinClasses(results: readonly AgentResult[], runs: readonly (readonly SeedSummary[])[]): AgentResult[] {
  const bestOf = new Map<AgentClass, number>()
  results.forEach((result, i) => {
    const best = bestOf.get(result.class)
    if (best === undefined || result.cost.mean < (results[best] as AgentResult).cost.mean) bestOf.set(result.class, i)
  })
  return results.map((result, i) => {
    const best = bestOf.get(result.class) as number
    if (result.class === 'reference' || best === i) return result
    const bestRuns = runs[best] as readonly SeedSummary[]
    const difference = statOf((runs[i] as SeedSummary[]).map((run, s) => run.cost - (bestRuns[s] as SeedSummary).cost))
    // The best has the least mean, so that the difference is never negative; equal runs differ by nothing.
    return { ...result, behindBest: { ...difference, distinguishable: difference.lo !== null && difference.lo > 0 } }
  })
}
