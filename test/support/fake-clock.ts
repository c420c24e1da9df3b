import type { Clock } from '../../src/core/clock.ts'

/** A clock that moves only when told, and by sleeping. */
export interface FakeClock extends Clock {
  /** Lets so much time pass. */
  pass(timeS: number): void
  /** What every sleep oversleeps, s. */
  late(timeS: number): void
  /** Until when was slept, in order. */
  readonly slept: readonly number[]
}

export function makeFakeClock(startS = 0): FakeClock {
  let nowS = startS
  let lateS = 0
  const slept: number[] = []
  return {
    slept,
    now: () => nowS,
    wall: () => '2026-01-01T00:00:00.000Z',
    async sleepUntil(timeS) {
      slept.push(timeS)
      nowS = Math.max(nowS, timeS + lateS)
    },
    pass(timeS) {
      nowS += timeS
    },
    late(timeS) {
      lateS = timeS
    },
  }
}
