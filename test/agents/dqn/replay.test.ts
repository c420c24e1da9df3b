import fc from 'fast-check'
import { expect, test } from 'vitest'
import { floatsFromText, floatsToText } from '../../../agents/dqn/floats.ts'
import { makeReplay, type Replay } from '../../../agents/dqn/replay.ts'

function add(replay: Replay, n: number, mask = Uint8Array.of(1, 0, 1), slot = 0, cost = n): void {
  replay.states[replay.next()] = n
  replay.nextStates[replay.next()] = n + 0.5
  replay.add(n % 3, cost, slot, 0, mask)
}

test('a ring keeps the last transitions', () => {
  const replay = makeReplay(4, 1, 3)
  for (let n = 0; n < 6; n++) add(replay, n)
  expect(replay.size()).toBe(4)
  expect([0, 1, 2, 3].map(replay.cost)).toEqual([4, 5, 2, 3])
  expect([...replay.nextStates]).toEqual([4.5, 5.5, 2.5, 3.5])
  expect([0, 1, 2, 3].map(replay.action)).toEqual([1, 2, 2, 0])
})

test('masks come back as they were, and everything does through text', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.boolean(), { minLength: 19, maxLength: 19 }), { minLength: 1, maxLength: 9 }), (masks) => {
      const [replay, copy] = [makeReplay(5, 2, 19), makeReplay(5, 2, 19)]
      for (const bits of masks) add(replay, 1, Uint8Array.from(bits, Number))
      copy.restore(JSON.parse(JSON.stringify(replay.save())))
      masks.slice(-5).forEach((bits, i) => {
        expect([...copy.nextMask((i + Math.max(0, masks.length - 5)) % 5)]).toEqual(bits.map(Number))
      })
      expect(copy.save()).toEqual(replay.save())
    }),
  )
})

test('what was done under forgotten requirements is not learned from', () => {
  const replay = makeReplay(4, 1, 3)
  add(replay, 1, undefined, 1)
  add(replay, 2, undefined, 2)
  replay.forget(1)
  expect([0, 1].map(replay.cost)).toEqual([Number.NaN, 2])
})

test('one cost in ten is below a good one', () => {
  const replay = makeReplay(100, 1, 3)
  expect(replay.goodCost()).toBe(1)
  for (let n = 20; n > 0; n--) add(replay, n)
  expect(replay.goodCost()).toBe(3)
})

test('holds fewer transitions where they would take more than 500 kB', () => {
  expect(makeReplay(1000, 27, 512).capacity).toBe(1000)
  const { capacity } = makeReplay(1000, 27, 8192)
  expect(capacity).toBe(Math.floor(500_000 / (4 * (2 * 27 + 4) + 1024)))
})

test('numbers of another count are an error', () => {
  const text = floatsToText(Float32Array.of(1, 0.1, -3e38))
  const out = new Float32Array(3)
  floatsFromText(text, out, 3, 'x')
  expect(out).toEqual(Float32Array.of(1, 0.1, -3e38))
  expect(() => floatsFromText(text, new Float32Array(4), 4, 'x')).toThrow(
    expect.objectContaining({ code: 'ERR_CHECKPOINT_CORRUPT', message: expect.stringContaining('x holds 12 B, expected 4 numbers') }),
  )
})
