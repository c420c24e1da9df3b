import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Estimator } from '../../src/ope/estimator.ts'
import { clippedIps } from '../../src/ope/estimators/clipped-ips.ts'
import { dm } from '../../src/ope/estimators/dm.ts'
import { dr } from '../../src/ope/estimators/dr.ts'
import { dros } from '../../src/ope/estimators/dros.ts'
import { estimators, families } from '../../src/ope/estimators/index.ts'
import { ips } from '../../src/ope/estimators/ips.ts'
import { sndr } from '../../src/ope/estimators/sndr.ts'
import { snips } from '../../src/ope/estimators/snips.ts'
import { switchDr } from '../../src/ope/estimators/switch-dr.ts'
import type { RoundColumns } from '../../src/ope/rounds.ts'
import { columnsOf } from './support.ts'

function valueBy(estimator: Estimator, rounds: RoundColumns): number {
  const { length, weight, modelTarget } = rounds
  const terms = new Float64Array(length)
  estimator.terms(rounds, 0, length, terms)
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)
  return (estimator.needsModel ? sum(modelTarget) / length : 0) + sum(terms) / (estimator.per === 'weight' ? sum(weight) : length)
}

// Weights as 0.5/0.25, 0.25/0.5, 0/0.5, 1/0.25; residuals r - q of 1, -1, -4, 0.5.
const rounds = columnsOf([-1, -2, -8, -0.5], [2, 0.5, 0, 4], [-2, -1, -4, -1], [-1.5, -1, -3, -0.5])

describe('on four rounds', () => {
  it.each<[Estimator, number, string]>([
    [ips, -1.25, '(-2 - 1 - 0 - 2) / 4'],
    [clippedIps(3), -1.125, '(-2 - 1 - 0 - 1.5) / 4'],
    [snips, -5 / 6.5, '-5 / (2 + 0.5 + 0 + 4)'],
    [dm, -1.5, '(-1.5 - 1 - 3 - 0.5) / 4'],
    [dr, -0.625, '-1.5 + (2 - 0.5 - 0 + 2) / 4'],
    [sndr, -1.5 + 3.5 / 6.5, '-1.5 + 3.5 / 6.5'],
    [switchDr(2), -1.125, 'the last weight is above tau: -1.5 + (2 - 0.5) / 4'],
    [switchDr(1.5), -1.625, 'so is the first: -1.5 - 0.5 / 4'],
    // Shrunk by lambda / (w^2 + lambda): 2 * 4/8 = 1, 0.5 * 4/4.25 = 8/17, 0, 4 * 4/20 = 0.8.
    [dros(4), -1.5 + (1 - 8 / 17 + 0.4) / 4, '-1.5 + (1 * 1 - 8/17 + 0.8 * 0.5) / 4'],
  ])('$name is $1', (estimator, value) => {
    expect(valueBy(estimator, rounds)).toBeCloseTo(value, 14)
  })

  it('snips is NaN, not 0, when the target never takes a logged action', () => {
    expect(valueBy(snips, { ...rounds, weight: new Float64Array(4) })).toBeNaN()
  })

  it('at their ends switch-dr and dros are dm and dr, clipped-ips is ips', () => {
    for (const make of [switchDr, dros]) {
      expect(valueBy(make(0), rounds)).toBe(valueBy(dm, rounds))
      expect(valueBy(make(Number.POSITIVE_INFINITY), rounds)).toBe(valueBy(dr, rounds))
    }
    expect(valueBy(clippedIps(Number.POSITIVE_INFINITY), rounds)).toBe(valueBy(ips, rounds))
  })

  it('are called by stable names', () => {
    expect(estimators.map(({ name }) => name)).toEqual(['ips', 'clipped-ips', 'snips', 'dm', 'dr', 'sndr', 'switch-dr', 'dros'])
    expect(estimators.map(({ hyperparameter }) => hyperparameter)).toEqual([undefined, 10, undefined, undefined, undefined, undefined, 10, 10])
    expect(families.map(({ name }) => name)).toEqual(['clipped-ips-auto', 'switch-dr-auto', 'dros-auto'])
  })
})

const anyRounds = fc
  .array(
    fc.tuple(
      fc.double({ min: -50, max: 50, noNaN: true }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      fc.double({ min: -50, max: 50, noNaN: true }),
    ),
    {
      minLength: 1,
      maxLength: 30,
    },
  )
  .map((rows) =>
    columnsOf(
      rows.map(([r]) => r),
      rows.map(([, w]) => w),
      rows.map(([, , q]) => q),
    ),
  )

describe('on any log', () => {
  it('snips lies within the rewards', () => {
    fc.assert(
      fc.property(anyRounds, (log) => {
        const value = valueBy(snips, log)
        expect(value).toBeGreaterThanOrEqual(Math.min(...log.reward) - 1e-9)
        expect(value).toBeLessThanOrEqual(Math.max(...log.reward) + 1e-9)
      }),
      { seed: 1 },
    )
  })

  it('dr, sndr, switch-dr and dros are dm where the model is exact', () => {
    fc.assert(
      fc.property(anyRounds, (log) => {
        const exact = { ...log, modelLogged: log.reward }
        for (const estimator of [dr, sndr, switchDr(10), dros(10)]) expect(valueBy(estimator, exact)).toBeCloseTo(valueBy(dm, exact), 10)
      }),
      { seed: 2 },
    )
  })

  it('dr is ips without a model to speak of, and every estimator is the mean reward when the target is the logger and the model says nothing', () => {
    fc.assert(
      fc.property(anyRounds, (log) => {
        const zero = new Float64Array(log.length)
        const silent = { ...log, modelLogged: zero, modelTarget: zero }
        expect(valueBy(dr, silent)).toBeCloseTo(valueBy(ips, silent), 8)
        const own = { ...silent, weight: new Float64Array(log.length).fill(1) }
        const mean = own.reward.reduce((sum, r) => sum + r, 0) / log.length
        for (const estimator of [ips, clippedIps(10), snips, dr, sndr, switchDr(10)]) expect(valueBy(estimator, own)).toBeCloseTo(mean, 8)
      }),
      { seed: 3 },
    )
  })
})

describe('over all logs of a tiny problem', () => {
  // Two contexts, three actions, rewards 0 or 1: every log of two rounds, with its probability.
  const contexts = [0.3, 0.7]
  const behaviour = [
    [0.5, 0.3, 0.2],
    [0.1, 0.6, 0.3],
  ]
  const target = [
    [0.2, 0.2, 0.6],
    [0.7, 0.3, 0],
  ]
  const expected = [
    [0.1, 0.5, 0.9],
    [0.4, 0.8, 0.2],
  ]
  const wrongModel = [
    [0.7, 0.1, 0.3],
    [0.9, 0.2, 0.5],
  ]
  const cell = (table: readonly (readonly number[])[], x: number, a: number): number => (table[x] as number[])[a] as number
  const sumOver = (n: number, f: (i: number) => number): number => Array.from({ length: n }, (_, i) => f(i)).reduce((sum, each) => sum + each, 0)
  const truth = sumOver(2, (x) => (contexts[x] as number) * sumOver(3, (a) => cell(target, x, a) * cell(expected, x, a)))
  const singles = [0, 1].flatMap((x) =>
    [0, 1, 2].flatMap((a) =>
      [0, 1].map((reward) => ({
        probability: (contexts[x] as number) * cell(behaviour, x, a) * (reward === 1 ? cell(expected, x, a) : 1 - cell(expected, x, a)),
        reward,
        weight: cell(target, x, a) / cell(behaviour, x, a),
        modelLogged: cell(wrongModel, x, a),
        modelTarget: sumOver(3, (b) => cell(target, x, b) * cell(wrongModel, x, b)),
      })),
    ),
  )
  const meanOver = (estimator: Estimator, wrongBy = 1): number => {
    let mean = 0
    for (const first of singles)
      for (const second of singles) {
        const both = [first, second]
        const log = columnsOf(
          both.map(({ reward }) => reward),
          both.map(({ weight }) => weight * wrongBy),
          both.map(({ modelLogged }) => modelLogged),
          both.map(({ modelTarget }) => modelTarget),
        )
        mean += first.probability * second.probability * valueBy(estimator, log)
      }
    return mean
  }

  it('ips, and dr with a wrong model, are right on average', () => {
    expect(meanOver(ips)).toBeCloseTo(truth, 14)
    expect(meanOver(dr)).toBeCloseTo(truth, 14)
  })

  it('and are not with propensities that are wrong, nor is dm with a wrong model', () => {
    expect(meanOver(ips, 2)).toBeCloseTo(2 * truth, 14)
    expect(Math.abs(meanOver(dm) - truth)).toBeGreaterThan(0.01)
  })
})
