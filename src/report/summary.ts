import { costText } from '../core/cost-text.ts'
import type { LatencyPercentiles } from '../core/statistics.ts'
import { formatQuantity } from '../core/units.ts'
import type { RunResult } from '../run/learn.ts'
import type { RunSummary } from '../run/tally.ts'
import { mostNoticed } from '../run/watch.ts'
import { objectiveText, requirementsText } from './compare-format.ts'
import { guardText, knobText } from './event-text.ts'
import { limitsText } from './explanation.ts'

const time = (value: number | null): string => formatQuantity(value, 'time')
/** `-` of none. */
export const percent = (ratio: number): string => (Number.isNaN(ratio) ? '-' : `${(100 * ratio).toFixed(1)} %`)

const ratioOf = (p: LatencyPercentiles): string => `p50 ${time(p.p50)}  p95 ${time(p.p95)}  p99 ${time(p.p99)}`

const scopes = { rail: 'of the rail', board: 'of the board', cpuTime: "of the inference threads' CPU time" } as const

/** Where latencies are from, as words. */
export type LatencySource = 'measured' | 'simulated' | 'from the table' | "from the trace's world"

const sources: Readonly<Record<string, LatencySource>> = { sim: 'simulated', table: 'from the table', trace: "from the trace's world" }

/** Of an environment as it is asked for: `board`, `sim:BOARD`, or its kind alone. */
export function latencySource(env: string): LatencySource {
  const [kind = ''] = env.split(':', 1)
  return sources[kind] ?? 'measured'
}

/** A run's figures for people. A percentile shown as - had too few samples. */
export function summaryLines(
  summary: RunSummary & Pick<RunResult, 'requirements' | 'objective' | 'changes' | 'relaxed' | 'guarded' | 'knobs' | 'sensors'>,
  source: LatencySource = 'measured',
): string[] {
  const { costTerms, overheadS, objective, requirements } = summary
  const cost = (value: number): string => costText(value, objective)
  const { violation, ...terms } = costTerms
  const parts = [...Object.entries(terms).filter(([, value]) => value > 0), ['violations', violation] as const]
  return [
    `asked     ${requirementsText(requirements)}; objective ${objectiveText(objective)}`,
    `cost      ${cost(summary.cost)} a decision (${parts.map(([name, value]) => `${name} ${cost(value)}`).join(' + ')})`,
    `latency   ${ratioOf(summary.latencyS)}  (${source}, ${countText(summary)})`,
    `misses    ${percent(summary.missRatio)}`,
    `energy    ${formatQuantity(summary.energyJ, 'energy')} a decision (${source === 'simulated' && summary.energyQuality !== 'absent' ? 'simulated' : summary.energyQuality}, ${scopes[summary.energyScope]})`,
    `accuracy  ${percent(summary.accuracy)} expected top-1`,
    ...(summary.earlyRatio > 0 ? [`early     ${percent(summary.earlyRatio)} answered by a smaller sub-network than the chosen one`] : []),
    ...noticedLines(summary),
    `governor  ${ratioOf(overheadS.unchanged.total)}  (own time a decision, nothing changed)`,
    ...(overheadS.changed.total.n === 0
      ? []
      : [`          ${ratioOf(overheadS.changed.total)}  (a knob moved, ${overheadS.changed.total.n} decisions)`]),
  ]
}

/** Of a long run the percentiles are those of a sample. */
const countText = ({ latencyS, steps }: Pick<RunSummary, 'latencyS' | 'steps'>): string =>
  latencyS.n === steps ? `${steps} requests` : `${latencyS.n} of ${steps} requests, drawn at random`

function noticedLines({
  changes,
  relaxed,
  guarded,
  knobs,
  sensors,
}: Pick<RunResult, 'changes' | 'relaxed' | 'guarded' | 'knobs' | 'sensors'>): string[] {
  const last = relaxed.at(-1)
  const guard = guarded.at(-1)
  const times = (count: number): string => (count === 1 ? 'once' : `${count} times${count >= mostNoticed ? ' or more' : ''}`)
  const others = knobs.findLast(({ what }) => what === 'changed')
  const doubted = sensors.filter(({ what }) => what === 'doubted')
  const held = knobs.findLast(({ what }) => what === 'capped')
  return [
    ...[others, held].flatMap((knob) => (knob === undefined ? [] : [`knobs     from decision ${knob.step} on ${knobText(knob)}`])),
    ...(doubted.length === 0
      ? []
      : [
          `sensors   ${times(doubted.length)} one was doubted, last before decision ${doubted.at(-1)?.step}: ${doubted.at(-1)?.sensor} ${doubted.at(-1)?.why}`,
        ]),
    ...(changes.length === 0 ? [] : [`changes   the board was found changed ${times(changes.length)}, last before decision ${changes.at(-1)?.step}`]),
    ...(guard === undefined
      ? []
      : [
          `guard     ${times(guarded.length)} it took points away or gave some back, last before decision ${guard.step}: ${guardText({ kind: 'guard', ...guard })}`,
        ]),
    ...(last === undefined
      ? []
      : [`relaxed   ${times(relaxed.length)} no point kept ${limitsText(last.limits)}, last from decision ${last.from} to ${last.to ?? 'the end'}`]),
  ]
}
