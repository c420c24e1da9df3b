import { describe, expect, it } from 'vitest'
import { unknownPoint } from '../../agents/maths/explain-policy.ts'
import type { Explanation, PredictedPoint } from '../../src/core/agent.ts'
import { type Knob, makeSpaces } from '../../src/core/spaces.ts'
import { eventText } from '../../src/report/event-text.ts'
import { explanationLine, explanationRows, reasonTexts } from '../../src/report/explanation.ts'
import { pointNames } from '../../src/report/point-text.ts'
import type { ExplainedDecision } from '../../src/run/explained.ts'

const knobs: Knob[] = [
  { name: 'subnet', kind: 'subnet', values: ['50', '75', '100'] },
  { name: 'cluster', kind: 'cluster', values: ['little', 'big'] },
  { name: 'cores', kind: 'cores', values: [1, 4] },
  { name: 'big.freqHz', kind: 'frequency', unit: 'Hz', domain: 'big', values: [1.4e9, 2e9, 'free'] },
  { name: 'little.freqHz', kind: 'frequency', unit: 'Hz', domain: 'little', values: [6e8, 'free'] },
]
const points = [
  { subnet: '50', cluster: 'big', cores: 4, 'big.freqHz': 1.4e9, 'little.freqHz': 'free' },
  { subnet: '75', cluster: 'big', cores: 1, 'big.freqHz': 2e9, 'little.freqHz': 'free' },
  { subnet: '100', cluster: 'little', cores: 4, 'big.freqHz': 'free', 'little.freqHz': 6e8 },
]
const spaces = makeSpaces({ knobs, points, monitors: [{ name: 'deadlineS', low: 0, high: 1 }] })

const chosen: PredictedPoint = {
  ...{ action: 0, latencyS: 0.031, latencyHighS: 0.0357, energyJ: 0.084, accuracy: 0.63, missRatio: 0.003, cost: 0.0851, tried: true },
}
const second: PredictedPoint = { ...chosen, action: 1, cost: 0.0893, missRatio: 0.2, tried: false }
const explanation: Explanation = { chosen, runnersUp: [second], trial: false, binding: [], relaxed: [], feasible: {}, movedBy: [] }
const decision = (more: Partial<Explanation> = {}, rest: Partial<ExplainedDecision> = {}): ExplainedDecision => ({
  ...{ step: 12, action: 0, propensity: 1, drawn: false, spaces, requirements: { deadlineS: 0.036, percentile: 99, accuracyFloor: 0.6 } },
  objective: {
    kind: 'energy',
    weights: { latency: 0, energy: 1, accuracy: 0, confidence: 0 },
    reference: { point: 1, latencyS: 0.03, energyJ: 0.1, accuracy: 0.6 },
  },
  explanation: { ...explanation, ...more },
  ...rest,
})

describe('names of points', () => {
  it('say where, how fast, on how many cores, with which network', () => {
    const name = pointNames(spaces)
    expect([0, 1, 2].map(name)).toEqual([
      'big at 1.4 GHz, 4 cores, 50 % net',
      'big at 2 GHz, 1 core, 75 % net',
      'little at 600 MHz, 4 cores, 100 % net',
    ])
  })

  it('leave out what all points have in common, and name clocks where there is no cluster', () => {
    const table = {
      knobs: [
        { name: 'batch', kind: 'other', values: [1, 8] },
        { name: 'cpuFreqHz', kind: 'frequency', unit: 'Hz', domain: 'cpu', values: [1e9, 2e9] },
        { name: 'gpuFreqHz', kind: 'frequency', unit: 'Hz', values: [9.18e8] },
        { name: 'model', kind: 'subnet', values: ['yolov8n', 'yolov8s'] },
      ] as const satisfies readonly Knob[],
      points: [
        { batch: 1, cpuFreqHz: 1e9, gpuFreqHz: 9.18e8, model: 'yolov8n' },
        { batch: 8, cpuFreqHz: 2e9, gpuFreqHz: 9.18e8, model: 'yolov8s' },
      ],
    }
    expect([0, 1].map(pointNames(table))).toEqual(['cpu 1 GHz, batch 1, net yolov8n', 'cpu 2 GHz, batch 8, net yolov8s'])
  })

  it('name a share of a core`s speed, and every knob where two points would read alike', () => {
    const paced: Knob[] = [
      { name: 'cluster', kind: 'cluster', values: ['c0', 'c1'] },
      { name: 'c0.speed', kind: 'frequency', domain: 'c0', values: [0.55, 1, 'free'] },
    ]
    const alike = [
      { cluster: 'c0', 'c0.speed': 0.55 },
      { cluster: 'c1', 'c0.speed': 'free' },
    ]
    expect([0, 1].map(pointNames({ knobs: paced, points: alike }))).toEqual(['c0 at 55 % speed', 'c1'])
    const same = [...alike, { cluster: 'c1', 'c0.speed': 'free' }]
    expect(pointNames({ knobs: paced, points: same })(0)).toBe('cluster=c0 c0.speed=0.55')
  })
})

describe('an explanation', () => {
  it('is one line', () => {
    expect(explanationLine(decision({ binding: ['deadlineS'] }))).toBe(
      'decision 12: big at 1.4 GHz, 4 cores, 50 % net: 31 ms (99 % below 35.7 ms), 84 mJ, misses 0.3 %; next: big at 2 GHz, 1 core, 75 % net, 4.9 % dearer; bound by the deadline (36 ms)',
    )
  })

  it('says what is not predicted: unknown, never 0', () => {
    const costs = { ...unknownPoint, action: 0, cost: 0.0851 }
    expect(explanationLine(decision({ chosen: costs, runnersUp: [] }))).toBe(
      'decision 12: big at 1.4 GHz, 4 cores, 50 % net: cost 85.1 mJ, latency, energy and misses unknown',
    )
    expect(explanationLine(decision({ chosen: { ...unknownPoint, action: 2 }, runnersUp: [] }))).toBe(
      'decision 12: little at 600 MHz, 4 cores, 100 % net: by a rule, which predicts nothing',
    )
    expect(explanationLine(decision({ chosen: costs, runnersUp: [] }, { requirements: { percentile: 99 } }))).toContain('latency and energy unknown')
    expect(explanationRows(decision({ chosen: costs, runnersUp: [] }))).toEqual([
      ['', 'point', 'cost', 'tried'],
      ['chosen', 'big at 1.4 GHz, 4 cores, 50 % net', '85.1 mJ', 'no'],
    ])
  })

  it('gives every reason in words', () => {
    const texts = reasonTexts(
      decision({
        trial: true,
        binding: ['deadlineS', 'accuracyFloor'],
        movedBy: [
          { monitor: 'big.interference', insteadOf: 1 },
          { monitor: 'queueLength', insteadOf: 2 },
        ],
        barred: 2,
      }),
    )
    expect(texts).toEqual([
      'tried to learn, believed best: big at 2 GHz, 1 core, 75 % net',
      'bound by the deadline (36 ms) and the accuracy floor (60 %)',
      "without others' load on big (big.interference) it would be big at 2 GHz, 1 core, 75 % net",
      'with nobody in the queue it would be little at 600 MHz, 4 cores, 100 % net',
      'were everything allowed it would be little at 600 MHz, 4 cores, 100 % net',
    ])
    expect(reasonTexts(decision({ trial: true }, { drawn: true, propensity: 0.0125 }))).toEqual([
      'drawn by chance (propensity 1.3 %), believed best: big at 2 GHz, 1 core, 75 % net',
    ])
    expect(reasonTexts(decision({ relaxed: ['deadlineS'], feasible: { deadlineS: 0.041 } }))).toEqual([
      'no point keeps the deadline (36 ms), so the least bad is taken; 41 ms could be kept',
    ])
  })

  it('is a table of the chosen point and the runners-up', () => {
    expect(explanationRows(decision())).toEqual([
      ['', 'point', 'latency', '99 % below', 'energy', 'accuracy', 'misses', 'cost', 'tried'],
      ['chosen', 'big at 1.4 GHz, 4 cores, 50 % net', '31 ms', '35.7 ms', '84 mJ', '63 %', '0.3 %', '85.1 mJ', 'yes'],
      ['next', 'big at 2 GHz, 1 core, 75 % net', '31 ms', '35.7 ms', '84 mJ', '63 %', '20 %', '89.3 mJ', 'no'],
    ])
  })
})

describe('an event', () => {
  it('is one line', () => {
    const change = { kind: 'change', step: 412, what: 'latency', cluster: 'big', z: 7.13 } as const
    expect(eventText(change)).toBe('decision 412: big became slower (z = 7.1)')
    expect(eventText({ ...change, z: -3 })).toBe('decision 412: big became faster (z = -3.0)')
    expect(eventText({ ...change, what: 'power', cluster: '' })).toBe('decision 412: the board draws more (z = 7.1)')
    const relaxed = {
      kind: 'relaxed',
      step: 20,
      since: 16,
      limits: { deadlineS: 0.036, accuracyFloor: 0.863 },
      feasible: { deadlineS: 0.041 },
    } as const
    expect(eventText(relaxed)).toBe(
      'decision 16: no point keeps the deadline (36 ms) and the accuracy floor (86.3 %); the least bad is taken, 41 ms could be kept',
    )
    expect(eventText({ ...relaxed, feasible: {} })).toMatch(/the least bad is taken$/)
    expect(eventText({ ...relaxed, limits: {}, feasible: {} })).toBe('decision 16: all that is asked can be kept again')
  })
})
