import { describe, expect, it } from 'vitest'
import { makeArrivalStream, planArrivals } from '../../../envs/world/scenario/arrivals.ts'
import { makeRng } from '../../../src/core/rng.ts'
import { errorOf } from '../../support/error-of.ts'
import { scenarioOf } from '../../support/scenario.ts'

/** Arrivals of the first `n` requests; load 1 is ten a second. */
function arrivalsOf(n: number, arrivals: readonly object[], extra: object = {}, seed = 4): number[] {
  const stream = makeArrivalStream(planArrivals(scenarioOf({ arrivals, ...extra }), 10))
  stream.begin(makeRng(seed))
  return Array.from({ length: n }, (_, k) => stream.at(k))
}
const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 9))
const countIn = (times: readonly number[], fromS: number, toS: number): number => times.filter((timeS) => timeS >= fromS && timeS < toS).length

describe('arrivals', () => {
  it('come at a fixed rate, the first at once', () => {
    expect(arrivalsOf(4, [{ kind: 'periodic', rateHz: 4 }])).toEqual([0, 0.25, 0.5, 0.75])
    expect(arrivalsOf(3, [{ kind: 'periodic', load: 0.5 }])).toEqual([0, 0.2, 0.4])
  })

  it('keep the beat across a change of rate, and a pause', () => {
    const arrivals = [
      { kind: 'periodic', rateHz: 2 },
      // Of the third period 0.25 s are over: half of it.
      { kind: 'periodic', rateHz: 1, fromS: 1.25 },
      { kind: 'idle', fromS: 4 },
      { kind: 'periodic', rateHz: 10, fromS: 90 },
    ]
    // 0.25 of a period lies before the pause.
    expect(arrivalsOf(7, arrivals)).toEqual(close([0, 0.5, 1, 1.75, 2.75, 3.75, 90.075]))
  })

  it('come again in every repetition', () => {
    const arrivals = [
      { kind: 'periodic', rateHz: 1 },
      { kind: 'idle', fromS: 2 },
    ]
    expect(arrivalsOf(6, arrivals)).toEqual(close([0, 1, 2, 101, 102, 201]))
  })

  it('follow the clock of the scenario where the stream changes, and not in their rate', () => {
    const arrivals = [{ kind: 'idle' }, { kind: 'periodic', rateHz: 2, fromS: 50 }]
    expect(arrivalsOf(3, arrivals, { timeScale: 10 })).toEqual(close([5, 5.5, 6]))
  })

  it('are Poisson: exponential gaps with the mean and the spread of their rate', () => {
    const times = arrivalsOf(20_000, [{ kind: 'poisson', rateHz: 5 }])
    const gaps = times.map((timeS, k) => timeS - (times[k - 1] ?? 0))
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length
    expect(mean).toBeCloseTo(0.2, 2)
    expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1)
  })

  it('are Poisson at each rate that they are given', () => {
    const arrivals = [
      { kind: 'poisson', rateHz: 2 },
      { kind: 'poisson', rateHz: 30, fromS: 40 },
      { kind: 'idle', fromS: 80 },
    ]
    const times = arrivalsOf(30_000, arrivals)
    const phases = times.map((timeS) => timeS % 100)
    const rounds = (times.at(-1) as number) / 100
    expect(countIn(phases, 0, 40) / rounds / 40).toBeCloseTo(2, 0)
    expect(countIn(phases, 40, 80) / rounds / 40 / 30).toBeCloseTo(1, 1)
    expect(countIn(phases, 80, 100)).toBe(0)
  })

  it('burst: more clustered than Poisson, at the mean rate that the plan says', () => {
    const scenario = scenarioOf({ arrivals: [{ kind: 'bursts', rateHz: 20, forS: 2, restShare: 0.1, restS: 6 }] })
    const plan = planArrivals(scenario, 10)
    expect(plan.rateHz).toBeCloseTo((20 * 2 + 2 * 6) / 8, 12)
    const stream = makeArrivalStream(plan)
    stream.begin(makeRng(1))
    const times = Array.from({ length: 50_000 }, (_, k) => stream.at(k))
    const lastS = times.at(-1) as number
    expect(50_000 / lastS / (plan.rateHz as number)).toBeCloseTo(1, 1)
    const counts = new Map<number, number>()
    for (const timeS of times) counts.set(Math.floor(timeS / 2), (counts.get(Math.floor(timeS / 2)) ?? 0) + 1)
    const bins = Array.from({ length: Math.floor(lastS / 2) }, (_, i) => counts.get(i) ?? 0)
    const mean = bins.reduce((sum, n) => sum + n, 0) / bins.length
    const variance = bins.reduce((sum, n) => sum + (n - mean) ** 2, 0) / bins.length
    // The index of dispersion of a Poisson process is 1.
    expect(variance / mean).toBeGreaterThan(4)
  })

  it('have a mean rate, which is what `requests` is fitted to', () => {
    const arrivals = [
      { kind: 'poisson', load: 0.5 },
      { kind: 'idle', fromS: 20 },
      { kind: 'periodic', load: 0.2, fromS: 60 },
    ]
    const plan = planArrivals(scenarioOf({ arrivals, requests: 90 }), 10)
    expect(plan.rateHz).toBeCloseTo((5 * 20 + 2 * 40) / 100, 12)
    // 180 requests in 100 s; 90 are asked for.
    expect(plan.timeScale).toBeCloseTo(2, 12)
    expect(planArrivals(scenarioOf({ arrivals: [{ kind: 'back-to-back' }], requests: 100 }), 10)).toMatchObject({ rateHz: undefined, timeScale: 10 })
  })

  it('may be asked for again, up to a point', () => {
    const stream = makeArrivalStream(planArrivals(scenarioOf({ arrivals: [{ kind: 'poisson', rateHz: 1 }] }), 10))
    stream.begin(makeRng(1))
    const early = Array.from({ length: 100 }, (_, k) => stream.at(k))
    stream.at(900)
    expect(Array.from({ length: 100 }, (_, k) => stream.at(k))).toEqual(early)
    stream.at(2000)
    expect(errorOf(() => stream.at(3)).code).toBe('ERR_INTERNAL')
    stream.begin(makeRng(1))
    expect(stream.at(0)).toBe(early[0])
  })
})
