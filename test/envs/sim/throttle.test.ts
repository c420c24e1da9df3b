import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { simBoardOf } from '../../../envs/sim/board.ts'
import { fillCaps, pollThrottle, type ThrottleRule, throttleOf } from '../../../envs/sim/throttle.ts'
import { readShipped } from '../../../src/board/known/shipped.ts'
import { makeKnownBoard } from '../../support/known-board.ts'

const rule: ThrottleRule = { cluster: 0, tempC: 70, releaseC: 60, from: 1, to: 2, visible: true }

describe('trip points of a board', () => {
  it('count once though every zone has them, and only those that throttle a CPU cluster', () => {
    const known = readShipped('odroid-xu4')
    const { rules, pollS } = throttleOf(known, simBoardOf(known).clusters)
    expect(rules.map(({ cluster, tempC, releaseC, from, to }) => [cluster, tempC, releaseC, from, to])).toEqual([
      [0, 70, 60, 1, 2],
      [1, 70, 60, 1, 2],
      [0, 85, 75, 3, 8],
      [1, 85, 75, 3, 14],
    ])
    // Interrupts: assumed.
    expect(pollS).toBe(0.25)
  })

  it('of a firmware are not seen by the kernel', () => {
    const known = readShipped('raspberry-pi-4')
    const { rules } = throttleOf(known, simBoardOf(known).clusters)
    expect(rules.map(({ tempC, visible }) => [tempC, visible])).toEqual([
      [80, false],
      [85, false],
    ])
  })

  it('throttle every cluster where they name none', () => {
    const known = { ...makeKnownBoard(), thermalZones: [{ id: 'z', trips: [{ id: 't', type: 'passive' as const, tempC: 75 }] }] }
    const { rules } = throttleOf(known, simBoardOf(known).clusters)
    expect(rules.map(({ cluster, releaseC, from, to }) => [cluster, releaseC, from, to])).toEqual([
      [0, 73, 1, 1],
      [1, 73, 1, 1],
    ])
  })
})

describe('step-wise throttling', () => {
  it('takes one step a look above the trip, holds within the hysteresis, gives back one step a look below', () => {
    const levels = new Int32Array(1)
    const levelAt = (tempC: number, polls = 1): number => {
      pollThrottle([rule], levels, tempC, polls)
      return levels[0] as number
    }
    expect([levelAt(69), levelAt(70), levelAt(80), levelAt(80), levelAt(65), levelAt(60), levelAt(59), levelAt(59), levelAt(50)]).toEqual([
      0, 1, 2, 2, 2, 2, 1, 0, 0,
    ])
    expect(levelAt(75, 5)).toBe(1)
    expect([levelAt(75), levelAt(40, 2)]).toEqual([2, 0])
  })

  it('starts where the trip says, and falls off from there', () => {
    const deep = { ...rule, from: 3, to: 5 }
    const levels = new Int32Array(1)
    pollThrottle([deep], levels, 71, 1)
    expect(levels[0]).toBe(3)
    pollThrottle([deep], levels, 50, 1)
    expect(levels[0]).toBe(0)
  })

  it('never leaves the trip’s range nor goes beyond the lowest OPP', () => {
    const known = readShipped('odroid-xu4')
    const { clusters } = simBoardOf(known)
    const { rules } = throttleOf(known, clusters)
    const levels = new Int32Array(rules.length)
    const caps = new Int32Array(2)
    const visible = new Int32Array(2)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double({ min: 20, max: 130, noNaN: true }), fc.integer({ min: 1, max: 20 })), { maxLength: 60 }), (looks) => {
        levels.fill(0)
        for (const [tempC, polls] of looks) {
          pollThrottle(rules, levels, tempC, polls)
          fillCaps(rules, levels, clusters, caps, visible)
          levels.forEach((level, r) => {
            const { from, to } = rules[r] as ThrottleRule
            expect(level === 0 || (level >= from && level <= to)).toBe(true)
          })
          expect(caps[0]).toBeGreaterThanOrEqual(12 - 8)
          expect(caps[1]).toBeGreaterThanOrEqual(18 - 14)
          expect(visible).toEqual(caps)
        }
      }),
    )
  })
})
