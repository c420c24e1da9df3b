import type { TopLevelSpec } from 'vega-lite'
import type { AgentResult, CompareResult } from '../run/compare/result.ts'
import { axisTitle, color, config, names, shape, vegaScale } from './compare-charts.ts'
import { chartName, classTitles, inOrder } from './compare-format.ts'
import { placeLabels } from './compare-labels.ts'
import { logTicks, type PercentScale, positionOf } from './compare-scales.ts'
import { background, grey } from './draw.ts'

const width = 340
const height = 250

/** What energy is set against. */
interface Upwards {
  of(agent: AgentResult): number
  /** Share of the axis at which a value lies. */
  at(value: number): number
  readonly title: string
  readonly scale: { readonly type: 'symlog' | 'log' | 'linear'; readonly domain: number[]; readonly nice: boolean }
  readonly ticks: number[]
}

/** Deadlines missed where there is one; else the median latency. */
export const asksDeadline = ({ requirements }: CompareResult): boolean => requirements.some(({ deadlineS }) => deadlineS !== undefined)

/** Energy against misses (or the median latency), down and left being good; null where energy is unknown. */
export function energyChart(result: CompareResult): TopLevelSpec | null {
  const agents = inOrder(result).filter(({ energyJ }) => energyJ !== null && Number.isFinite(energyJ.mean))
  if (agents.length === 0) return null
  const upwards = asksDeadline(result) ? misses(agents) : latencies(agents)
  const found = agents.map((agent) => ({
    name: chartName(agent.agent),
    class: classTitles[agent.class],
    energyMJ: 1e3 * (agent.energyJ?.mean ?? 0),
    up: upwards.of(agent),
  }))
  const most = 1.06 * Math.max(...found.map(({ energyMJ }) => energyMJ))
  const labels = placeLabels(
    found.map(({ name, energyMJ, up }) => ({ text: name, x: (width * energyMJ) / most, y: height * (1 - upwards.at(up)) })),
    width,
    height,
  )
  const values = found.map((each, i) => ({ ...each, ...labels[i] }))
  const domain = [0, most]
  const x = { field: 'energyMJ', type: 'quantitative', title: 'energy an inference (mJ)', scale: { domain, nice: false } } as const
  const { title, scale, ticks } = upwards
  const y = { field: 'up', type: 'quantitative', title, scale, axis: { values: ticks, format: '~g' } } as const
  const shown = names.filter((name) => values.some((value) => value.class === name))
  const legend = { orient: 'top', labelFontSize: 11, symbolOpacity: 1, values: shown } as const
  return {
    background,
    config,
    width,
    height,
    data: { values },
    layer: [
      {
        transform: [{ filter: 'abs(datum.dy) > 12' }],
        mark: { type: 'rule', stroke: grey, strokeWidth: 0.7, x2Offset: { expr: 'datum.dx' }, y2Offset: { expr: 'datum.dy' } },
        encoding: { x, y, x2: { field: 'energyMJ' }, y2: { field: 'up' } },
      },
      {
        mark: { type: 'point', filled: true, size: 60, opacity: 1, clip: false },
        encoding: { x, y, color: { ...color, legend }, shape: { ...shape, legend } },
      },
      {
        mark: { type: 'text', fontSize: 10, dx: { expr: 'datum.dx' }, dy: { expr: 'datum.dy' } },
        encoding: { x, y, text: { field: 'name', type: 'nominal' } },
      },
    ],
  }
}

function misses(agents: readonly AgentResult[]): Upwards {
  const of = ({ missRatio }: AgentResult): number => 100 * missRatio.mean
  const high = Math.max(5, 1.1 * Math.max(...agents.map(of)))
  const ticks = [0, 1, 2, 5, 10, 20, 50, 100].filter((tick) => tick <= high)
  const scale: PercentScale = { type: 'symlog', domain: [0, high], ticks, constant: 1 }
  return { of, at: (value) => positionOf(value, scale), title: axisTitle('deadlines missed (%)', scale), scale: vegaScale(scale), ticks }
}

function latencies(agents: readonly AgentResult[]): Upwards {
  const of = ({ latencyS: { p50 } }: AgentResult): number => 1e3 * (p50?.mean ?? Number.NaN)
  const all = agents.map(of).filter((value) => value > 0)
  const [low, high] = [Math.min(...all) / 1.3, Math.max(...all) * 1.3]
  return {
    of,
    at: (value) => Math.log(value / low) / Math.log(high / low),
    title: 'median latency (ms), logarithmic',
    scale: { type: 'log', domain: [low, high], nice: false },
    ticks: logTicks(low, high, 8),
  }
}
