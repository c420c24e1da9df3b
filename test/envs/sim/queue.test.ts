import { describe, expect, it } from 'vitest'
import { makeNoise } from '../../../envs/sim/noise.ts'
import { makeRequestQueue } from '../../../envs/sim/queue.ts'
import { makeQuietWorld } from '../../../envs/world/world.ts'
import { makeRng } from '../../../src/core/rng.ts'

const tenHz = () => makeRequestQueue(makeQuietWorld([], 10))

describe('the queue of requests', () => {
  it('back to back: the next comes with the answer', () => {
    const queue = makeRequestQueue(makeQuietWorld([]))
    expect([queue.next(0), queue.arrivalS, queue.next(1.5), queue.arrivalS, queue.waiting(1.5)]).toEqual([0, 0, 1.5, 1.5, 0])
  })

  it('waits for a request, and lets requests wait', () => {
    const queue = tenHz()
    expect([queue.next(0), queue.arrivalS, queue.waiting(0)]).toEqual([0, 0, 0])
    // Answered after 30 ms: idle until 100 ms.
    expect([queue.next(0.03), queue.arrivalS, queue.waiting(0.1)]).toEqual([0.1, 0.1, 0])
    // Answered after 350 ms: the request of 200 ms has waited, that of 300 and 400 ms do.
    expect(queue.next(0.45)).toBe(0.45)
    expect([queue.arrivalS, queue.waiting(0.45)]).toEqual([0.2, 2])
  })

  it('drops the oldest when sixteen wait already', () => {
    const queue = tenHz()
    queue.next(0)
    // Those of 0.1 to 3.0 s came meanwhile and the last sixteen are still there: one is served, fifteen wait.
    expect(queue.next(3.05)).toBe(3.05)
    expect([queue.waiting(3.05), queue.dropped]).toEqual([15, 30 - 16])
    expect(queue.arrivalS).toBeCloseTo(1.5, 12)
    queue.reset()
    expect([queue.next(0), queue.dropped]).toEqual([0, 0])
  })
})

describe('a queue in which nobody waits', () => {
  it('loses what comes while another is answered', () => {
    const queue = makeRequestQueue({ ...makeQuietWorld([], 10), queueLimit: 0 })
    expect(queue.next(0)).toBe(0)
    // Those of 100 and 200 ms are lost, that of 300 ms comes to an idle board.
    expect([queue.next(0.25), queue.dropped, queue.waiting(0.3)]).toEqual([expect.closeTo(0.3, 12), 2, 0])
    // One that comes with the answer is not.
    expect([queue.next(0.4), queue.arrivalS, queue.dropped]).toEqual([0.4, 0.4, 2])
  })
})

describe('normal numbers by one draw', () => {
  it('have mean 0, standard deviation 1 and the shares of a bell', () => {
    const noise = makeNoise()
    noise.begin(makeRng(5))
    const n = 200_000
    let [sum, squares, beyond] = [0, 0, 0]
    for (let i = 0; i < n; i++) {
      const z = noise.normal()
      sum += z / n
      squares += (z * z) / n
      beyond += z > 1.959964 ? 1 / n : 0
    }
    expect(Math.abs(sum)).toBeLessThan(0.01)
    expect(Math.abs(squares - 1)).toBeLessThan(0.01)
    expect(Math.abs(beyond - 0.025)).toBeLessThan(0.0015)
  })
})
