import type { Clock } from '../../src/core/clock.ts'

/**
 * A virtual OPP: a thread that has worked for c seconds of CPU time at relative speed s rests c * (1/s - 1) seconds, so that the
 * work takes as long as on a core clocked s times as fast. What a rest overslept is taken off the next one of the same request.
 */
export interface Pacer {
  /** A request begins: nothing is owed. */
  begin(): void
  /** Rests for work of `cpuTimeS` at `speed` in (0, 1]; nothing at 1. */
  rest(cpuTimeS: number, speed: number): Promise<void> | undefined
}

// A sleep is late by about this much: a shorter one is owed until the next rest.
const leastRestS = 50e-6

export function makePacer(clock: Clock): Pacer {
  let owedS = 0
  const sleep = async (untilS: number): Promise<void> => {
    await clock.sleepUntil(untilS)
    owedS = untilS - clock.now()
  }
  return {
    begin() {
      owedS = 0
    },
    rest(cpuTimeS, speed) {
      if (speed >= 1) return undefined
      owedS += cpuTimeS * (1 / speed - 1)
      return owedS > leastRestS ? sleep(clock.now() + owedS) : undefined
    },
  }
}
