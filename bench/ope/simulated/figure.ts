import type { TopLevelSpec } from 'vega-lite'
import { background, blue, draw, green, grey, orange } from '../../../src/report/draw.ts'
import type { Score } from './score.ts'

/** One group of bars a panel. */
export interface Panel {
  readonly name: string
  readonly scores: readonly Score[]
}

/** Error and coverage of estimators, panel by panel, as SVG. */
export function errorFigure(panels: readonly Panel[], shown: readonly string[]): Promise<string> {
  const values = panels.flatMap(({ name, scores }) =>
    scores
      .filter(({ estimator }) => shown.includes(estimator))
      .flatMap(({ estimator, error, coverage }) => [
        { panel: name, estimator, figure: 'mean relative error, %', value: 100 * error },
        { panel: name, estimator, figure: 'coverage of 95 % intervals, %', value: 100 * coverage },
      ]),
  )
  const spec: TopLevelSpec = {
    background,
    data: { values },
    facet: { column: { field: 'figure', title: null, sort: null } },
    resolve: { scale: { x: 'independent' } },
    spec: {
      width: 260,
      height: { step: 9 },
      mark: { type: 'bar' },
      encoding: {
        y: { field: 'panel', type: 'nominal', title: null, sort: null },
        yOffset: { field: 'estimator', type: 'nominal', sort: [...shown] },
        x: { field: 'value', type: 'quantitative', title: null },
        color: { field: 'estimator', type: 'nominal', sort: [...shown], scale: { range: [grey, blue, orange, green] }, title: null },
      },
    },
  }
  return draw(spec)
}
