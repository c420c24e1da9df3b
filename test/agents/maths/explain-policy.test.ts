import { describe, expect, it } from 'vitest'
import { reasons } from '../../../agents/maths/circumstances.ts'
import { explainPolicy, unknownPoint } from '../../../agents/maths/explain-policy.ts'
import { feasibleInstead } from '../../../agents/maths/feasible.ts'
import type { PredictedPoint } from '../../../src/core/agent.ts'
import { type Mask, makeSpaces, monitorIndex, type Observation } from '../../../src/core/spaces.ts'

const names = ['big.interference', 'big.availableCores', 'tempC', 'queueLength', 'waitedS', 'latencyRatio', 'deadlineS', 'accuracyFloor']
const spaces = makeSpaces({
  knobs: [{ name: 'arm', kind: 'other', values: [0, 1, 2, 3] }],
  points: [0, 1, 2, 3].map((arm) => ({ arm })),
  monitors: names.map((name) => ({ name, low: 0, high: name === 'big.availableCores' ? 4 : 1 })),
})
const at = (observation: Observation, name: string): number => observation[monitorIndex(spaces, name)] as number
const seeing = (values: Record<string, number>): Observation => Float64Array.from(names, (name) => values[name] ?? Number.NaN)
const all = Uint8Array.of(1, 1, 1, 1)
const firstOf = (order: readonly number[], mask: Mask): number => order.find((a) => mask[a] === 1) as number

describe('reasons for a choice', () => {
  it('are requirements and monitors without which it would be another', () => {
    // Load makes it take 1, a tight deadline 2, whatever else.
    const take = (seen: Observation, mask: Mask): number =>
      firstOf(at(seen, 'deadlineS') < 0.1 ? [2, 0] : at(seen, 'big.interference') > 0.5 ? [1, 0] : [0, 1], mask)
    const load = { 'big.interference': 0.8, latencyRatio: 1.4 }
    expect(reasons(spaces, take, seeing({ ...load, deadlineS: 0.05 }), all)).toEqual({ binding: ['deadlineS'], movedBy: [] })
    expect(reasons(spaces, take, seeing({ ...load, deadlineS: 0.5 }), all)).toEqual({
      binding: [],
      movedBy: [{ monitor: 'big.interference', insteadOf: 0 }],
    })
    expect(reasons(spaces, take, seeing({ deadlineS: 0.5 }), all)).toEqual({ binding: [], movedBy: [] })
  })

  it('know what quiet means: all cores, no queue, no wait, at most 50 C', () => {
    const quiet: Record<string, number> = { 'big.availableCores': 4, tempC: 50, queueLength: 0, waitedS: 0 }
    for (const [name, value] of Object.entries(quiet)) {
      const asked: number[] = []
      const take = (seen: Observation): number => {
        asked.push(at(seen, name))
        return at(seen, name) === value ? 3 : 1
      }
      const before = name === 'big.availableCores' ? 2 : value + 10
      expect(reasons(spaces, take, seeing({ [name]: before }), all).movedBy).toEqual([{ monitor: name, insteadOf: 3 }])
      expect(new Set(asked)).toEqual(new Set([before, value]))
    }
    // The last latency tells of the last action, and a cool board is not made cooler.
    const never = (seen: Observation): number => (at(seen, 'latencyRatio') === 1 && at(seen, 'tempC') === 30 ? 0 : 1)
    expect(reasons(spaces, never, seeing({ latencyRatio: 1, tempC: 30 }), all).movedBy).toEqual([])
  })

  it('name the point that is barred, and leave the observation as it was', () => {
    const observation = seeing({ 'big.interference': 0.5, deadlineS: 1 })
    const copy = observation.slice()
    expect(reasons(spaces, (_, mask) => firstOf([3, 2], mask), observation, Uint8Array.of(1, 1, 1, 0))).toEqual({
      binding: [],
      movedBy: [],
      barred: 3,
    })
    expect(observation).toEqual(copy)
  })
})

describe('the explanation of a policy', () => {
  const costs = [4, 1, Number.NaN, 2]
  const question = {
    spaces,
    take: (_: Observation, mask: Mask) => firstOf([1, 3, 0, 2], mask),
    predict: (a: number) => ({ cost: costs[a] as number, tried: a !== 3 }),
    observation: seeing({}),
  }
  it('orders the runners-up by cost and leaves out what is unknown', () => {
    const { chosen, runnersUp, trial } = explainPolicy({ ...question, mask: all })
    expect(chosen).toEqual({ ...unknownPoint, action: 1, cost: 1, tried: true })
    expect(runnersUp.map(({ action }) => action)).toEqual([3, 0])
    expect(trial).toBe(false)
  })

  it('tells a trial, of what is dearer or unknown, from the best', () => {
    expect(explainPolicy({ ...question, mask: all, action: 3 })).toMatchObject({ chosen: { action: 3, cost: 2, tried: false }, trial: true })
    expect(explainPolicy({ ...question, mask: all, action: 2 })).toMatchObject({ chosen: { action: 2 }, trial: true })
    expect(explainPolicy({ ...question, mask: Uint8Array.of(1, 0, 1, 1) })).toMatchObject({ chosen: { action: 3 }, trial: false, barred: 1 })
  })

  it('predicts nothing for a rule that compares nothing', () => {
    expect(explainPolicy({ ...question, predict: undefined, mask: all })).toEqual({
      chosen: { ...unknownPoint, action: 1 },
      runnersUp: [],
      trial: false,
      binding: [],
      movedBy: [],
      relaxed: [],
      feasible: {},
    })
  })
})

describe('what could be asked instead', () => {
  const point = (action: number, latencyHighS: number, missRatio: number, energyJ: number, accuracy: number): PredictedPoint => ({
    ...unknownPoint,
    ...{ action, latencyHighS, missRatio, energyJ, accuracy },
  })
  // Accurate and slow, accurate, quick and wasteful, small.
  const points = [point(0, 0.04, 1, 1, 0.8), point(1, 0.03, 0.5, 3, 0.8), point(2, 0.01, 0, 0.5, 0.6)]
  const asked = { percentile: 99, deadlineS: 0.02, accuracyFloor: 0.7, energyBudgetJ: 2 }

  it('is the best that keeps the others', () => {
    // Without the deadline, point 0 alone keeps floor and budget; without the floor, point 2 keeps the rest.
    expect(feasibleInstead(['deadlineS'], points, asked)).toEqual({ deadlineS: 0.04 })
    expect(feasibleInstead(['accuracyFloor'], points, asked)).toEqual({ accuracyFloor: 0.6 })
    // With the budget relaxed too, point 1 is the fastest accurate one.
    expect(feasibleInstead(['deadlineS', 'energyBudgetJ'], points, asked)).toEqual({ deadlineS: 0.03, energyBudgetJ: 1 })
  })

  it('is left out where the others cannot be kept either, and where it is not known', () => {
    expect(feasibleInstead(['energyBudgetJ'], points, asked)).toEqual({})
    expect(feasibleInstead(['deadlineS'], [{ ...unknownPoint, action: 0 }], asked)).toEqual({})
    expect(feasibleInstead([], points, asked)).toEqual({})
  })
})
