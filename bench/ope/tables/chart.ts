import type { TopLevelSpec } from 'vega-lite'
import { background, blue, grey } from '../../../src/report/draw.ts'

/** One estimate of one log beside what the policy cost when it was run; `lo` and `hi` are NaN where there is no interval. */
export interface Shown {
  readonly estimator: string
  readonly policy: string
  readonly truth: number
  readonly cost: number
  readonly lo: number
  readonly hi: number
}

/** How far estimates with their intervals are from the truth, in % of it, a panel an estimator: an interval that crosses 0 holds the truth. */
export function truthChart(title: string, shown: readonly Shown[]): TopLevelSpec {
  const off = (cost: number, truth: number): number | null => (Number.isFinite(cost) ? 100 * (cost / truth - 1) : null)
  const values = shown.map(({ estimator, policy, truth, cost, lo, hi }) => ({
    estimator,
    policy,
    off: off(cost, truth),
    from: off(lo, truth),
    to: off(hi, truth),
  }))
  const x = { field: 'policy', type: 'nominal', sort: null, title: null, axis: { labelAngle: -35 } } as const
  const y = { type: 'quantitative', title: 'off the truth, %' } as const
  return {
    background,
    title,
    data: { values },
    columns: 4,
    facet: { field: 'estimator', type: 'nominal', sort: [...new Set(shown.map(({ estimator }) => estimator))], title: null },
    spec: {
      width: 150,
      height: 150,
      layer: [
        { mark: { type: 'rule', color: grey }, encoding: { y: { datum: 0, ...y } } },
        { mark: { type: 'rule', color: blue }, encoding: { x, y: { field: 'from', ...y }, y2: { field: 'to' } } },
        { mark: { type: 'point', filled: true, size: 30, color: blue }, encoding: { x, y: { field: 'off', ...y } } },
      ],
    },
  }
}
