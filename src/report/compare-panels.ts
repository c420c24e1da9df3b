import type { TopLevelSpec } from 'vega-lite'
import type { AgentResult, CompareResult, WindowResult } from '../run/compare/result.ts'
import { axisTitle, classColours, config, gapConstant, lowEnd, vegaScale } from './compare-charts.ts'
import { chartName, classes, classTitles, inOrder } from './compare-format.ts'
import { logTicks, percentScale } from './compare-scales.ts'
import { background, grey } from './draw.ts'

// One small picture an agent, three in a row: a dozen lines in one picture could be told apart by nobody.
const columns = 3
const width = 108
const height = 66
const strokeWidth = 1.6

const domain = classes.map((group) => classTitles[group])
const color = { field: 'class', type: 'nominal', legend: null, scale: { domain, range: classColours } } as const
const facet = {
  row: { field: 'row', type: 'ordinal', header: null, title: null },
  column: { field: 'column', type: 'ordinal', header: null, title: null },
} as const
const only = (kind: string) => [{ filter: `datum.kind === "${kind}"` }]
const name = {
  transform: only('name'),
  mark: { type: 'text', align: 'left', baseline: 'bottom', fontSize: 10.5, x: 0, y: -3 },
  encoding: { text: { field: 'name', type: 'nominal' } },
} as const

/** What the axes are, said once for all panels. */
const heading = (...axes: string[]) => ({ text: axes, anchor: 'start', fontSize: 11, fontWeight: 'normal', offset: 14 }) as const

const place = ({ agent, class: group }: AgentResult, i: number) => ({
  name: chartName(agent),
  class: classTitles[group],
  row: Math.floor(i / columns),
  column: i % columns,
})

/** All but the oracle, whose gap is 0 and whose cost stands in every panel. */
export const panelAgents = (result: CompareResult): AgentResult[] =>
  inOrder(result).filter(({ agent, class: group }) => !(agent === 'oracle' && group === 'reference'))

/** Windows that follow one another without overlap, the shortest where several begin at one step. */
export function chainOf(windows: readonly WindowResult[]): WindowResult[] {
  const chain: WindowResult[] = []
  let at = 1
  for (;;) {
    const [next] = windows.filter(({ from }) => from === at).sort((a, b) => (a.to ?? Number.POSITIVE_INFINITY) - (b.to ?? Number.POSITIVE_INFINITY))
    if (next === undefined) return chain
    chain.push(next)
    if (next.to === null) return chain
    at = next.to + 1
  }
}

/** Gap to the oracle, window by window; null where no window begins at the first step. */
export function windowsChart(result: CompareResult): TopLevelSpec | null {
  const agents = panelAgents(result)
  const values = agents.flatMap((agent, i) => [
    { kind: 'name', ...place(agent, i) },
    ...chainOf(agent.windows).map(({ from, to, gap }) => ({
      kind: 'window',
      ...place(agent, i),
      from,
      to: Math.max(from + 1, to === null ? result.steps : to),
      gap: 100 * gap.mean,
      lo: lowEnd(gap),
      hi: 100 * (gap.hi ?? gap.mean),
    })),
  ])
  const drawn = values.flatMap((value) => ('gap' in value ? [value.gap, value.lo, value.hi] : []))
  if (drawn.length === 0) return null
  const scale = percentScale(drawn, gapConstant, 0.2)
  const domainX = [1, Math.max(2, result.steps)]
  const ticks = [1, 20, 100, 500, 5000, 50_000].filter((step) => step <= result.steps)
  const x = {
    field: 'from',
    type: 'quantitative',
    title: null,
    scale: { type: 'log', domain: domainX, nice: false },
    axis: { values: ticks, format: 'd', grid: false },
  } as const
  const axis = { values: scale.ticks, tickSize: 3 }
  const y = { field: 'gap', type: 'quantitative', title: null, scale: vegaScale(scale), axis } as const
  return {
    background,
    config,
    title: heading(axisTitle('upwards: gap (%)', scale), 'to the right: steps, logarithmic'),
    data: { values },
    facet,
    spacing: { row: 22, column: 12 },
    spec: {
      width,
      height,
      layer: [
        {
          transform: only('window'),
          mark: { type: 'rect', opacity: 0.25 },
          encoding: { x, x2: { field: 'to' }, y: { ...y, field: 'lo' }, y2: { field: 'hi' }, color },
        },
        { transform: only('window'), mark: { type: 'rule', strokeWidth: strokeWidth + 0.4 }, encoding: { x, x2: { field: 'to' }, y, color } },
        name,
      ],
    },
  }
}

/** Most blocks drawn: a panel is little wider in pixels. */
const mostBlocks = 50

/** Means of neighbouring blocks, each at the middle of its steps. The last block of a curve may be shorter than `blockSteps`. */
export function condense(curve: readonly number[], blockSteps: number, steps: number, most: number): { step: number; cost: number }[] {
  const size = Math.max(1, Math.ceil(curve.length / most))
  return Array.from({ length: Math.ceil(curve.length / size) }, (_, i) => {
    const end = Math.min(curve.length, (i + 1) * size)
    let sum = 0
    let weight = 0
    for (let k = i * size; k < end; k++) {
      const own = Math.min(steps, (k + 1) * blockSteps) - k * blockSteps
      sum += own * (curve[k] as number)
      weight += own
    }
    return { step: i * size * blockSteps + weight / 2, cost: sum / weight }
  })
}

/** Cost over the steps, of each agent and of the oracle. */
export function costChart(result: CompareResult): TopLevelSpec | null {
  const agents = panelAgents(result)
  const { steps, blockSteps } = result
  const line = (curve: readonly number[], kind: string, at: ReturnType<typeof place>) =>
    condense(curve, blockSteps, steps, mostBlocks).map((block) => ({ kind, ...at, ...block }))
  const values = agents.flatMap((agent, i) => [
    { kind: 'name', ...place(agent, i) },
    ...line(agent.curve, 'agent', place(agent, i)),
    ...line(result.oracle.curve, 'oracle', place(agent, i)),
  ])
  const costs = values.flatMap((value) => ('cost' in value ? [value.cost] : []))
  if (costs.length === 0) return null
  const [low, high] = [Math.min(...costs), Math.max(...costs)]
  // From a factor of 4 on, a linear scale would press all but the worst to the ground.
  const log = low > 0 && high / low > 4
  const domainX = [0, steps]
  const domainY = log ? [low / 1.1, high * 1.1] : [0, high * 1.05]
  const x = {
    field: 'step',
    type: 'quantitative',
    title: null,
    scale: { domain: domainX, nice: false },
    axis: { values: domainX, grid: false, format: 'd', labelFlush: true },
  } as const
  const y = {
    field: 'cost',
    type: 'quantitative',
    title: null,
    scale: { type: log ? 'log' : 'linear', domain: domainY, nice: false },
    axis: { ...(log ? { values: logTicks(low, high, 4) } : { tickCount: 3 }), format: '~g', tickSize: 3 },
  } as const
  return {
    background,
    config,
    title: heading(`upwards: cost a step${unitOf(result)}${log ? ', logarithmic' : ''}`, 'to the right: steps'),
    data: { values },
    facet,
    spacing: { row: 22, column: 12 },
    spec: {
      width,
      height,
      layer: [
        { transform: only('agent'), mark: { type: 'line', strokeWidth }, encoding: { x, y, color } },
        { transform: only('oracle'), mark: { type: 'line', stroke: grey, strokeWidth: 1.3, strokeDash: [4, 3] }, encoding: { x, y } },
        name,
      ],
    },
  }
}

function unitOf({ objective }: CompareResult): string {
  return objective.kind === 'energy' ? ' (J)' : objective.kind === 'latency' ? ' (s)' : ''
}
