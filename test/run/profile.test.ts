import { describe, expect, it } from 'vitest'
import type { Env } from '../../src/core/env.ts'
import type { RunEvents } from '../../src/run/events.ts'
import { profile } from '../../src/run/profile.ts'
import { makeScriptedEnv } from '../support/scripted-env.ts'

const quietly: RunEvents = { note() {}, progress() {}, stopped: () => undefined }

describe('profile', () => {
  it('finds the nominal outcome of every point of a world without noise', async () => {
    const env = makeScriptedEnv({ noise: 0 })
    const found = await profile(env, 1, quietly)
    expect(found).toHaveLength(16)
    found.forEach((point, a) => {
      expect(point.latencyS).toBeCloseTo(env.nominal[a]?.latencyS as number, 8)
      expect(point.energyJ).toBeCloseTo(env.nominal[a]?.energyJ as number, 8)
      expect(point.accuracy).toBe(env.nominal[a]?.accuracy)
    })
  })

  /** The noiseless world, with what it answers changed by how many steps were taken and what ran before. */
  function disturbed(factor: (taken: number, sameAsBefore: boolean) => number) {
    const inner = makeScriptedEnv({ noise: 0 })
    const chosen: number[] = []
    const env: Env = {
      ...inner,
      reset(options) {
        expect(options).toEqual({ seed: 5, quiet: true })
        return inner.reset(options)
      },
      async step(action) {
        const by = factor(chosen.length, chosen.at(-1) === action)
        chosen.push(action)
        const step = await inner.step(action)
        return { ...step, outcome: { ...step.outcome, latencyS: step.outcome.latencyS * by, energyJ: step.outcome.energyJ * by } }
      },
    }
    const expectNominal = async () => {
      const found = await profile(env, 5, quietly)
      found.forEach((point, a) => {
        expect(point.latencyS).toBeCloseTo(inner.nominal[a]?.latencyS as number, 8)
        expect(point.energyJ).toBeCloseTo(inner.nominal[a]?.energyJ as number, 8)
      })
    }
    return { chosen, expectNominal }
  }

  it('takes the points in turn, more than once', async () => {
    const { chosen, expectNominal } = disturbed(() => 1)
    await expectNominal()
    const visits = chosen.filter((a, k) => chosen[k - 1] !== a)
    const rounds = visits.length / 16
    expect(rounds).toBeGreaterThanOrEqual(2)
    expect(visits).toEqual(Array.from({ length: 16 * rounds }, (_, k) => k % 16))
  })

  it('does not count the first request after a change, which pays for the change', async () => {
    const { expectNominal } = disturbed((_, sameAsBefore) => (sameAsBefore ? 1 : 100))
    await expectNominal()
  })

  it('takes medians, so that a disturbance of a quarter of the time does not show', async () => {
    const { chosen, expectNominal } = disturbed(() => 1)
    await expectNominal()
    const steps = chosen.length
    await disturbed((taken) => (taken >= 0.75 * steps ? 10 : 1)).expectNominal()
    await disturbed((taken) => (taken >= 0.4 * steps && taken < 0.65 * steps ? 10 : 1)).expectNominal()
  })

  it('leaves NaN where the energy was absent', async () => {
    const inner = makeScriptedEnv({ noise: 0 })
    const env: Env = {
      ...inner,
      async step(action) {
        const step = await inner.step(action)
        return action === 2 ? { ...step, outcome: { ...step.outcome, energyJ: Number.NaN, energyQuality: 'absent' } } : step
      },
    }
    const found = await profile(env, 1, quietly)
    expect(found[2]?.energyJ).toBeNaN()
    expect(found[3]?.energyJ).toBeGreaterThan(0)
  })

  it('waits ever more shortly for points that a guard never allows, says so, and goes on', async () => {
    const inner = makeScriptedEnv({ noise: 0 })
    const points = inner.spaces.points.length
    let taken = 0
    const env: Env = {
      ...inner,
      async step(action) {
        taken++
        return { ...(await inner.step(action)), executedAction: action === 3 ? 3 : 0 }
      },
    }
    const notes: string[] = []
    const progress: number[] = []
    const found = await profile(env, 1, { ...quietly, note: (text) => notes.push(text), progress: (_, done) => progress.push(done) })
    expect(found.map(({ latencyS }) => !Number.isNaN(latencyS))).toEqual(inner.spaces.points.map((_, a) => a === 0 || a === 3))
    expect(notes).toEqual([
      `the guard does not allow point 2 of ${points} now: such points are waited for, and left out of the profile where that is in vain`,
      `${points - 2} of ${points} points were not profiled: the guard does not allow them`,
    ])
    expect(progress).toEqual(Array.from({ length: 2 * points }, (_, k) => k + 1))
    // In each round 300 + 150 for the second and the third, and 300, 150, 75, 37, then 30 for the others.
    expect(taken).toBeLessThan(2 * (450 + 4 + 4 + 565 + 31 * points))
  })

  it('ends when it is told to, as there is nothing to keep', async () => {
    let asked = 0
    const stopped = () => (++asked > 20 ? 'SIGINT' : undefined)
    await expect(profile(makeScriptedEnv(), 1, { ...quietly, stopped })).rejects.toMatchObject({ code: 'ERR_INTERRUPTED', exitCode: 130 })
  })
})
