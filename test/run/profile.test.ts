import { describe, expect, it } from 'vitest'
import type { Env } from '../../src/core/env.ts'
import type { RunEvents } from '../../src/run/events.ts'
import { profile, profileSamples } from '../../src/run/profile.ts'
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

  it('asks for quiet, takes the points in turn, each twice, and counts the second', async () => {
    const inner = makeScriptedEnv({ noise: 0 })
    const chosen: number[] = []
    let resets = 0
    const env: Env = {
      ...inner,
      reset(options) {
        resets++
        expect(options).toEqual({ seed: 5, quiet: true })
        return inner.reset(options)
      },
      async step(action) {
        const first = chosen.at(-1) !== action || chosen.filter((a) => a === action).length % 2 === 0
        chosen.push(action)
        const step = await inner.step(action)
        // The first of each two pays for the change.
        return { ...step, outcome: { ...step.outcome, latencyS: step.outcome.latencyS * (first ? 100 : 1) } }
      },
    }
    const found = await profile(env, 5, quietly, 3)
    expect(resets).toBe(1)
    expect(chosen.slice(0, 6)).toEqual([0, 0, 1, 1, 2, 2])
    expect(chosen).toHaveLength(3 * 16 * 2)
    expect(found[3]?.latencyS).toBeCloseTo(inner.nominal[3]?.latencyS as number, 8)
  })

  it('takes medians, so that one disturbance does not show', async () => {
    const inner = makeScriptedEnv({ noise: 0 })
    let steps = 0
    const env: Env = {
      ...inner,
      async step(action) {
        const step = await inner.step(action)
        // The whole second round of five is ten times slower and dearer.
        const disturbed = Math.floor(steps++ / 32) === 1 ? 10 : 1
        return { ...step, outcome: { ...step.outcome, latencyS: step.outcome.latencyS * disturbed, energyJ: step.outcome.energyJ * disturbed } }
      },
    }
    const found = await profile(env, 1, quietly)
    expect(steps).toBe(profileSamples * 32)
    found.forEach((point, a) => {
      expect(point.latencyS).toBeCloseTo(inner.nominal[a]?.latencyS as number, 8)
      expect(point.energyJ).toBeCloseTo(inner.nominal[a]?.energyJ as number, 8)
    })
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

  it('ends when it is told to, as there is nothing to keep', async () => {
    let asked = 0
    const stopped = () => (++asked > 20 ? 'SIGINT' : undefined)
    await expect(profile(makeScriptedEnv(), 1, { ...quietly, stopped })).rejects.toMatchObject({ code: 'ERR_INTERRUPTED', exitCode: 130 })
  })
})
