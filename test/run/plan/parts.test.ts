import { describe, expect, it } from 'vitest'
import { paretoPoints } from '../../../src/run/plan/pareto.ts'
import { nearestMode, throttleModes } from '../../../src/run/plan/throttle-modes.ts'

describe('Pareto points', () => {
  const points = [
    { latencyS: 1, energyJ: 5, accuracy: 0.7 },
    { latencyS: 2, energyJ: 3, accuracy: 0.7 },
    // Slower and dearer than the second.
    { latencyS: 3, energyJ: 3.5, accuracy: 0.7 },
    // As the second, but more accurate.
    { latencyS: 3, energyJ: 4, accuracy: 0.8 },
    // The first again.
    { latencyS: 1, energyJ: 5, accuracy: 0.7 },
  ]

  it('are those that no other beats; of equal ones the first', () => {
    expect(paretoPoints(points, () => true)).toEqual([0, 1, 3])
  })

  it('among the allowed alone', () => {
    expect(paretoPoints(points, (i) => i !== 1)).toEqual([0, 2, 3])
  })
})

describe('throttle modes', () => {
  const rule = { visible: true, releaseC: 60 }
  const throttle = {
    pollS: 0.25,
    rules: [
      { ...rule, cluster: 0, tempC: 70, from: 1, to: 2 },
      { ...rule, cluster: 1, tempC: 70, from: 1, to: 2 },
      { ...rule, cluster: 0, tempC: 85, from: 3, to: 8 },
      { ...rule, cluster: 1, tempC: 85, from: 3, to: 14 },
    ],
  }

  it('go trip by trip, the colder ones all the way first', () => {
    expect(throttleModes(throttle).map((levels) => [...levels])).toEqual([
      [0, 0, 0, 0],
      [1, 1, 0, 0],
      [2, 2, 0, 0],
      [2, 2, 3, 3],
      [2, 2, 7, 7],
      [2, 2, 8, 10],
      [2, 2, 8, 14],
    ])
  })

  it('levels belong to the nearest: 4 + 4 is one step from 3 + 3, three from 7 + 7', () => {
    const modes = throttleModes(throttle)
    expect(nearestMode(modes, Int32Array.of(2, 2, 4, 4))).toBe(3)
    expect(nearestMode(modes, Int32Array.of(2, 2, 6, 6))).toBe(4)
    expect(nearestMode(modes, Int32Array.of(0, 0, 0, 0))).toBe(0)
  })

  it('a board that throttles nothing has one', () => {
    expect(throttleModes({ pollS: 1, rules: [] }).map((levels) => [...levels])).toEqual([[]])
  })
})
