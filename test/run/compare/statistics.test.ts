import { describe, expect, it } from 'vitest'
import type { EpisodeRecord } from '../../../src/run/compare/episode.ts'
import { agentResult, rankWithinClasses, statOf } from '../../../src/run/compare/statistics.ts'
import { blockStepsOf, longestMissRun, summariseEpisode, windowsOf } from '../../../src/run/compare/summary.ts'

function recordOf(cost: number[], more: { missed?: number[]; dropped?: number[]; latencyS?: number[]; energyJ?: number[] } = {}): EpisodeRecord {
  return {
    cost: Float64Array.from(cost),
    latencyS: Float64Array.from(more.latencyS ?? cost.map(() => 0.01)),
    energyJ: Float64Array.from(more.energyJ ?? cost.map(() => 0.1)),
    accuracy: new Float64Array(cost.length).fill(0.5),
    missed: Uint8Array.from(more.missed ?? cost.map(() => 0)),
    dropped: Uint32Array.from(more.dropped ?? cost.map(() => 0)),
    decideS: new Float64Array(cost.length).fill(1e-6),
  }
}

const constant = (value: number, steps: number): number[] => Array(steps).fill(value)

describe('statistics of a comparison', () => {
  it('takes the mean over seeds with its Student interval, of one seed no interval', () => {
    // Mean 3, standard deviation 1, t(2) = 4.303: half width 4.303 / sqrt(3) = 2.4843.
    const stat = statOf([2, 3, 4])
    expect(stat.mean).toBe(3)
    expect(stat.lo).toBeCloseTo(3 - 2.4843, 3)
    expect(stat.hi).toBeCloseTo(3 + 2.4843, 3)
    expect(statOf([5])).toEqual({ mean: 5, lo: null, hi: null })
  })

  it('sees only windows that the run fills', () => {
    expect(windowsOf(10)).toEqual([])
    expect(windowsOf(50)).toEqual([
      { from: 1, to: 20 },
      { from: 1, to: 50 },
      { from: 21, to: 50 },
    ])
    expect(windowsOf(500).map(({ from, to }) => `${from}-${to}`)).toEqual(['1-20', '1-50', '21-50', '51-100', '51-500', '101-500'])
    expect(windowsOf(501).at(-1)).toEqual({ from: 501, to: null })
  })

  it('takes the gap of a window from its own sums', () => {
    // 20 steps at 3, then 30 at 1; the oracle pays 1 throughout.
    const run = summariseEpisode(recordOf([...constant(3, 20), ...constant(1, 30)], { missed: [...constant(1, 5), ...constant(0, 45)] }))
    const oracle = summariseEpisode(recordOf(constant(1, 50)))
    const result = agentResult({ label: 'a', class: 'nothing' }, [run], [oracle], 50, { profileSteps: 0, notes: [] })
    expect(result.windows).toEqual([
      { from: 1, to: 20, gap: { mean: 2, lo: null, hi: null }, missRatio: { mean: 0.25, lo: null, hi: null } },
      { from: 1, to: 50, gap: { mean: expect.closeTo(90 / 50 - 1, 12), lo: null, hi: null }, missRatio: { mean: 0.1, lo: null, hi: null } },
      { from: 21, to: 50, gap: { mean: 0, lo: null, hi: null }, missRatio: { mean: 0, lo: null, hi: null } },
    ])
    expect(result.gap.mean).toBeCloseTo(0.8, 12)
    expect(result.regret.mean).toBeCloseTo(40, 12)
    expect(result.reward.mean).toBe(-result.cost.mean)
  })

  it('never clips a gap', () => {
    const run = summariseEpisode(recordOf([0.5, 0.5]))
    const oracle = summariseEpisode(recordOf([1, 1]))
    const result = agentResult({ label: 'a', class: 'nothing' }, [run, run], [oracle, oracle], 2, { profileSteps: 0, notes: [] })
    expect(result.gap).toEqual({ mean: -0.5, lo: -0.5, hi: -0.5 })
  })

  it('cuts an interval where the quantity ends, and never that of a cost, gap or regret', () => {
    // Seeds 1, 0 and 1 over 20 steps: the Student interval of 2/3 reaches from -0.77 to 2.10.
    const [all, none] = [1, 0].map((missed) =>
      summariseEpisode(recordOf(constant(missed === 1 ? 4 : 1, 20), { missed: constant(missed, 20), energyJ: constant(missed, 20) })),
    ) as [ReturnType<typeof summariseEpisode>, ReturnType<typeof summariseEpisode>]
    const result = agentResult({ label: 'a', class: 'nothing' }, [all, none, all], [none, none, none], 20, { profileSteps: 0, notes: [] })
    expect(result.missRatio).toEqual({ mean: expect.closeTo(2 / 3, 12), lo: 0, hi: 1 })
    expect(result.windows[0]?.missRatio).toEqual({ mean: expect.closeTo(2 / 3, 12), lo: 0, hi: 1 })
    expect(result.energyJ?.lo).toBe(0)
    expect(result.energyJ?.hi).toBeCloseTo(2 / 3 + 1.434, 3)
    expect(result.longestMissRun.lo).toBe(0)
    expect(result.longestMissRun.hi).toBeGreaterThan(20)
    for (const stat of [result.cost, result.gap, result.regret]) expect(stat.lo).toBeLessThan(0)
    expect(result.reward.hi).toBeGreaterThan(0)
  })

  it('finds the longest run of misses, across the whole run', () => {
    const runOf = (missed: number[], dropped: number[] = missed.map(() => 0)) =>
      longestMissRun({ missed: Uint8Array.from(missed), dropped: Uint32Array.from(dropped) })
    expect(runOf([])).toBe(0)
    expect(runOf([1, 1, 0, 1, 1, 1, 0])).toBe(3)
    expect(runOf([0, 1, 1])).toBe(2)
    // Answered in time, two dropped meanwhile, then one late: three in a row without an answer in time.
    expect(runOf([0, 1, 0], [2, 0, 0])).toBe(3)
  })

  it('counts what was never answered among the misses', () => {
    // Two of four answered late, one never: three of five.
    const run = summariseEpisode(recordOf([1, 1, 1, 1], { missed: [1, 0, 0, 1], dropped: [0, 1, 0, 0] }))
    expect(run.missRatio).toBeCloseTo(3 / 5, 12)
    expect(run.dropRatio).toBeCloseTo(1 / 5, 12)
  })

  it('gives a percentile only where there are enough samples', () => {
    const few = summariseEpisode(recordOf(constant(1, 661)))
    expect(few.latencyS).toMatchObject({ p95: 0.01, p99: null })
    const enough = summariseEpisode(recordOf(constant(1, 662)))
    expect(enough.latencyS.p99).toBe(0.01)
    const result = agentResult({ label: 'a', class: 'nothing' }, [few, few], [few, few], 661, { profileSteps: 0, notes: [] })
    expect(result.latencyS.p99).toBeNull()
    expect(result.latencyS.p95).toEqual({ mean: 0.01, lo: 0.01, hi: 0.01 })
  })

  it('leaves inferences of unknown energy out, and says null where none is known', () => {
    expect(summariseEpisode(recordOf([1, 1, 1], { energyJ: [0.2, Number.NaN, 0.4] })).energyJ).toBeCloseTo(0.3, 12)
    expect(summariseEpisode(recordOf([1, 1], { energyJ: [Number.NaN, Number.NaN] })).energyJ).toBeNull()
  })

  it('draws a curve of at most 200 blocks, the last of which may be shorter', () => {
    expect(blockStepsOf(200)).toBe(1)
    expect(blockStepsOf(1000)).toBe(5)
    expect(summariseEpisode(recordOf([...constant(2, 2), 4, ...constant(1, 198)])).curve.slice(0, 3)).toEqual([2, 2.5, 1])
    expect(summariseEpisode(recordOf(constant(1, 201))).curve).toHaveLength(101)
  })

  it('tells what is behind the best of its class, seed by seed', () => {
    const of = (...costs: number[]) => costs.map((cost) => summariseEpisode(recordOf([cost, cost])))
    const runs = [of(1, 2, 3), of(1.5, 2.5, 3.5), of(9, 1, 1), of(0.5, 0.5, 0.5), of(5, 5, 5)]
    const classes = ['nothing', 'nothing', 'nothing', 'reference', 'profiled'] as const
    const oracle = of(0.5, 0.5, 0.5)
    const results = classes.map((kind, i) =>
      agentResult({ label: `${i}`, class: kind }, runs[i] as ReturnType<typeof of>, oracle, 2, { profileSteps: 0, notes: [] }),
    )
    const ranked = rankWithinClasses(results, runs)
    expect(ranked[0]?.behindBest).toBeNull()
    // Half a unit in every seed, however much the seeds differ.
    expect(ranked[1]?.behindBest).toEqual({ mean: 0.5, lo: 0.5, hi: 0.5, distinguishable: true })
    // +8, -1, -2: mean 5/3 with an interval that holds 0.
    expect(ranked[2]?.behindBest).toMatchObject({ mean: expect.closeTo(5 / 3, 12), distinguishable: false })
    expect(ranked[3]?.behindBest).toBeNull()
    expect(ranked[4]?.behindBest).toBeNull()
  })
})
