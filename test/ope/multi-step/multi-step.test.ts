import { describe, expect, it } from 'vitest'
import { makeRng } from '../../../src/core/rng.ts'
import { doublyRobust } from '../../../src/ope/multi-step/doubly-robust.ts'
import { expectedValue, fittedQ, type Transitions } from '../../../src/ope/multi-step/fitted-q.ts'
import { perDecisionIps } from '../../../src/ope/multi-step/per-decision-ips.ts'
import { cutTrajectories, type Trajectory } from '../../../src/ope/multi-step/trajectory.ts'
import { errorOf } from '../../support/error-of.ts'
import { columnsOf } from '../support.ts'

// A board that is cool (0) or hot (1). Fast (1) heats it up, slow (0) cools it down, each with a chance; being fast pays 3 when cool and 1 when hot, slow pays 2.
const heatUp = [
  [0.1, 0.8],
  [0.3, 0.9],
]
const pays = [
  [2, 3],
  [2, 1],
]
const behaviour = [
  [0.5, 0.5],
  [0.7, 0.3],
]
const target = [
  [0.1, 0.9],
  [0.2, 0.8],
]
const at = (table: readonly (readonly number[])[], s: number, a: number): number => (table[s] as readonly number[])[a] as number
const both = [0, 1]
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** True values of the target over the last h decisions. */
function trueQ(h: number, s: number, a: number): number {
  if (h === 0) return 0
  const hot = at(heatUp, s, a)
  return at(pays, s, a) + (1 - hot) * trueV(h - 1, 0) + hot * trueV(h - 1, 1)
}
function trueV(h: number, s: number): number {
  return h === 0 ? 0 : sum(both.map((a) => at(target, s, a) * trueQ(h, s, a)))
}

/** Every stretch of h decisions from a cool start, with its probability under the logger. */
function everyStretch(h: number, model: (left: number, s: number, a: number) => number) {
  const value = (left: number, s: number): number => sum(both.map((a) => at(target, s, a) * model(left, s, a)))
  let stretches = [{ probability: 1, state: 0, rows: [] as { r: number; w: number; q: number; v: number }[] }]
  for (let left = h; left > 0; left--)
    stretches = stretches.flatMap(({ probability, state: s, rows }) =>
      both.flatMap((a) =>
        both.map((next) => ({
          probability: probability * at(behaviour, s, a) * (next === 1 ? at(heatUp, s, a) : 1 - at(heatUp, s, a)),
          state: next,
          rows: [...rows, { r: at(pays, s, a), w: at(target, s, a) / at(behaviour, s, a), q: model(left, s, a), v: value(left, s) }],
        })),
      ),
    )
  return stretches.map(({ probability, rows }) => ({
    probability,
    trajectory: columnsOf(
      rows.map(({ r }) => r),
      rows.map(({ w }) => w),
      rows.map(({ q }) => q),
      rows.map(({ v }) => v),
    ),
  }))
}

const mean = (stretches: ReturnType<typeof everyStretch>, estimate: (trajectory: Trajectory) => number): number =>
  sum(stretches.map(({ probability, trajectory }) => probability * estimate(trajectory)))

describe('on one stretch, by hand', () => {
  const stretch = columnsOf([1, 2, 4], [2, 0.5, 3], [1, 1, 1], [0.5, 1, 2])
  it('per-decision ips is 2 * 1 + (2 * 0.5) * 2 + (2 * 0.5 * 3) * 4', () => {
    expect(perDecisionIps(stretch)).toBe(16)
    // Discounted by half: 2 + 1 + 3.
    expect(perDecisionIps(stretch, 0.5)).toBe(6)
  })

  it('doubly robust goes backwards: 2 + 3 (4 - 1) = 11, 1 + 0.5 (2 + 11 - 1) = 7, 0.5 + 2 (1 + 7 - 1) = 14.5', () => {
    expect(doublyRobust(stretch)).toBe(14.5)
  })

  it('doubly robust without a model is per-decision ips', () => {
    const silent = columnsOf([1, 2, 4], [2, 0.5, 3], [0, 0, 0])
    expect(doublyRobust(silent, 0.9)).toBeCloseTo(perDecisionIps(silent, 0.9), 12)
  })
})

describe('over all stretches of three decisions', () => {
  it('both are right on average, where the bandit estimate on the states of the logger is not', () => {
    const truth = trueV(3, 0)
    const wrong = everyStretch(3, (left, s, a) => left + s - 2 * a)
    expect(mean(wrong, perDecisionIps)).toBeCloseTo(truth, 12)
    expect(mean(wrong, doublyRobust)).toBeCloseTo(truth, 12)
    const bandit = mean(wrong, ({ reward, weight }) => sum(Array.from(reward, (r, t) => r * (weight[t] as number))))
    expect(Math.abs(bandit - truth)).toBeGreaterThan(0.2)
  })

  it('an exact model takes variance away', () => {
    const truth = trueV(3, 0)
    const exact = everyStretch(3, trueQ)
    const variance = (estimate: (trajectory: Trajectory) => number): number => mean(exact, (trajectory) => (estimate(trajectory) - truth) ** 2)
    expect(mean(exact, doublyRobust)).toBeCloseTo(truth, 12)
    expect(variance(doublyRobust)).toBeLessThan(0.2 * variance(perDecisionIps))
  })
})

describe('stretches', () => {
  it('are cut from a log in order; the rest is left', () => {
    const stretches = cutTrajectories(columnsOf([1, 2, 3, 4, 5], [1, 1, 2, 2, 3]), 2)
    expect(stretches.map(({ reward }) => Array.from(reward))).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(stretches[1]?.length).toBe(2)
  })

  it.each([0, 11, 1.5])('of %s decisions are refused', (horizon) => {
    expect(errorOf(() => cutTrajectories(columnsOf([1], [1]), horizon))).toMatchObject({
      code: 'ERR_RANGE',
      message: expect.stringContaining('expected 1 to 10'),
    })
  })
})

describe('fitted Q', () => {
  const features = { actions: 2, size: 1, values: Float64Array.of(-1, 1) }
  function log(steps: number): Transitions {
    const rng = makeRng(9)
    const contexts = new Float64Array(steps + 1)
    const [action, reward, end] = [new Int32Array(steps), new Float64Array(steps), new Uint8Array(steps)]
    let s = 0
    for (let i = 0; i < steps; i++) {
      contexts[i] = s
      const a = rng.next() < at(behaviour, s, 1) ? 1 : 0
      action[i] = a
      reward[i] = at(pays, s, a) + 0.3 * rng.normal()
      s = rng.next() < at(heatUp, s, a) ? 1 : 0
      // Now and then the log breaks off and begins again somewhere.
      if (i % 100 === 99) {
        end[i] = 1
        s = 1 - s
      }
    }
    contexts[steps] = s
    return {
      length: steps,
      contextSize: 1,
      contexts,
      action,
      reward,
      end,
      target(row, out) {
        out.set(target[contexts[row] as number] as number[])
      },
    }
  }

  it('finds what the next decisions earn, from the log of another policy', () => {
    const models = fittedQ(log(60_000), { features, horizon: 4 })
    expect(models).toHaveLength(4)
    const q = new Float64Array(2)
    for (const [h, model] of models.entries())
      for (const s of both) {
        model.predict([s], q)
        for (const a of both) expect(q[a], `Q_${h + 1}(${s}, ${a})`).toBeCloseTo(trueQ(h + 1, s, a), 1)
        expect(expectedValue(Float64Array.from(target[s] as number[]), q)).toBeCloseTo(trueV(h + 1, s), 1)
      }
  })

  it('refuses a horizon that no log can bear', () => {
    expect(errorOf(() => fittedQ(log(10), { features, horizon: 11 }))).toMatchObject({ code: 'ERR_RANGE' })
  })
})
