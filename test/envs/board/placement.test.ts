import { describe, expect, it, onTestFinished } from 'vitest'
import { makePlacement } from '../../../envs/board/placement.ts'
import { getAffinity, gettid, setAffinity } from '../../../src/linux/affinity.ts'
import { listThreads } from '../../../src/linux/task.ts'

/** This thread and another of this process: as good as two lanes. */
function twoThreads(): { tids: number[]; before: number[][] } {
  const own = gettid()
  const other = listThreads('/').find((tid) => tid !== own) as number
  const tids = [own, other]
  const before = tids.map((tid) => getAffinity(tid))
  onTestFinished(() => {
    for (const [i, tid] of tids.entries()) setAffinity(tid, before[i] as number[])
  })
  return { tids, before }
}

function make() {
  const { tids, before } = twoThreads()
  const booked: string[] = []
  const problems: string[] = []
  const own = { settle: () => void booked.push('settle'), place: (lane: number, cpu: number) => void booked.push(`${lane} on ${cpu}`) }
  const placement = makePlacement({ count: 2, tids }, own, (message) => problems.push(message), before[0])
  const [first, last] = [before[0]?.[0] as number, before[0]?.at(-1) as number]
  return { placement, tids, before, booked, problems, first, last }
}

describe('placement', () => {
  it('puts threads on cores, as the kernel confirms, and back', () => {
    const { placement, tids, before, booked, problems, first, last } = make()
    expect(placement.place(Int32Array.of(first, last), 2)).toBe(true)
    expect(tids.map((tid) => getAffinity(tid))).toEqual([[first], [last]])
    // What was used until now belongs to where it was used.
    expect(booked).toEqual(['settle', `0 on ${first}`, `1 on ${last}`])
    expect(problems).toEqual([])
    placement.restore()
    expect(tids.map((tid) => getAffinity(tid))).toEqual(before)
    placement.restore()
  })

  it('touches nothing that is in place', () => {
    const { placement, tids, booked, first } = make()
    placement.place(Int32Array.of(first, -1), 1)
    expect(tids.map((tid) => getAffinity(tid))).toEqual([[first], [first]])
    booked.length = 0
    expect(placement.place(Int32Array.of(first, first), 2)).toBe(false)
    expect(booked).toEqual([])
    placement.restore()
  })

  it.skipIf(getAffinity(0).length < 2)('lets the first thread wait anywhere between requests, and puts it back, which is no move', () => {
    const { placement, tids, before, booked, first, last } = make()
    // Nothing was placed yet: nothing to let go of.
    placement.rest()
    expect(getAffinity(tids[0] as number)).toEqual(before[0])
    placement.place(Int32Array.of(last, first), 2)
    booked.length = 0
    placement.rest()
    expect(tids.map((tid) => getAffinity(tid))).toEqual([before[0], [first]])
    expect(placement.place(Int32Array.of(last, first), 2)).toBe(false)
    expect(tids.map((tid) => getAffinity(tid))).toEqual([[last], [first]])
    expect(booked).toEqual([])
    // Stirring one that is in place, or waits, moves nothing.
    placement.stir()
    expect(tids.map((tid) => getAffinity(tid))).toEqual([[last], [first]])
    placement.rest()
    placement.stir()
    expect(tids.map((tid) => getAffinity(tid))).toEqual([before[0], [first]])
    expect(placement.place(Int32Array.of(first, first), 2)).toBe(true)
    expect(tids.map((tid) => getAffinity(tid))).toEqual([[first], [first]])
    placement.restore()
    expect(tids.map((tid) => getAffinity(tid))).toEqual(before)
  })

  it('lets a thread go where it may when its core is not there, and says so', () => {
    const { placement, tids, before, booked, problems, first } = make()
    const nowhere = 8000
    expect(placement.place(Int32Array.of(first, nowhere), 2)).toBe(true)
    expect(getAffinity(tids[0] as number)).toEqual([first])
    expect(getAffinity(tids[1] as number)).toEqual(before[1])
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(`${nowhere}`)
    expect(booked.at(-1)).toBe('1 on -1')
    placement.restore()
    expect(tids.map((tid) => getAffinity(tid))).toEqual(before)
  })

  it('puts a thread back that somebody else moved, at the next chance', () => {
    const { placement, tids, before, booked, first } = make()
    placement.place(Int32Array.of(first, first), 2)
    placement.check()
    expect(placement.place(Int32Array.of(first, first), 2)).toBe(false)
    setAffinity(tids[1] as number, before[1] as number[])
    const moved = (before[1] as number[]).length > 1
    booked.length = 0
    placement.check()
    expect(booked).toEqual(moved ? ['settle', '1 on -1'] : [])
    expect(placement.place(Int32Array.of(first, first), 2)).toBe(moved)
    expect(getAffinity(tids[1] as number)).toEqual([first])
    // A thread that waits where it likes was not moved.
    placement.rest()
    placement.check()
    expect(placement.place(Int32Array.of(first, first), 2)).toBe(false)
    placement.restore()
  })

  it('does not mind at the end that a thread has ended', () => {
    const { tids, before } = twoThreads()
    const own = { settle() {}, place() {} }
    const gone = [tids[0] as number]
    const placement = makePlacement({ count: 1, tids: gone }, own, () => {})
    // No thread has this id: the largest that Linux gives is 2^22.
    gone[0] = 2 ** 22 + 1
    expect(() => placement.restore()).not.toThrow()
    expect(tids.map((tid) => getAffinity(tid))).toEqual(before)
  })
})
