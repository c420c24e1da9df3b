import type { TopLevelSpec } from 'vega-lite'
import type { Evaluation, SizeEvaluation } from '../network/evaluation.ts'
import { background, blue, orange } from './draw.ts'

/** Accuracy against mean cost: the anytime policy's thresholds as a line, the fixed sizes beside it. */
export function costChart({ sizes, anytime }: Evaluation): TopLevelSpec {
  const values = [
    ...anytime.map(({ threshold, top1, meanMacs }) => ({
      kind: 'anytime, by threshold',
      top1: 100 * top1,
      macs: meanMacs / 1e6,
      label: `${threshold}`,
    })),
    ...sizes.map(({ subnet, top1, macs }) => ({ kind: 'fixed size', top1: 100 * top1, macs: (macs as number) / 1e6, label: subnet })),
  ]
  const x = { field: 'macs', type: 'quantitative', title: 'mean multiply-accumulates (millions)', scale: { zero: false, padding: 12 } } as const
  const y = { field: 'top1', type: 'quantitative', title: 'top-1 (%)', scale: { zero: false, padding: 12 } } as const
  const color = {
    field: 'kind',
    type: 'nominal',
    title: null,
    scale: { domain: ['anytime, by threshold', 'fixed size'], range: [blue, orange] },
    legend: { orient: 'top', labelLimit: 400 },
  } as const
  const anytimeOnly = { filter: { field: 'kind', equal: 'anytime, by threshold' } }
  return {
    background,
    width: 760,
    height: 340,
    data: { values },
    layer: [
      { transform: [anytimeOnly], mark: { type: 'line', strokeWidth: 2 }, encoding: { x, y, color } },
      { mark: { type: 'point', filled: true, size: 55, opacity: 1 }, encoding: { x, y, color } },
      { transform: [anytimeOnly], mark: { type: 'text', dy: -11, fontSize: 10 }, encoding: { x, y, text: { field: 'label' } } },
      {
        transform: [{ filter: { field: 'kind', equal: 'fixed size' } }],
        mark: { type: 'text', dy: 15, fontSize: 11, fontWeight: 'bold' },
        encoding: { x, y, text: { field: 'label' } },
      },
    ],
  }
}

/** Reliability of one size: share of right answers in each bin of confidence; on the diagonal the two agree. */
export function reliabilityChart({ reliability, subnet, ece }: SizeEvaluation): TopLevelSpec {
  const values = reliability.flatMap(({ low, high, accuracy, images }) =>
    accuracy === null ? [] : [{ low: 100 * low, high: 100 * high, accuracy: 100 * accuracy, images }],
  )
  return {
    background,
    width: 330,
    height: 250,
    title: `size ${subnet}: ECE ${(100 * ece).toFixed(2)} %`,
    layer: [
      {
        data: { values },
        mark: { type: 'rect', color: blue, stroke: blue, strokeOpacity: 1 },
        encoding: {
          x: { field: 'low', type: 'quantitative', title: 'confidence (%)', scale: { domain: [0, 100] } },
          x2: { field: 'high' },
          y: { field: 'accuracy', type: 'quantitative', title: 'accuracy (%)', scale: { domain: [0, 100] } },
          y2: { datum: 0 },
          // A bin of few images says little.
          fillOpacity: {
            field: 'images',
            type: 'quantitative',
            title: 'images',
            scale: { type: 'sqrt', domainMin: 0, range: [0, 0.9] },
            legend: { tickCount: 4 },
          },
        },
      },
      {
        data: { values: [{ at: 0 }, { at: 100 }] },
        mark: { type: 'line', color: orange, strokeDash: [6, 4], strokeWidth: 1.5 },
        encoding: { x: { field: 'at', type: 'quantitative' }, y: { field: 'at', type: 'quantitative' } },
      },
    ],
  }
}

/** Beyond so many classes a cell has no room for its number. */
const mostNumbered = 16

/** Confusion of one size: each row is a label, and how its images were answered, in %. */
export function confusionChart({ confusion, subnet, top1 }: SizeEvaluation, labels: readonly string[]): TopLevelSpec {
  const values = confusion.flatMap((row, truth) => {
    const total = row.reduce((a, b) => a + b, 0)
    // Empty cells are most of a million where there are a thousand classes.
    return row.flatMap((count, answer) =>
      count === 0 ? [] : [{ truth: labels[truth], answer: labels[answer], share: (100 * count) / total, kind: truth === answer ? 'right' : 'wrong' }],
    )
  })
  const scale = { domain: [...labels] }
  const cell = Math.max(6, Math.min(36, Math.floor(360 / labels.length)))
  const axes = {
    x: { field: 'answer', type: 'nominal', title: 'answer', sort: null, scale, axis: { labelAngle: -50 } },
    y: { field: 'truth', type: 'nominal', title: 'label', sort: null, scale },
  } as const
  const numbers = {
    transform: [{ filter: 'datum.share >= 0.5' }],
    mark: { type: 'text' as const, fontSize: 10 },
    encoding: { ...axes, text: { field: 'share', type: 'quantitative' as const, format: '.0f' } },
  }
  return {
    background,
    width: { step: cell },
    height: { step: cell },
    title: `size ${subnet}: top-1 ${(100 * top1).toFixed(2)} %`,
    data: { values },
    layer: [
      {
        mark: { type: 'rect' },
        encoding: {
          ...axes,
          color: { field: 'kind', type: 'nominal', title: null, scale: { domain: ['right', 'wrong'], range: [blue, orange] }, legend: null },
          // By the root, so that a few errors in a hundred are seen.
          fillOpacity: { field: 'share', type: 'quantitative', scale: { type: 'sqrt', domain: [0, 100], range: [0, 0.95] }, legend: null },
        },
      },
      ...(labels.length <= mostNumbered ? [numbers] : []),
    ],
  }
}
