import { describe, expect, it } from 'vitest'
import { latencySource, percent, summaryLines } from '../../src/report/summary.ts'

const few = { p50: 20e-6, p95: null, p99: null, n: 40 }
const many = { p50: 12.3e-6, p95: 45e-6, p99: 0.2e-3, n: 800 }
const phases = (total: typeof few | typeof many) => ({ ahead: few, sense: few, act: few, learn: few, apply: few, total })

const summary: Parameters<typeof summaryLines>[0] = {
  steps: 840,
  cost: 2.5,
  reward: -2.5,
  costTerms: { latency: 1, energy: 0.5, accuracy: 0.4, confidence: 0, violation: 0.6 },
  latencyS: { p50: 0.0123, p95: 0.031, p99: 0.0456, n: 840 },
  energyJ: 0.0421,
  energyQuality: 'estimated',
  energyScope: 'cpuTime',
  accuracy: 0.6349,
  missRatio: 0.0321,
  earlyRatio: 0,
  overheadS: { unchanged: phases(many), changed: phases(few) },
  requirements: { deadlineS: 0.033, percentile: 99, accuracyFloor: 0.6 },
  objective: {
    kind: 'weighted',
    weights: { latency: 1, energy: 0.5, accuracy: 1, confidence: 0 },
    reference: { point: 0, latencyS: 0.01, energyJ: 0.04, accuracy: 0.7 },
  },
  changes: [],
  guarded: [],
  relaxed: [],
  knobs: [],
  sensors: [],
}

describe('a summary for people', () => {
  it('is one screen', () => {
    expect(summaryLines(summary)).toEqual([
      'asked     at most 33 ms for 99 % of requests, accuracy at least 60 %; objective weighted (latency 1, energy 0.5, accuracy 1)',
      'cost      2.5 a decision (latency 1 + energy 0.5 + accuracy 0.4 + violations 0.6)',
      'latency   p50 12.3 ms  p95 31 ms  p99 45.6 ms  (measured, 840 requests)',
      'misses    3.2 %',
      "energy    42.1 mJ a decision (estimated, of the inference threads' CPU time)",
      'accuracy  63.5 % expected top-1',
      'governor  p50 12.3 us  p95 45 us  p99 200 us  (own time a decision, nothing changed)',
      '          p50 20 us  p95 -  p99 -  (a knob moved, 40 decisions)',
    ])
  })

  it('says how many answers came early, when some did', () => {
    expect(summaryLines({ ...summary, earlyRatio: 0.25 })[6]).toBe('early     25.0 % answered by a smaller sub-network than the chosen one')
  })

  it('names every term that the cost is made of', () => {
    const [, cost] = summaryLines({ ...summary, cost: 2.75, costTerms: { ...summary.costTerms, confidence: 0.25 } })
    const [, ...terms] = Array.from(cost?.matchAll(/\d+(\.\d+)?/g) ?? [], ([text]) => Number(text))
    expect(terms.reduce((a, b) => a + b)).toBeCloseTo(2.75, 9)
    expect(cost).toContain('confidence 0.25')
  })

  it('counts in the unit of the objective, and leaves out terms that it does not have', () => {
    const costTerms = { latency: 0, energy: 0.0841, accuracy: 0, confidence: 0, violation: 0.002 }
    const [, cost] = summaryLines({ ...summary, cost: 0.0861, costTerms, objective: { ...summary.objective, kind: 'energy' } })
    expect(cost).toBe('cost      86.1 mJ a decision (energy 84.1 mJ + violations 2 mJ)')
  })

  it('says what was noticed', () => {
    const changes = [{ step: 412, what: 'latency', cluster: 'big', z: 7.1 }] as const
    const relaxed = [
      { from: 3, to: 9, limits: { deadlineS: 0.01 }, feasible: {} },
      { from: 20, to: null, limits: { deadlineS: 0.01, accuracyFloor: 0.6 }, feasible: { deadlineS: 0.02 } },
    ]
    expect(summaryLines({ ...summary, changes, relaxed }).slice(6, 8)).toEqual([
      'changes   the board was found changed once, last before decision 412',
      'relaxed   2 times no point kept the deadline (10 ms) and the accuracy floor (60 %), last from decision 20 to the end',
    ])
  })

  it('says which sensor was doubted, and why', () => {
    const doubted = (step: number) => ({ step, what: 'doubted', sensor: 'cpu-thermal', trouble: 'broken', why: 'does not answer' }) as const
    const sensors = [doubted(3), { step: 9, what: 'believed', sensor: 'cpu-thermal', trouble: 'broken' } as const, doubted(12)]
    expect(summaryLines({ ...summary, sensors })[6]).toBe('sensors   2 times one was doubted, last before decision 12: cpu-thermal does not answer')
    expect(summaryLines({ ...summary, sensors: sensors.slice(1, 2) })).toHaveLength(summaryLines(summary).length)
  })

  it('leaves out decisions that moved a knob where there were none', () => {
    const overheadS = { unchanged: phases(many), changed: { ...phases(few), total: { p50: null, p95: null, p99: null, n: 0 } } }
    expect(summaryLines({ ...summary, overheadS }).at(-1)).toBe(
      'governor  p50 12.3 us  p95 45 us  p99 200 us  (own time a decision, nothing changed)',
    )
  })

  it('does not count what it no longer keeps', () => {
    const changes = Array.from({ length: 100 }, (_, step) => ({ step, what: 'latency', cluster: 'big', z: 7.1 }) as const)
    const line = (count: number): string | undefined => summaryLines({ ...summary, changes: changes.slice(-count) })[6]
    expect(line(99)).toBe('changes   the board was found changed 99 times, last before decision 99')
    expect(line(100)).toBe('changes   the board was found changed 100 times or more, last before decision 99')
  })

  it('calls nothing measured that was simulated', () => {
    const lines = summaryLines({ ...summary, energyQuality: 'measured', energyScope: 'rail' }, latencySource('sim:rk3399@quiet'))
    expect(lines[2]).toBe('latency   p50 12.3 ms  p95 31 ms  p99 45.6 ms  (simulated, 840 requests)')
    expect(lines[4]).toBe('energy    42.1 mJ a decision (simulated, of the rail)')
    expect(['board', 'sim', 'table:mine', 'trace:logs/week'].map(latencySource)).toEqual([
      'measured',
      'simulated',
      'from the table',
      "from the trace's world",
    ])
  })

  it('shows what is unknown as -', () => {
    const lines = summaryLines({ ...summary, energyJ: null, energyQuality: 'absent', energyScope: 'rail' })
    expect(lines).toContain('energy    - a decision (absent, of the rail)')
  })

  it('prints ratios in per cent', () => {
    expect(percent(0)).toBe('0.0 %')
    expect(percent(Number.NaN)).toBe('-')
    expect(percent(0.12345)).toBe('12.3 %')
    expect(percent(1)).toBe('100.0 %')
  })
})
