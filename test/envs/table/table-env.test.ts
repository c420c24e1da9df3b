import { describe, expect, it } from 'vitest'
import { makeTableEnv } from '../../../envs/table/table-env.ts'
import { makeQuietWorld, type World, type WorldState } from '../../../envs/world/world.ts'
import { type ExpectedOutcome, makeExpectedOutcome } from '../../../src/core/env.ts'
import { normalCdf } from '../../../src/core/normal.ts'
import type { Requirements } from '../../../src/core/outcome.ts'
import { monitorIndex } from '../../../src/core/spaces.ts'
import { bareTable, parseSmall, smallHalf } from '../../support/tables.ts'

const asked: Requirements = { percentile: 99, deadlineS: 0.1 }
// Points 0, 1 and 4, 5 are of little, 2, 3 and 6, 7 of big; four cores each.
const table = parseSmall({
  ...smallHalf,
  clusters: [
    { id: 'little', cores: 4 },
    { id: 'big', cores: 4 },
  ],
})
const [little, big] = [0, 1]

/** Quiet, but for what `change` writes over it. */
function makeWorld(change: (state: WorldState, timeS: number) => void, rest: Partial<World> = {}): World {
  const quiet = makeQuietWorld(table.clusters)
  return {
    ...quiet,
    ...rest,
    at(timeS, out) {
      quiet.at(timeS, out)
      change(out, timeS)
    },
  }
}

const open = (world?: World, noiseRatio = 0, requirements: readonly Requirements[] = [asked]) =>
  makeTableEnv({ table, requirements, noiseRatio, world })

const expectedOf = (env: ReturnType<typeof open>, action: number): ExpectedOutcome => {
  const out = makeExpectedOutcome()
  env.truth.expected(action, out)
  return out
}

describe('a table as it is', () => {
  it('gives the row, back to back', () => {
    const env = open()
    env.reset({ seed: 1 })
    expect(env.step(3)).toMatchObject({
      outcome: { latencyS: 0.01, energyJ: 0.06, accuracy: 0.6, confidence: Number.NaN, deadlineMet: true },
      timeS: 0,
      durationS: 0.01,
      requirements: asked,
      truncated: false,
    })
    const { outcome, timeS } = env.step(4)
    expect([outcome.latencyS, outcome.deadlineMet, timeS]).toEqual([0.24, false, 0.01])
    expect([outcome.latencyQuality, outcome.energyQuality, outcome.accuracyQuality, outcome.confidenceQuality]).toEqual([
      'measured',
      'measured',
      'estimated',
      'absent',
    ])
  })

  it('shows a quiet board without a thermometer', () => {
    const env = open()
    const { observation, mask } = env.reset({ seed: 1 })
    const shown = Object.fromEntries(env.spaces.monitors.map(({ name }, i) => [name, observation[i]]))
    expect(shown).toEqual({
      'little.interference': 0,
      'big.interference': 0,
      'little.availableCores': 4,
      'big.availableCores': 4,
      pressure: 0,
      tempC: Number.NaN,
      queueLength: 0,
      waitedS: 0,
      latencyRatio: Number.NaN,
      deadlineS: 0.1,
      energyBudgetJ: Number.NaN,
      accuracyFloor: Number.NaN,
    })
    expect(Array.from(mask)).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
    env.step(3)
    expect(observation[monitorIndex(env.spaces, 'latencyRatio')]).toBe(0.1)
  })

  it('knows for certain what misses', () => {
    const env = open(undefined, 0, [{ percentile: 99, deadlineS: 0.06, energyBudgetJ: 0.06 }])
    env.reset({ seed: 1 })
    // Exactly at the deadline is in time, exactly the budget is within it.
    expect(expectedOf(env, 0)).toEqual({ latencyS: 0.06, energyJ: 0.06, accuracy: 0.6, confidence: Number.NaN, missRatio: 0, brokenRatio: 0 })
    expect(expectedOf(env, 7)).toMatchObject({ missRatio: 0, brokenRatio: 1 })
    expect(expectedOf(env, 4)).toMatchObject({ missRatio: 1, brokenRatio: 1 })
  })

  it('without energy and accuracy says that they are absent', () => {
    const env = makeTableEnv({ table: bareTable(), requirements: [{ percentile: 99, energyBudgetJ: 1 }] })
    env.reset({ seed: 1 })
    expect(env.step(1).outcome).toMatchObject({ latencyS: 0.05, energyJ: Number.NaN, energyQuality: 'absent', accuracyQuality: 'absent' })
    const out = makeExpectedOutcome()
    env.truth.expected(1, out)
    expect(out).toMatchObject({ energyJ: Number.NaN, accuracy: Number.NaN, brokenRatio: 0 })
  })
})

describe('noise', () => {
  it('has mean 1 and the standard deviation asked for, in latency and energy alike', () => {
    const env = open(undefined, 0.1)
    env.reset({ seed: 3 })
    const n = 20_000
    let sum = 0
    let squares = 0
    for (let k = 0; k < n; k++) {
      const { latencyS, energyJ } = env.step(3).outcome
      expect(energyJ / latencyS).toBeCloseTo(6, 3)
      sum += latencyS / 0.01
      squares += (latencyS / 0.01) ** 2
    }
    const mean = sum / n
    // The standard errors are 0.0007 and 0.0005.
    expect(Math.abs(mean - 1)).toBeLessThan(0.003)
    expect(Math.abs(Math.sqrt(squares / n - mean ** 2) - 0.1)).toBeLessThan(0.0025)
  })

  it('is in the truth: means and probabilities', () => {
    const sigma = Math.sqrt(Math.log(1.01))
    const env = open(undefined, 0.1, [{ percentile: 99, deadlineS: 0.011, energyBudgetJ: 0.063 }])
    env.reset({ seed: 3 })
    const { latencyS, energyJ, missRatio, brokenRatio } = expectedOf(env, 3)
    expect([latencyS, energyJ]).toEqual([0.01, 0.06])
    // The factor must not pass 1.1 for the deadline, 1.05 for the budget; its logarithm has mean -sigma^2/2.
    expect(missRatio).toBeCloseTo(normalCdf((-(sigma ** 2) / 2 - Math.log(1.1)) / sigma), 12)
    expect(brokenRatio).toBeCloseTo(normalCdf((-(sigma ** 2) / 2 - Math.log(1.05)) / sigma), 12)
    let missed = 0
    for (let k = 0; k < 20_000; k++) if (!env.step(3).outcome.deadlineMet) missed++
    expect(Math.abs(missed / 20_000 - missRatio)).toBeLessThan(0.01)
  })

  it('is the same for the same seed, whatever was chosen', () => {
    const factors = (actions: readonly number[], seed: number): number[] => {
      const env = open(undefined, 0.1)
      env.reset({ seed })
      return actions.map((action) => Number((env.step(action).outcome.latencyS / (table.latencyS[action] as number)).toPrecision(4)))
    }
    expect(factors([0, 1, 2, 3], 5)).toEqual(factors([7, 7, 7, 7], 5))
    expect(factors([0, 1, 2, 3], 5)).not.toEqual(factors([0, 1, 2, 3], 6))
  })

  it('goes on where a resumed run stopped', () => {
    const env = open(undefined, 0.1)
    env.reset({ seed: 5 })
    env.step(0)
    env.step(0)
    const third = env.step(0).outcome.latencyS
    env.reset({ seed: 5, step: 2 })
    expect(env.step(0).outcome.latencyS).toBe(third)
  })
})

describe('a world over a table', () => {
  it('stretches the points of a crowded cluster by what others leave', () => {
    const env = open(
      makeWorld((state) => {
        state.interference[big] = 0.5
      }),
    )
    const { observation } = env.reset({ seed: 1 })
    // Energy grows with the time, as power stays.
    expect(expectedOf(env, 3)).toMatchObject({ latencyS: 0.02, energyJ: 0.12 })
    expect(expectedOf(env, 1)).toMatchObject({ latencyS: 0.03, energyJ: 0.06 })
    expect(env.step(3).outcome).toMatchObject({ latencyS: 0.02, energyJ: 0.12 })
    for (let k = 0; k < 20; k++) env.step(3)
    expect(Math.abs((observation[big] as number) - 0.5)).toBeLessThan(0.1)
    expect(Math.abs((observation[little] as number) - 0)).toBeLessThan(0.1)
  })

  it('drifts, and shares its memory', () => {
    const env = open(
      makeWorld((state) => {
        state.slowdown = 1.5
        state.bandwidthShare = 0.5
      }),
    )
    env.reset({ seed: 1 })
    // 1.5 times 1 + 0.3 * 0.5 / 0.5.
    expect(expectedOf(env, 3).latencyS).toBeCloseTo(0.01 * 1.5 * 1.3, 12)
  })

  it('masks what lacks cores, and never everything', () => {
    const env = open(
      makeWorld((state, timeS) => {
        state.availableCores[big] = timeS < 0.05 ? 3 : 4
        if (timeS >= 0.1) state.availableCores.fill(0)
      }),
    )
    const { mask, observation } = env.reset({ seed: 1 })
    // Measured with all four cores of big: with three nobody knows.
    expect(Array.from(mask)).toEqual([1, 1, 0, 0, 1, 1, 0, 0])
    expect(observation[monitorIndex(env.spaces, 'big.availableCores')]).toBe(3)
    env.step(0)
    expect(Array.from(mask)).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
    env.step(0)
    expect(Array.from(mask)).toEqual([0, 0, 0, 1, 0, 0, 0, 0])
  })

  it('lets requests wait, and waiting counts', () => {
    // One every 50 ms.
    const env = open(makeWorld(() => {}, { arrivalS: (k) => k * 0.05 }))
    const { observation } = env.reset({ seed: 1 })
    const queue = (): number => observation[monitorIndex(env.spaces, 'queueLength')] as number
    expect(queue()).toBe(0)
    // Taken up at 0, done at 0.24: requests 1 (0.05) to 4 (0.2) have come, and request 1 is next.
    const { durationS } = env.step(4)
    expect([durationS, queue()]).toEqual([0.24, 3])
    expect(observation[monitorIndex(env.spaces, 'waitedS')]).toBe(0.19)
    expect(expectedOf(env, 3)).toMatchObject({ latencyS: 0.2, energyJ: 0.06, missRatio: 1 })
    expect(env.step(3).outcome).toMatchObject({ latencyS: 0.2, energyJ: 0.06, deadlineMet: false })
    // Requests 2 to 5 at 10 ms each: the last is taken up at 0.28, and the next comes at 0.3.
    for (let k = 2; k < 5; k++) env.step(3)
    expect(env.step(3).durationS).toBeCloseTo(0.02, 12)
    expect(queue()).toBe(0)
    expect(env.step(3)).toMatchObject({ outcome: { latencyS: 0.01 } })
  })

  it('drops the oldest of more than sixteen that wait', () => {
    const env = open(makeWorld(() => {}, { arrivalS: (k) => k * 0.01 }))
    const { observation } = env.reset({ seed: 1 })
    env.step(4)
    expect(observation[monitorIndex(env.spaces, 'queueLength')]).toBe(16)
    // At 0.24 request 24 has just come: the next to serve is request 8.
    expect(expectedOf(env, 3).latencyS).toBeCloseTo(0.24 - 0.08 + 0.01, 12)
    expect(env.dropped).toBe(7)
  })

  it('asks something else phase by phase, and ends', () => {
    const later: Requirements = { percentile: 90, deadlineS: 0.02 }
    const env = open(
      makeWorld(
        (state, timeS) => {
          state.phase = timeS < 0.05 ? 0 : 1
        },
        { endS: 0.1 },
      ),
      0,
      [asked, later],
    )
    const { observation } = env.reset({ seed: 1 })
    expect(env.step(0).requirements).toBe(asked)
    expect(env.truth.requirements).toBe(later)
    expect(observation[monitorIndex(env.spaces, 'deadlineS')]).toBe(0.02)
    expect(env.step(0)).toMatchObject({ requirements: later, truncated: true, outcome: { deadlineMet: false } })
  })

  it('has sensors that are late, hold and fall silent, while the truth goes on', () => {
    const env = open(
      makeWorld((state, timeS) => {
        state.interference[little] = timeS < 1 ? 0 : 0.75
        state.interferenceFault = timeS < 1.5 || timeS >= 3 ? 'none' : timeS < 2.5 ? 'stale' : 'missing'
        if (timeS >= 2) state.interference[little] = 0
      }),
    )
    const { observation } = env.reset({ seed: 1 })
    const readingAt = (timeS: number): number => {
      while (env.step(3).timeS < timeS - 0.015);
      return observation[little] as number
    }
    // Sensors look every 100 ms at what was 100 ms ago, with a noise of 0.02.
    expect(readingAt(0.9)).toBeLessThan(0.1)
    expect(readingAt(1.05)).toBeLessThan(0.1)
    expect(expectedOf(env, 1).latencyS).toBeCloseTo(0.12, 12)
    expect(readingAt(1.4)).toBeGreaterThan(0.6)
    expect(readingAt(2.4)).toBeGreaterThan(0.6)
    expect(expectedOf(env, 1).latencyS).toBeCloseTo(0.03, 12)
    expect(readingAt(2.8)).toBeNaN()
    expect(readingAt(3.5)).toBeLessThan(0.1)
    expect(observation[monitorIndex(env.spaces, 'tempC')]).toBeNaN()
  })

  it('is left out when it should be quiet', () => {
    const env = open(
      makeWorld(
        (state) => {
          state.interference.fill(0.5)
          state.phase = 1
        },
        { arrivalS: (k) => k },
      ),
      0,
      [asked, { percentile: 90 }],
    )
    env.reset({ seed: 1, quiet: true })
    expect(env.step(3)).toMatchObject({ outcome: { latencyS: 0.01 }, durationS: 0.01, requirements: asked })
  })
})
