import type { LatencyPercentiles } from '../core/statistics.ts'
import { formatQuantity } from '../core/units.ts'
import type { RunSummary } from '../run/tally.ts'

const time = (value: number | null): string => formatQuantity(value, 'time')
export const percent = (ratio: number): string => `${(100 * ratio).toFixed(1)} %`

const ratioOf = (p: LatencyPercentiles): string => `p50 ${time(p.p50)}  p95 ${time(p.p95)}  p99 ${time(p.p99)}`

const scopes = { rail: 'of the rail', board: 'of the board', cpuTime: "of the inference threads' CPU time" } as const

/** A run's figures for people. A percentile shown as - had too few samples. */
export function summaryLines(summary: RunSummary): string[] {
  const { costTerms: terms, overheadS } = summary
  const parts = [
    `latency ${terms.latency.toFixed(3)}`,
    `energy ${terms.energy.toFixed(3)}`,
    `accuracy ${terms.accuracy.toFixed(3)}`,
    ...(terms.confidence > 0 ? [`confidence ${terms.confidence.toFixed(3)}`] : []),
    `violations ${terms.violation.toFixed(3)}`,
  ]
  return [
    `cost      ${summary.cost.toFixed(3)} a decision (${parts.join(' + ')})`,
    `latency   ${ratioOf(summary.latencyS)}  (measured, ${summary.latencyS.n} requests)`,
    `misses    ${percent(summary.missRatio)}`,
    `energy    ${formatQuantity(summary.energyJ, 'energy')} a decision (${summary.energyQuality}, ${scopes[summary.energyScope]})`,
    `accuracy  ${percent(summary.accuracy)} expected top-1`,
    ...(summary.earlyRatio > 0 ? [`early     ${percent(summary.earlyRatio)} answered by a smaller sub-network than the chosen one`] : []),
    `governor  ${ratioOf(overheadS.unchanged.total)}  (own time a decision, nothing changed)`,
    `          ${ratioOf(overheadS.changed.total)}  (a knob moved, ${overheadS.changed.total.n} decisions)`,
  ]
}
