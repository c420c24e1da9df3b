import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/core/clock.ts'

describe('system clock', () => {
  it('sleeps until its time, and calls once on the way before it has come', async () => {
    const calledS: number[] = []
    let dueS = 0
    // On a busy machine it can wake too late for that.
    for (let i = 0; i < 100 && calledS.length === 0; i++) {
      dueS = systemClock.now() + 0.005
      await systemClock.sleepUntil(dueS, () => calledS.push(systemClock.now()))
      expect(systemClock.now()).toBeGreaterThanOrEqual(dueS)
    }
    expect(calledS).toHaveLength(1)
  })

  it('does not call in a wait that is short or over', async () => {
    const fail = (): void => expect.unreachable()
    await systemClock.sleepUntil(systemClock.now() - 1, fail)
    await systemClock.sleepUntil(systemClock.now() + 0.001, fail)
  })
})
