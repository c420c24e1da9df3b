import { describe, expect, it } from 'vitest'
import { makeRng, type Rng } from '../../../src/core/rng.ts'
import { type MultiStepEvaluation, makeMultiStepEvaluator } from '../../../src/ope/multi-step/evaluate.ts'
import { columnsOf, fullSupport } from '../support.ts'
import { at, behaviour, both, heatUp, pays, sum, target, trueQ, trueV } from './hot-board.ts'

const estimate = ({ estimates }: MultiStepEvaluation, name: string) =>
  estimates.find(({ estimator }) => estimator === name) as MultiStepEvaluation['estimates'][number]

/** Stretches from a cool board, by the logger; the model is off by a constant. */
function evaluated(rng: Rng, horizon: number, stretches: number): MultiStepEvaluation {
  const evaluator = makeMultiStepEvaluator({ horizon, actions: 2, draws: 399 })
  for (let i = 0; i < stretches; i++) {
    const rows: { r: number; w: number; q: number; v: number }[] = []
    let s = 0
    for (let left = horizon; left > 0; left--) {
      const a = rng.next() < at(behaviour, s, 1) ? 1 : 0
      const v = sum(both.map((one) => at(target, s, one) * trueQ(left, s, one)))
      rows.push({ r: at(pays, s, a) + 0.2 * rng.normal(), w: at(target, s, a) / at(behaviour, s, a), q: trueQ(left, s, a) - 1, v: v - 1 })
      s = rng.next() < at(heatUp, s, a) ? 1 : 0
    }
    const column = (name: 'r' | 'w' | 'q' | 'v'): number[] => rows.map((row) => row[name])
    evaluator.add(columnsOf(column('r'), column('w'), column('q'), column('v')))
  }
  return evaluator.finish(fullSupport)
}

describe('an evaluation over stretches', () => {
  it('is, by hand, per decision', () => {
    const evaluator = makeMultiStepEvaluator({ horizon: 2, actions: 2, draws: 199 })
    evaluator.add(columnsOf([1, 3], [2, 0.5], [0, 0], [4, 0]))
    evaluator.add(columnsOf([2, 2], [0, 3], [0, 0], [6, 0]))
    const found = evaluator.finish(fullSupport)
    expect(found).toMatchObject({ horizon: 2, trajectories: 2, logged: { value: 2 }, verdictFrom: 'multi-step-dr' })
    // 2 * 1 + (2 * 0.5) * 3 = 5 and 0, each over two decisions.
    expect(estimate(found, 'per-decision-ips').value).toBeCloseTo(5 / 4, 12)
    // 4 + 2 (1 + 0.5 * 3) = 9, and 6 + 0.
    expect(estimate(found, 'multi-step-dr').value).toBeCloseTo(15 / 4, 12)
    expect(estimate(found, 'fitted-q').value).toBeCloseTo(10 / 4, 12)
    // Products: 2 and 0, then 1 and 0.
    expect(found.effectiveSampleSize).toEqual([1, 1])
    expect(found.largestWeight).toEqual([2, 1])
    expect(found.meanWeight).toEqual([1, 0.5])
  })

  it('covers what the target earns over the stretch at about the stated rate', () => {
    const horizon = 4
    const truth = trueV(horizon, 0) / horizon
    const logs = Array.from({ length: 100 }, (_, i) => evaluated(makeRng(i + 1), horizon, 400))
    for (const name of ['per-decision-ips', 'multi-step-dr']) {
      const covered = logs.filter((log) => estimate(log, name).lo <= truth && estimate(log, name).hi >= truth).length
      expect(covered, name).toBeGreaterThanOrEqual(89)
      expect(covered, name).toBeLessThan(100)
    }
    const width = (name: string): number => sum(logs.map((log) => estimate(log, name).hi - estimate(log, name).lo))
    expect(width('multi-step-dr')).toBeLessThan(0.5 * width('per-decision-ips'))
  })

  it('cannot answer where hardly a stretch goes the way of the policy, and says what would', () => {
    const evaluator = makeMultiStepEvaluator({ horizon: 5, actions: 4, draws: 199 })
    for (let i = 0; i < 400; i++) {
      const weight = [0, 1, 2, 3, 4].map((t) => ((i >> t) % 4 === 0 ? 4 : 0))
      evaluator.add(columnsOf([1, 1, 1, 1, (i % 7) / 7], weight, [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]))
    }
    const { verdict, effectiveSampleSize } = evaluator.finish(fullSupport)
    expect(effectiveSampleSize.at(-1)).toBeLessThan(30)
    expect(verdict.code).toBe('cannotAnswer')
    // 100 * 5 / 0.9^5 = 847.
    expect(verdict.words).toMatch(/worth \d+ stretches of 5 decisions .*ask a shorter --horizon.*epsilon:0.1 for about 850 decisions$/)
  })

  it('without propensities has the model alone, which nothing can check', () => {
    const evaluator = makeMultiStepEvaluator({ horizon: 2, actions: 2, hasPropensities: false, draws: 199 })
    const unknown = [Number.NaN, Number.NaN]
    for (let i = 0; i < 40; i++) evaluator.add(columnsOf([1, i % 3], unknown, [0, 0], [4, 0]))
    const found = evaluator.finish(fullSupport)
    expect(found.estimates.map(({ estimator, value }) => [estimator, value])).toEqual([['fitted-q', 2]])
    expect(found).toMatchObject({ verdictFrom: 'fitted-q', verdict: { code: 'cannotAnswer', words: expect.stringContaining('no propensities') } })
  })

  it('of no stretches says so', () => {
    expect(makeMultiStepEvaluator({ horizon: 3, actions: 2 }).finish(fullSupport)).toMatchObject({
      trajectories: 0,
      verdict: { code: 'cannotAnswer', words: expect.stringContaining('no decision that can be used') },
    })
  })
})
