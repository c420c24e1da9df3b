import { describe, expect, it } from 'vitest'
import { defaultWeights, parseWeights, resolveWish, type Wish } from '../../src/run/request.ts'
import { errorOf } from '../support/error-of.ts'

const nominal = [
  { latencyS: 0.04, energyJ: 0.3, accuracy: 0.7 },
  { latencyS: 0.010001, energyJ: 0.05, accuracy: 0.5 },
  { latencyS: 0.02, energyJ: 0.1, accuracy: 0.6 },
]
const wish: Wish = { percentile: 99, objective: 'weighted', weights: defaultWeights }

describe('what is asked', () => {
  it('resolves a multiple against the fastest point, which is the reference', () => {
    const { requirements, objective } = resolveWish({ ...wish, deadline: { times: 1.5 } }, nominal)
    // 1.5 * 0.010001, to four digits.
    expect(requirements).toEqual({ percentile: 99, deadlineS: 0.015 })
    expect(objective).toEqual({
      kind: 'weighted',
      weights: defaultWeights,
      reference: { point: 1, latencyS: 0.010001, energyJ: 0.05, accuracy: 0.5 },
    })
  })

  it('resolves it against the fastest point that meets the floor', () => {
    const { requirements, objective } = resolveWish({ ...wish, deadline: { times: 1.5 }, accuracyFloor: 0.6 }, nominal)
    expect(requirements).toEqual({ percentile: 99, deadlineS: 0.03, accuracyFloor: 0.6 })
    expect(objective.reference.point).toBe(2)
  })

  it('passes everything else on', () => {
    const all: Wish = { ...wish, deadline: { seconds: 0.033 }, percentile: 95, energyBudgetJ: 0.2, leastConfidence: 0.4, objective: 'energy' }
    const { requirements, objective } = resolveWish(all, nominal)
    expect(requirements).toEqual({ percentile: 95, deadlineS: 0.033, energyBudgetJ: 0.2, leastConfidence: 0.4 })
    expect(objective.kind).toBe('energy')
    expect(resolveWish(wish, nominal).requirements).toEqual({ percentile: 99 })
  })

  it('refuses a floor that no sub-network meets, and takes the highest there is', () => {
    expect(errorOf(() => resolveWish({ ...wish, accuracyFloor: 0.71 }, nominal))).toMatchObject({ code: 'ERR_RANGE' })
    expect(errorOf(() => resolveWish({ ...wish, accuracyFloor: 0.71 }, nominal)).message).toContain('expected at most 0.7')
    expect(resolveWish({ ...wish, accuracyFloor: 0.7 }, nominal).objective.reference.point).toBe(0)
  })
})

describe('weights', () => {
  it('are what is named; the rest weighs nothing', () => {
    expect(parseWeights('latency=1,energy=0.5,accuracy=1')).toEqual(defaultWeights)
    expect(parseWeights('confidence=2')).toEqual({ latency: 0, energy: 0, accuracy: 0, confidence: 2 })
    expect(parseWeights('latency=1,energy=0')).toEqual({ latency: 1, energy: 0, accuracy: 0, confidence: 0 })
  })

  it.each([
    ['speed=1', 'ERR_USAGE'],
    ['latency=1,toString=1', 'ERR_USAGE'],
    ['latency=1,', 'ERR_USAGE'],
    ['', 'ERR_USAGE'],
    ['latency', 'ERR_RANGE'],
    ['latency=', 'ERR_RANGE'],
    ['latency=much', 'ERR_RANGE'],
    ['latency=-1', 'ERR_RANGE'],
    ['latency=Infinity', 'ERR_RANGE'],
    ['latency=0,energy=0', 'ERR_RANGE'],
  ])("'%s' gives %s", (text, code) => {
    expect(errorOf(() => parseWeights(text)).code).toBe(code)
  })
})
