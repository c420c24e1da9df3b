import { describe, expect, it } from 'vitest'
import { makeRng } from '../../../src/core/rng.ts'
import { doublyRobust } from '../../../src/ope/multi-step/doubly-robust.ts'
import { checkHorizon, expectedValue, fittedQ, type LoggedStep, type LoggedSteps } from '../../../src/ope/multi-step/fitted-q.ts'
import { perDecisionIps } from '../../../src/ope/multi-step/per-decision-ips.ts'
import type { Trajectory } from '../../../src/ope/multi-step/trajectory.ts'
import { errorOf } from '../../support/error-of.ts'
import { columnsOf } from '../support.ts'
import { at, behaviour, both, heatUp, pays, sum, target, trueQ, trueV } from './hot-board.ts'

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

it.each([0, 11, 1.5])('a horizon of %s decisions is refused', (horizon) => {
  expect(errorOf(() => checkHorizon(horizon))).toMatchObject({ code: 'ERR_RANGE', message: expect.stringContaining('expected 1 to 10') })
})

describe('fitted Q', () => {
  const features = { actions: 2, size: 1, values: Float64Array.of(-1, 1) }
  const settings = { features, contextSize: 1, horizon: 4, folds: 1 }

  function log(steps: number, folds = 1): LoggedSteps & { readonly rows: LoggedStep[] } {
    const rng = makeRng(9)
    const rows: LoggedStep[] = []
    let s = 0
    for (let i = 0; i < steps; i++) {
      const from = s
      const action = rng.next() < at(behaviour, s, 1) ? 1 : 0
      const reward = at(pays, s, action) + 0.3 * rng.normal()
      s = rng.next() < at(heatUp, s, action) ? 1 : 0
      const led = { context: Float64Array.of(s), target: Float64Array.from(target[s] as number[]) }
      // Now and then the log breaks off and begins again somewhere.
      const ends = i % 100 === 99
      rows.push({ fold: Math.floor(i / 100) % folds, context: Float64Array.of(from), action, reward, next: ends ? undefined : led })
      if (ends) s = 1 - s
    }
    return { rows, pass: (visit) => rows.forEach(visit) }
  }

  it('finds what the next decisions earn, from the log of another policy', async () => {
    const [models = []] = await fittedQ(log(60_000), settings)
    expect(models).toHaveLength(4)
    const q = new Float64Array(2)
    for (const [h, model] of models.entries())
      for (const s of both) {
        model.predict([s], q)
        for (const a of both) expect(q[a], `Q_${h + 1}(${s}, ${a})`).toBeCloseTo(trueQ(h + 1, s, a), 1)
        expect(expectedValue(Float64Array.from(target[s] as number[]), q)).toBeCloseTo(trueV(h + 1, s), 1)
      }
  })

  it('of a fold has not seen the rewards of that fold, and has seen all others', async () => {
    const plain = log(600, 3)
    const altered = plain.rows.map((row) => (row.fold === 1 ? { ...row, reward: row.reward + 100 } : row))
    const [before, after] = [
      await fittedQ(plain, { ...settings, folds: 3 }),
      await fittedQ({ pass: (visit) => altered.forEach(visit) }, { ...settings, folds: 3 }),
    ]
    const of = (models: typeof before, fold: number): number[] => {
      const q = new Float64Array(2)
      return (models[fold] ?? []).flatMap((model) => {
        model.predict([0], q)
        return Array.from(q)
      })
    }
    expect(of(after, 1)).toEqual(of(before, 1))
    of(after, 0).forEach((value, i) => {
      expect(value - (of(before, 0)[i] as number)).toBeGreaterThan(20)
    })
  })
})
