import type { Rng } from '../../../src/core/rng.ts'
import type { When } from './schema.ts'

/** Something that comes and goes, s of the scenario's clock. */
export interface Timing {
  /** Begins anew; whether it is there at once. */
  begin(rng: Rng): boolean
  /** When the state that began at `nowS` ends; infinite: never. Called once for each state, in order. No allocation. */
  endS(there: boolean, nowS: number): number
}

/** `cycleS`: after so long all windows come again; infinite: never. */
export function makeTiming(when: When | undefined, cycleS: number): Timing {
  if (when === undefined) return always
  if ('everyS' in when) return makeBursts(when.everyS, when.forS, when.jitter)
  if ('presentS' in when) return makeVisits(when.presentS, when.absentS)
  const { fromS, toS = cycleS } = when
  return fromS === 0 && toS >= cycleS ? always : makeWindow(fromS, toS, cycleS)
}

const always: Timing = { begin: () => true, endS: () => Number.POSITIVE_INFINITY }

function makeWindow(fromS: number, toS: number, cycleS: number): Timing {
  let cycle = 0
  // An infinite cycle has no second one, and 0 times infinity is no time.
  const at = (timeS: number): number => (cycle === 0 ? timeS : cycle * cycleS + timeS)
  return {
    begin() {
      cycle = 0
      return fromS === 0
    },
    endS(there) {
      if (!there) return at(fromS)
      const endS = at(toS)
      cycle++
      return endS
    },
  }
}

/** Lengths off by up to `jitter` of themselves; begins anywhere within a burst or the pause after it. */
function makeBursts(everyS: number, forS: number, jitter: number): Timing {
  const pauseS = everyS - forS
  let rng: Rng
  let firstS = Number.NaN
  return {
    begin(own) {
      rng = own
      const intoS = rng.next() * everyS
      const there = intoS < forS
      firstS = (there ? forS : everyS) - intoS
      return there
    },
    endS(there, nowS) {
      if (Number.isNaN(firstS)) return nowS + (there ? forS : pauseS) * (1 + jitter * (2 * rng.next() - 1))
      const endS = firstS
      firstS = Number.NaN
      return endS
    },
  }
}

/** Arrives and leaves by chance, without memory: an on-off Markov process in its stationary state. */
function makeVisits(presentS: number, absentS: number): Timing {
  let rng: Rng
  return {
    begin(own) {
      rng = own
      return rng.next() * (presentS + absentS) < presentS
    },
    endS: (there, nowS) => nowS + (there ? presentS : absentS) * rng.exponential(),
  }
}
