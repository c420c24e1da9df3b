import { describe, expect, it } from 'vitest'
import { makeOwnTime } from '../../../envs/board/own-time.ts'

describe('own CPU time', () => {
  it('is booked on the core a lane is on, from the last settling to this one', () => {
    const usedS = [5, 7]
    const own = makeOwnTime({ count: 2, cpuTimeS: (lane) => usedS[lane] as number }, 3)
    usedS[0] = 5.5
    own.settle()
    // Not placed yet: it counts in all, and on no core.
    expect(Array.from(own.perCpuS)).toEqual([0, 0, 0])
    expect(own.totalS()).toBeCloseTo(0.5, 12)
    own.place(0, 1)
    own.place(1, 1)
    usedS[0] = 6
    usedS[1] = 7.25
    own.settle()
    expect(own.perCpuS[1]).toBeCloseTo(0.75, 12)
    own.place(1, 2)
    usedS[1] = 8.25
    own.settle()
    own.settle()
    expect(Array.from(own.perCpuS)).toEqual([0, 0.75, 1])
    expect(own.totalS()).toBeCloseTo(2.25, 12)
    own.place(1, -1)
    usedS[1] = 9
    own.settle()
    expect(Array.from(own.perCpuS)).toEqual([0, 0.75, 1])
    expect(own.totalS()).toBeCloseTo(3, 12)
  })
})
