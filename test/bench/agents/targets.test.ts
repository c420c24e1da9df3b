import { describe, expect, it } from 'vitest'
import { targetRuns, titleOf } from '../../../bench/agents/targets/asked.ts'
import { judge, over } from '../../../bench/agents/targets/judge.ts'
import { type SeedSummary, summariseEpisode, windowsOf } from '../../../src/run/compare/summary.ts'

/** A run that costs `cost(k)` at step k, counted from 1, and misses where `missed` says so. */
const runOf = (steps: number, cost: (k: number) => number, missed: (k: number) => boolean = () => false): SeedSummary =>
  summariseEpisode({
    cost: Float64Array.from({ length: steps }, (_, i) => cost(i + 1)),
    latencyS: new Float64Array(steps).fill(0.01),
    energyJ: new Float64Array(steps).fill(0.1),
    accuracy: new Float64Array(steps).fill(0.5),
    missed: Uint8Array.from({ length: steps }, (_, i) => (missed(i + 1) ? 1 : 0)),
    dropped: new Uint32Array(steps),
    decideS: new Float64Array(steps),
  })

const late = { from: 51, to: 1000, gap: 0.06 }

describe('targets beside what was measured', () => {
  it('take a stretch of decisions from the windows that fill it, by their lengths', () => {
    // 51 to 500 at 2 (450 steps), 501 to 1000 at 1 (500 steps): 1400 / 950; what was before counts for nothing.
    const run = runOf(
      1000,
      (k) => (k <= 50 ? 100 : k <= 500 ? 2 : 1),
      (k) => k > 500 && k <= 595,
    )
    expect(over(run, 1000, late).cost).toBeCloseTo(1400 / 950, 12)
    expect(over(run, 1000, late).missRatio).toBeCloseTo(95 / 950, 12)
    expect(() => over(run, 1000, { from: 30, to: 60 })).toThrow('30 to 60')
  })

  it('judge by the mean gap and the mean misses', () => {
    const oracle = [runOf(500, () => 1), runOf(500, () => 1)]
    // Gaps of 2 % and 4 %; one miss of the 400 in one run.
    const agent = [
      runOf(500, () => 1.02),
      runOf(
        500,
        () => 1.04,
        (k) => k === 200,
      ),
    ]
    const asked = { from: 101, to: 500, gap: 0.03, misses: 0.00126 }
    const verdict = judge({ ...asked, gap: 0.0301 }, { steps: 500, agent, oracle })
    expect(verdict.measuredGap.mean).toBeCloseTo(0.03, 12)
    expect(verdict.measuredMisses.mean).toBeCloseTo(1 / 800, 12)
    expect(verdict.measuredMisses.lo).toBe(0)
    expect([verdict.beyondFixed, verdict.belowFixed]).toEqual([null, null])
    expect(verdict.met).toBe(true)
    expect(judge({ ...asked, gap: 0.0299 }, { steps: 500, agent, oracle }).met).toBe(false)
    expect(judge({ ...asked, gap: 0.0301, misses: 0.00124 }, { steps: 500, agent, oracle }).met).toBe(false)
  })

  it('say where a fixed point is there whether the agent is surely below it', () => {
    const oracle = [1, 2, 3].map((cost) => runOf(1000, () => cost))
    const agent = [1.01, 2.02, 3.03].map((cost) => runOf(1000, () => cost))
    // The fixed point is 5, 6 and 7 % above the oracle: 4, 5 and 6 points beyond the agent.
    const clear = judge(late, { steps: 1000, agent, oracle, fixed: [1.05, 2.12, 3.21].map((cost) => runOf(1000, () => cost)) })
    expect(clear.beyondFixed?.mean).toBeCloseTo(-0.05, 12)
    expect(clear.fixedGap?.mean).toBeCloseTo(0.06, 12)
    expect(clear.belowFixed).toBe(true)
    // 0, 5 and 0 points: the interval holds 0.
    const unclear = judge(late, { steps: 1000, agent, oracle, fixed: [1.01, 2.12, 3.03].map((cost) => runOf(1000, () => cost)) })
    expect(unclear.beyondFixed?.mean).toBeLessThan(0)
    expect(unclear.belowFixed).toBe(false)
    expect([clear.met, unclear.met]).toEqual([true, true])
  })

  it('are each reachable by the windows of their run, and told apart by their titles', () => {
    for (const { steps, targets } of targetRuns)
      for (const target of targets)
        expect(
          over(
            runOf(steps, () => 1),
            steps,
            target,
          ).cost,
        ).toBeCloseTo(1, 9)
    expect(windowsOf(1000).at(-1)).toEqual({ from: 501, to: null })
    expect(new Set(targetRuns.map(titleOf)).size).toBe(targetRuns.length)
  })
})
