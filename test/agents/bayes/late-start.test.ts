import { describe, expect, it } from 'vitest'
import { makeLateStart } from '../../../agents/bayes/late-start.ts'
import { makeSpaces } from '../../../src/core/spaces.ts'

const spaces = makeSpaces({
  knobs: [{ name: 'arm', kind: 'other', values: [0] }],
  points: [{ arm: 0 }],
  monitors: ['queueLength', 'waitedS'].map((name) => ({ name, low: 0, high: 1 })),
})
const unmonitored = makeSpaces({ knobs: spaces.knobs, points: spaces.points, monitors: [] })
/** What the next decision sees when its request has waited so long. */
const waited = (timeS: number): Float64Array => Float64Array.of(0, timeS)

describe('what an answer does to the request after it', () => {
  it('is how long the board stood still while that was waiting: no part of it is the wait behind the answer', () => {
    const late = makeLateStart(spaces, 2)
    // Of 5 ms to the next decision 2 were service, and the next request was there for the last of them: 1 ms lost of 4.
    late.learn(0, 0.002, 0.005, 0.004, waited(0.001))
    expect(late.seconds[0]).toBeCloseTo(0.001, 12)
    expect(late.share[0]).toBe(0)
    // It came 4 ms ago, while the first was being answered; the board stood still for 3.
    const queued = makeLateStart(spaces, 2)
    queued.learn(0, 0.002, 0.005, 0.0025, waited(0.004))
    expect(queued.seconds[0]).toBeCloseTo(0.003, 12)
    expect(queued.share[0]).toBe(1)
  })

  it('is nothing where the server turns to the next at once, whoever waits, or where no monitor says so', () => {
    const late = makeLateStart(spaces, 1)
    late.learn(0, 0.02, 0.02 * (1 + 1e-6), 0.01, waited(0.5))
    late.learn(0, 0.02, 0.1, 0.01, waited(0))
    late.learn(0, 0.02, 0.1, 0.01, waited(Number.NaN))
    makeLateStart(unmonitored, 1).learn(0, 0.02, 0.1, 0.01, new Float64Array(0))
    expect([late.seconds[0], late.share[0]]).toEqual([0, 0])
  })

  it('is told apart by cluster, and fades towards what is usual where nobody looks', () => {
    const late = makeLateStart(spaces, 2)
    for (let i = 0; i < 20; i++) late.learn(0, 0.001, 0.02, 0.002, waited(0.01))
    for (let i = 0; i < 20; i++) late.learn(1, 0.001, 0.02, 0.002, waited(0))
    expect(late.share[1]).toBeLessThan(0.1)
    expect(late.share[0]).toBeGreaterThan(0.6)
    for (let i = 0; i < 200; i++) late.learn(1, 0.001, 0.02, 0.002, waited(0))
    // A twelfth of all answers were of the busy cluster, and older ones count for less.
    expect(late.share[0]).toBeLessThan(0.15)
    expect(late.seconds[0]).toBeLessThan(0.0015)
  })

  it('counts a stall for ten times the room there was, and goes on from what was saved', () => {
    const late = makeLateStart(spaces, 2)
    late.learn(1, 0.001, 60, 0.002, waited(60))
    expect(late.seconds[1]).toBeCloseTo(0.02, 12)
    const resumed = makeLateStart(spaces, 2, JSON.parse(JSON.stringify(late.save())))
    for (const one of [late, resumed]) one.learn(0, 0.001, 0.02, 0.002, waited(0.003))
    expect(resumed.save()).toEqual(late.save())
  })

  it('without a deadline makes nobody late, but costs time', () => {
    const late = makeLateStart(spaces, 1)
    late.learn(0, 0.001, 0.02, Number.POSITIVE_INFINITY, waited(0.005))
    expect(late.share[0]).toBe(0)
    expect(late.seconds[0]).toBeCloseTo(0.005, 12)
  })
})
