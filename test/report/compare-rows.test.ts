import { describe, expect, it } from 'vitest'
import { costText } from '../../src/core/cost-text.ts'
import type { ObjectiveSpec } from '../../src/core/objective.ts'
import {
  briefLabelsText,
  chartName,
  countText,
  intervalText,
  labelsOf,
  objectiveText,
  percentText,
  requirementsText,
  seedsText,
} from '../../src/report/compare-format.ts'
import { columnGroups, envsText, heatOf, matrixGroups, stemOf } from '../../src/report/compare-matrix.ts'
import { infeasibleTexts, noteTexts, rankedGroups, rankedHeader } from '../../src/report/compare-rows.ts'
import { sampleAgents, sampleResult } from './compare-sample.ts'

const spec = (kind: ObjectiveSpec['kind']): ObjectiveSpec => ({ ...sampleResult('x', []).objective, kind })

describe('figures as text', () => {
  it.each([
    [0.031, '3.1 %'],
    [0.0994, '9.9 %'],
    [0.0996, '10 %'],
    [2.404, '240 %'],
    [-0.012, '-1.2 %'],
    [-0.0001, '0 %'],
    [0, '0 %'],
    [Number.NaN, '-'],
  ])('a ratio of %d is %s', (ratio, text) => expect(percentText(ratio)).toBe(text))

  it.each([
    ['weighted', 0.12345, '0.123'],
    ['accuracy', 0.3, '0.3'],
    ['energy', 0.0123, '12.3 mJ'],
    ['latency', 0.0123, '12.3 ms'],
  ] as const)('a cost of the objective %s is %d: %s', (kind, cost, text) => expect(costText(cost, spec(kind))).toBe(text))

  it('a long name keeps its ends in a chart', () => {
    expect(chartName('q-learning+profile')).toBe('q-learning+profile')
    expect(chartName('q-learning@runs/first frozen')).toBe('q-learn…rst frozen')
  })

  it('an interval names its unit once, where both ends share it', () => {
    expect(intervalText({ mean: 0.02, lo: 0.01, hi: 0.03 }, percentText)).toBe('1.0 to 3.0 %')
    expect(intervalText({ mean: 1, lo: 0.9, hi: 1.1 }, (value) => costText(value, spec('energy')))).toBe('900 mJ to 1.1 J')
    expect(intervalText({ mean: 3, lo: 2.5, hi: 3.5 }, countText)).toBe('2.5 to 3.5')
    expect(intervalText({ mean: 3, lo: null, hi: null }, countText)).toBeUndefined()
    expect(intervalText({ mean: 3, lo: 2.999, hi: 3.001 }, countText)).toBeUndefined()
    expect(intervalText({ mean: 786.14, lo: 99.94, hi: 1133.2 }, countText)).toBe('99.9 to 1133')
  })

  it('what is asked, in words', () => {
    expect(requirementsText({ percentile: 99 })).toBe('nothing')
    expect(requirementsText({ percentile: 95, deadlineS: 0.033, energyBudgetJ: 0.1, accuracyFloor: 0.705, leastConfidence: 0.5 })).toBe(
      'at most 33 ms for 95 % of requests, at most 100 mJ, accuracy at least 70.5 %, confidence at least 50 %',
    )
  })

  it('the objective, and what every figure is', () => {
    expect(objectiveText(spec('weighted'))).toBe('weighted (latency 1, energy 0.5, accuracy 1)')
    expect(objectiveText(spec('energy'))).toBe('energy')
    const result = sampleResult('x', [], { labels: ['measured table', 'overlay: noise 3 %'], energyQuality: 'measured', energyScope: 'rail' })
    expect(labelsOf(result)).toEqual(['measured table', 'overlay: noise 3 %', 'energy measured, of the rail'])
    const more = { ...result, labels: ['simulated: x', 'heat assumed'] }
    expect(briefLabelsText(more)).toBe('simulated: x; energy of a simulated sensor, of the rail')
    expect(briefLabelsText({ ...more, labels: ['heat assumed'] })).toBe('heat assumed; energy measured, of the rail')
    expect(seedsText({ ...result, firstSeed: 3, seeds: 4 })).toBe('3 to 6')
    expect(seedsText({ ...result, firstSeed: 3, seeds: 1 })).toBe('3')
    expect(labelsOf({ ...result, energyQuality: 'absent' }).at(-1)).toBe('energy unknown')
  })
})

describe('the rankings', () => {
  const result = sampleResult('sim:a@b', sampleAgents)
  const groups = rankedGroups(result)

  it('are one a class, by cost', () => {
    expect(groups.map(({ title, rows }) => [title, rows.map(({ rank, agent }) => `${rank} ${agent}`)])).toEqual([
      ['from nothing', ['1 linucb', '2 ladder', '3 q-learning', '4 schedutil', '5 ondemand', '6 performance', '7 powersave']],
      ['profiled', ['1 alert', '2 q-learning+profile']],
      ['trained', ['1 q-learning@runs/first-of-many/odroid frozen']],
      ['reference', ['1 planner', '2 oracle', '3 static']],
    ])
    for (const { rows } of groups) for (const { cells } of rows) expect(cells).toHaveLength(rankedHeader.length)
  })

  const cell = (agent: string, head: (typeof rankedHeader)[number], from = groups) =>
    from.flatMap(({ rows }) => rows).find((row) => row.agent === agent)?.cells[rankedHeader.indexOf(head)]

  it('say who is best, who cannot be told from it, and how far behind the others are', () => {
    expect(cell('linucb', 'behind the best')).toEqual({ text: 'best' })
    // 0.5 * (1.45 - 1.41) behind.
    expect(cell('ladder', 'behind the best')).toMatchObject({ text: 'not distinguishable', interval: '-0.08 to 0.12' })
    // 0.5 * (2.1 - 1.41).
    expect(cell('schedutil', 'behind the best')).toEqual({ text: '0.345', interval: '0.245 to 0.445' })
    expect(cell('oracle', 'behind the best')).toEqual({ text: '' })
    expect(groups.flatMap(({ rows }) => rows.filter(({ best }) => best).map(({ agent }) => agent))).toEqual([
      'linucb',
      'ladder',
      'alert',
      'q-learning+profile',
      'q-learning@runs/first-of-many/odroid frozen',
    ])
  })

  it('show a figure with its interval, and say what is too few or unknown', () => {
    expect(cell('alert', 'gap')).toEqual({ text: '14 %', interval: '13 to 15 %' })
    expect(cell('alert', 'p99')).toEqual({ text: '40 ms', interval: '36 to 44 ms' })
    const short = rankedGroups(sampleResult('x', [{ agent: 'alert', class: 'profiled', gap: 0.1, energyJ: null }], { steps: 100, seeds: 1 }))
    expect(cell('alert', 'p99', short)).toEqual({ text: 'too few' })
    expect(cell('alert', 'energy an inference', short)).toEqual({ text: 'unknown' })
    expect(cell('alert', 'gap', short)).toEqual({ text: '10 %', interval: undefined })
  })

  it('name a phase that no point meets, and the least-bad point', () => {
    const asked = { percentile: 99, deadlineS: 0.001 }
    const leastBad = { point: 'subnet=25', latencyS: 0.0021, energyJ: null, accuracy: 0.7 }
    const one = sampleResult('x', [], { requirements: [asked], infeasible: [{ phase: 0, requirements: asked, leastBad }] })
    expect(infeasibleTexts(one)).toEqual([
      'infeasible: at most 1 ms for 99 % of requests is met by no point even on the quiet board; least bad is subnet=25, which gives 2.1 ms, accuracy 70 %',
    ])
    const two = {
      ...one,
      requirements: [{ percentile: 99 }, asked],
      infeasible: [{ phase: 1, requirements: asked, leastBad: { ...leastBad, energyJ: 0.05 } }],
    }
    expect(infeasibleTexts(two)[0]).toMatch(/^infeasible: phase 2 \(at most 1 ms .*2\.1 ms, 50 mJ, accuracy/)
  })

  it('say a note once, with all whom it concerns', () => {
    const noted = (agent: string, notes: string[]) => ({ agent, class: 'nothing', gap: 1, notes }) as const
    expect(noteTexts(sampleResult('x', [noted('a', ['slow', 'late']), noted('b', ['slow'])]))).toEqual(['a, b: slow', 'a: late'])
    expect(noteTexts(sampleResult('x', [{ agent: 'alert', class: 'profiled', gap: 1 }]))).toEqual([
      'alert: began with a profile of 208 steps, which no figure counts',
    ])
  })
})

describe('the summary', () => {
  const one = sampleResult('sim:a@b', sampleAgents)
  const two = sampleResult('sim:a@c', [
    { agent: 'ladder', class: 'nothing', gap: 0.1 },
    { agent: 'alert', class: 'nothing', gap: 3 },
  ])

  it('keeps classes apart, orders by the median gap, and leaves a gap where an agent was not there', () => {
    const groups = matrixGroups([one, two])
    // Of two the lower is the middle.
    expect(groups[0]?.rows.map(({ agent, medianGap }) => [agent, medianGap])).toEqual([
      ['ladder', 0.1],
      ['linucb', 0.41],
      ['q-learning', 0.62],
      ['schedutil', 1.1],
      ['ondemand', 1.2],
      ['performance', 1.3],
      ['alert', 3],
      ['powersave', 4.7],
    ])
    expect(groups[1]?.rows.map(({ agent, cells }) => [agent, cells.map((cell) => cell?.text ?? null)])).toEqual([
      ['alert', ['14 %', null]],
      ['q-learning+profile', ['16 %', null]],
    ])
  })

  it('colours by the logarithm of the gap', () => {
    expect([-0.5, 0, 2, 9].map((gap) => heatOf(gap, 2))).toEqual([0, 0, 1, 1])
    // log(1 + 0.2 / 0.05) / log(1 + 2 / 0.05)
    expect(heatOf(0.2, 2)).toBeCloseTo(Math.log(5) / Math.log(41), 12)
  })

  it('says once what the names of neighbours begin with', () => {
    expect(['sim:a-b@steady', 'table:orin', 'runs'].map(stemOf)).toEqual(['sim:a-b@', 'table:', ''])
    const results = ['sim:a@x', 'sim:a@y', 'table:t', 'sim:a@z'].map((env) => sampleResult(env, []))
    expect(columnGroups(results).map(({ stem, results: own }) => [stem, own.length])).toEqual([
      ['sim:a@', 2],
      ['table:', 1],
      ['sim:a@', 1],
    ])
    expect(envsText(results)).toBe('sim:a@x, y; table:t; sim:a@z')
  })
})
