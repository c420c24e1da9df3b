import { describe, expect, it } from 'vitest'
import { type CostTerms, makeCostTerms } from '../../src/core/objective.ts'
import { makeOutcome, type Outcome } from '../../src/core/outcome.ts'
import { mostDecisionsKept, type PhaseTimes } from '../../src/run/decision-times.ts'
import { makeTally } from '../../src/run/tally.ts'

const outcome = (changes: Partial<Outcome>): Outcome => ({ ...makeOutcome(), accuracy: 0.6, energyQuality: 'estimated', energyJ: 0.1, ...changes })
const terms = (latency: number, violation = 0): CostTerms => ({ ...makeCostTerms(), latency, violation, total: latency + violation })
const phases = (senseS: number, changed: boolean): PhaseTimes => ({ aheadS: 7e-6, senseS, actS: 2e-6, learnS: 3e-6, applyS: 4e-6, changed })

describe('tally', () => {
  it('adds a run up', () => {
    const tally = makeTally(4)
    tally.add(outcome({ latencyS: 0.01 }), terms(1), phases(1e-6, true))
    tally.add(outcome({ latencyS: 0.03, energyJ: 0.2, accuracy: 0.7, deadlineMet: false }), terms(2, 3), phases(5e-6, false))
    tally.add(outcome({ latencyS: 0.02, energyJ: 0.3, accuracy: 0.8 }), terms(3), phases(6e-6, false))
    expect(tally.steps).toBe(3)
    expect(tally.meanCost).toBe(3)
    const summary = tally.summary('cpuTime')
    expect(summary).toMatchObject({
      steps: 3,
      cost: 3,
      reward: -3,
      costTerms: { latency: 2, energy: 0, accuracy: 0, confidence: 0, violation: 1 },
      latencyS: { p50: 0.02, p95: null, p99: null, n: 3 },
      energyQuality: 'estimated',
      energyScope: 'cpuTime',
    })
    expect(summary.energyJ).toBeCloseTo(0.2, 12)
    expect(summary.accuracy).toBeCloseTo(0.7, 12)
    expect(summary.missRatio).toBeCloseTo(1 / 3, 12)
  })

  it('counts the answers of smaller sub-networks than the chosen ones', () => {
    const tally = makeTally(4)
    for (const early of [true, false, true, undefined]) tally.add(outcome({}), terms(1), phases(1e-6, false), early)
    expect(tally.summary('cpuTime').earlyRatio).toBe(0.5)
  })

  it('keeps decisions that moved a knob apart from those that did not', () => {
    const tally = makeTally(1)
    tally.add(outcome({}), terms(1), phases(1e-6, true))
    tally.add(outcome({}), terms(1), phases(5e-6, false))
    tally.add(outcome({}), terms(1), phases(6e-6, false))
    const { unchanged, changed } = tally.summary('cpuTime').overheadS
    expect(changed.sense).toEqual({ p50: 1e-6, p95: null, p99: null, n: 1 })
    expect(unchanged.sense).toEqual({ p50: 5e-6, p95: null, p99: null, n: 2 })
    expect([unchanged.act.p50, unchanged.learn.p50, unchanged.apply.p50]).toEqual([2e-6, 3e-6, 4e-6])
    // Lower of two sums, not sum of medians of others.
    expect(unchanged.total.p50).toBeCloseTo(14e-6, 12)
    // Nobody waited for what was done ahead.
    expect(unchanged.ahead.p50).toBe(7e-6)
    expect(changed.total.p50).toBeCloseTo(10e-6, 12)
  })

  it('averages energy over the decisions whose energy is known, and says what it is', () => {
    const energyOf = (...seen: Partial<Outcome>[]) => {
      const tally = makeTally(1)
      for (const one of seen) tally.add(outcome(one), terms(1), phases(1e-6, false))
      const { energyJ, energyQuality } = tally.summary('rail')
      return { energyJ, energyQuality }
    }
    const measured = { energyQuality: 'measured', energyJ: 0.4 } as const
    const absent = { energyQuality: 'absent', energyJ: Number.NaN } as const
    expect(energyOf(measured, measured)).toEqual({ energyJ: 0.4, energyQuality: 'measured' })
    expect(energyOf(measured, absent)).toEqual({ energyJ: 0.4, energyQuality: 'mixed' })
    expect(energyOf(measured, {})).toEqual({ energyJ: 0.25, energyQuality: 'mixed' })
    expect(energyOf(absent, absent)).toEqual({ energyJ: null, energyQuality: 'absent' })
  })

  it('outgrows the room it began with', () => {
    const tally = makeTally(1)
    for (let k = 1; k <= 1000; k++) tally.add(outcome({ latencyS: k }), terms(k), phases(k * 1e-6, k % 2 === 0))
    const summary = tally.summary('cpuTime')
    expect(summary.latencyS).toEqual({ p50: 500, p95: 950, p99: 990, n: 1000 })
    expect(summary.cost).toBe(500.5)
    expect(summary.overheadS.changed.sense.n).toBe(500)
    // The even ones: the 250th of them is 500 us.
    expect(summary.overheadS.changed.sense.p50).toBeCloseTo(500e-6, 12)
    expect(summary.overheadS.unchanged.sense.p50).toBeCloseTo(499e-6, 12)
  })
})

describe('tally of a long run', () => {
  it('stays within its room and keeps percentiles of a random sample of all decisions', () => {
    const tally = makeTally(1)
    // Latencies 1 to 200,000 in order: a sample of the first or of the last ones alone would be far off.
    const steps = 200_000
    for (let k = 1; k <= steps; k++) tally.add(outcome({ latencyS: k }), terms(k), phases(k, k % 4 === 0))
    const { latencyS, cost, overheadS } = tally.summary('cpuTime')
    expect(tally.steps).toBe(steps)
    expect(cost).toBe((steps + 1) / 2)
    expect(latencyS.n).toBe(mostDecisionsKept)
    // Five standard deviations of the rank: sqrt(p (1 - p) / n).
    const near = (p: number) => 5 * Math.sqrt((p * (1 - p)) / mostDecisionsKept) * steps
    expect(Math.abs((latencyS.p50 as number) - 0.5 * steps)).toBeLessThan(near(0.5))
    expect(Math.abs((latencyS.p99 as number) - 0.99 * steps)).toBeLessThan(near(0.99))
    expect(overheadS.changed.sense.n + overheadS.unchanged.sense.n).toBe(mostDecisionsKept)
    expect(overheadS.changed.sense.n / mostDecisionsKept).toBeCloseTo(0.25, 1)
  })

  it('begins with no more room than it keeps, whatever it is asked for', () => {
    const tally = makeTally(Number.POSITIVE_INFINITY)
    tally.add(outcome({ latencyS: 0.5 }), terms(1), phases(1e-6, false))
    expect(tally.summary('cpuTime').latencyS).toEqual({ p50: 0.5, p95: null, p99: null, n: 1 })
  })
})
