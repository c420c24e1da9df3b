import type { TopLevelSpec } from 'vega-lite'
import type { CompareResult, Stat } from '../run/compare/result.ts'
import { chartName, classes, classTitles, inOrder } from './compare-format.ts'
import { placeLabels } from './compare-labels.ts'
import { type PercentScale, percentScale, positionOf } from './compare-scales.ts'
import { background, blue, green, grey, orange } from './draw.ts'

export const classColours = [blue, orange, green, grey]
const names = classes.map((group) => classTitles[group])
const shapes = ['circle', 'square', 'triangle-up', 'diamond']
const shape = { field: 'class', type: 'nominal', title: null, scale: { domain: names, range: shapes } } as const
const color = { field: 'class', type: 'nominal', title: null, scale: { domain: names, range: classColours } } as const

/** Aria is one label on the whole picture: the figures stand in the table above it. */
export const config = { aria: false, view: { stroke: null }, axis: { labelFontSize: 11, titleFontSize: 11, titleFontWeight: 'normal' } } as const

export const vegaScale = ({ type, domain, constant }: PercentScale) => ({
  type,
  domain: [...domain],
  nice: false,
  ...(type === 'symlog' ? { constant } : {}),
})
export const axisTitle = (title: string, { type }: PercentScale): string => (type === 'symlog' ? `${title}, logarithmic` : title)

/** Where the gap's scale goes over to the logarithm, %. */
export const gapConstant = 5

/** Lower end of a gap's interval, %. Costs are above 0: no gap is below -100 %, whatever an interval of few seeds says. */
export const lowEnd = ({ mean, lo }: Stat): number => 100 * Math.max(-1, lo ?? mean)

/** Gap to the oracle of every agent, with its interval, class by class. */
export function gapChart(result: CompareResult): TopLevelSpec {
  const values = inOrder(result).map(({ agent, class: group, gap }) => ({
    agent,
    class: classTitles[group],
    gap: 100 * gap.mean,
    lo: lowEnd(gap),
    hi: 100 * (gap.hi ?? gap.mean),
  }))
  const scale = percentScale(
    values.flatMap(({ gap, lo, hi }) => [gap, lo, hi]),
    gapConstant,
    0.09,
  )
  const axis = { values: scale.ticks, grid: true }
  const title = axisTitle('gap to the oracle (%)', scale)
  const y = { field: 'agent', type: 'nominal', title: null, sort: null, axis: { ticks: false, domain: false, labelLimit: 190 } } as const
  const shown = names.filter((name) => values.some((value) => value.class === name))
  return {
    background,
    config,
    spacing: 8,
    vconcat: shown.map((name, i) => {
      const last = i === shown.length - 1
      const x = {
        field: 'gap',
        type: 'quantitative',
        scale: vegaScale(scale),
        title: last ? title : null,
        axis: last ? axis : { ...axis, labels: false, ticks: false, domain: false },
      } as const
      return {
        title: { text: name, anchor: 'start', frame: 'group', fontSize: 11, offset: 3 },
        data: { values: values.filter((value) => value.class === name) },
        width: 300,
        height: { step: 17 },
        layer: [
          {
            mark: { type: 'rule', strokeWidth: 1.5 },
            encoding: { x: { ...x, field: 'lo' }, x2: { field: 'hi' }, y, color: { ...color, legend: null } },
          },
          {
            mark: { type: 'point', filled: true, size: 55, opacity: 1 },
            encoding: { x, y, color: { ...color, legend: null }, shape: { ...shape, legend: null } },
          },
        ],
      }
    }),
  }
}

const plotWidth = 340
const plotHeight = 250

/** Energy against misses, down and left being good; null where energy is unknown. */
export function energyChart(result: CompareResult): TopLevelSpec | null {
  const found = inOrder(result).flatMap(({ agent, class: group, energyJ, missRatio }) =>
    energyJ === null || !Number.isFinite(energyJ.mean)
      ? []
      : [{ agent, class: classTitles[group], energyMJ: 1e3 * energyJ.mean, miss: 100 * missRatio.mean }],
  )
  if (found.length === 0) return null
  const high = Math.max(5, 1.1 * Math.max(...found.map(({ miss }) => miss)))
  const ticks = [0, 1, 2, 5, 10, 20, 50, 100].filter((tick) => tick <= high)
  const scale: PercentScale = { type: 'symlog', domain: [0, high], ticks, constant: 1 }
  const most = 1.06 * Math.max(...found.map(({ energyMJ }) => energyMJ))
  const dots = found.map(({ agent, energyMJ, miss }) => ({
    text: chartName(agent),
    x: (plotWidth * energyMJ) / most,
    y: plotHeight * (1 - positionOf(miss, scale)),
  }))
  const labels = placeLabels(dots, plotWidth, plotHeight)
  const values = found.map((each, i) => ({ ...each, name: chartName(each.agent), ...labels[i] }))
  const domain = [0, most]
  const x = { field: 'energyMJ', type: 'quantitative', title: 'energy an inference (mJ)', scale: { domain, nice: false } } as const
  const axis = { values: ticks }
  const y = { field: 'miss', type: 'quantitative', title: axisTitle('deadlines missed (%)', scale), scale: vegaScale(scale), axis } as const
  const shown = names.filter((name) => values.some((value) => value.class === name))
  const legend = { orient: 'top', labelFontSize: 11, symbolOpacity: 1, values: shown } as const
  return {
    background,
    config,
    width: plotWidth,
    height: plotHeight,
    data: { values },
    layer: [
      {
        transform: [{ filter: 'abs(datum.dy) > 12' }],
        mark: { type: 'rule', stroke: grey, strokeWidth: 0.7, x2Offset: { expr: 'datum.dx' }, y2Offset: { expr: 'datum.dy' } },
        encoding: { x, y, x2: { field: 'energyMJ' }, y2: { field: 'miss' } },
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
