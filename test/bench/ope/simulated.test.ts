import { describe, expect, it } from 'vitest'
import { findAgent } from '../../../agents/index.ts'
import { asCost, scores } from '../../../bench/ope/simulated/score.ts'
import { logOf, openWorld, runOf } from '../../../bench/ope/simulated/world.ts'

describe('how an estimator did', () => {
  it('is, by hand', () => {
    const found = scores([
      asCost('a', { value: -11, lo: -12, hi: -9 }, 10),
      asCost('a', { value: -18, lo: -19, hi: -17 }, 20),
      asCost('b', { value: -5, lo: Number.NaN, hi: Number.NaN }, 5),
    ])
    // Off by 10 % either way; the first interval, 9 to 12, holds 10, the second, 17 to 19, not 20.
    expect(found[0]).toMatchObject({ estimator: 'a', seeds: 2, coverage: 0.5 })
    expect(found[0]?.error).toBeCloseTo(0.1, 12)
    expect(found[0]?.bias).toBeCloseTo(0, 12)
    // Of 0.3 and 0.1 the lower middle.
    expect(found[0]?.width).toBeCloseTo(0.1, 12)
    expect(found[1]).toMatchObject({ estimator: 'b', error: 0, coverage: Number.NaN })
  })
})

describe('the truth of a simulated log', () => {
  it('is the same whether the logger takes its own way or another takes over at once', async () => {
    const world = openWorld('sim:odroid-xu4@hot-ambient')
    const policy = findAgent('performance').make({ ...world.input(1), frozen: true })
    // A log of the target itself: nobody explores.
    const log = await logOf(world, { seed: 3, steps: 60, epsilon: 0, incumbent: { agent: 'performance', options: {}, frozen: true } }, [policy])
    expect(await runOf(world, policy, { seed: 3, steps: 60 })).toBeCloseTo(log.truth[0] as number, 12)
    // Taking over in the middle of its own run changes nothing.
    const halves = await Promise.all([0, 30].map((from) => runOf(world, policy, { seed: 3, steps: 30, actions: log.actions, from })))
    expect(((halves[0] as number) + (halves[1] as number)) / 2).toBeCloseTo(log.truth[0] as number, 12)
  })
})
