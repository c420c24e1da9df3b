import type { TopLevelSpec } from 'vega-lite'
import type { CompareResult, Stat } from '../run/compare/result.ts'
import { classes, classTitles, inOrder } from './compare-format.ts'
import { type PercentScale, percentScale } from './compare-scales.ts'
import { background, blue, green, grey, orange } from './draw.ts'

export const classColours = [blue, orange, green, grey]
export const names = classes.map((group) => classTitles[group])
const shapes = ['circle', 'square', 'triangle-up', 'diamond']
export const shape = { field: 'class', type: 'nominal', title: null, scale: { domain: names, range: shapes } } as const
export const color = { field: 'class', type: 'nominal', title: null, scale: { domain: names, range: classColours } } as const

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
