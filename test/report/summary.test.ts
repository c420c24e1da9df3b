import { describe, expect, it } from 'vitest'
import { percent, summaryLines } from '../../src/report/summary.ts'
import type { RunSummary } from '../../src/run/tally.ts'

const few = { p50: 20e-6, p95: null, p99: null, n: 40 }
const many = { p50: 12.3e-6, p95: 45e-6, p99: 0.2e-3, n: 800 }
const phases = (total: typeof few | typeof many) => ({ sense: few, act: few, learn: few, apply: few, total })

const summary: RunSummary = {
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
}

describe('a summary for people', () => {
  it('is one screen', () => {
    expect(summaryLines(summary)).toEqual([
      'cost      2.500 a decision (latency 1.000 + energy 0.500 + accuracy 0.400 + violations 0.600)',
      'latency   p50 12.3 ms  p95 31 ms  p99 45.6 ms  (measured, 840 requests)',
      'misses    3.2 %',
      "energy    42.1 mJ a decision (estimated, of the inference threads' CPU time)",
      'accuracy  63.5 % expected top-1',
      'governor  p50 12.3 us  p95 45 us  p99 200 us  (own time a decision, nothing changed)',
      '          p50 20 us  p95 -  p99 -  (a knob moved, 40 decisions)',
    ])
  })

  it('says how many answers came early, when some did', () => {
    expect(summaryLines({ ...summary, earlyRatio: 0.25 })[5]).toBe('early     25.0 % answered by a smaller sub-network than the chosen one')
  })

  it('names every term that the cost is made of', () => {
    const [cost] = summaryLines({ ...summary, cost: 2.75, costTerms: { ...summary.costTerms, confidence: 0.25 } })
    const [, ...terms] = Array.from(cost?.matchAll(/\d+\.\d+/g) ?? [], ([text]) => Number(text))
    expect(terms.reduce((a, b) => a + b)).toBeCloseTo(2.75, 9)
    expect(cost).toContain('confidence 0.250')
  })

  it('shows what is unknown as -', () => {
    const lines = summaryLines({ ...summary, energyJ: null, energyQuality: 'absent', energyScope: 'rail' })
    expect(lines).toContain('energy    - a decision (absent, of the rail)')
  })

  it('prints ratios in per cent', () => {
    expect(percent(0)).toBe('0.0 %')
    expect(percent(0.12345)).toBe('12.3 %')
    expect(percent(1)).toBe('100.0 %')
  })
})
