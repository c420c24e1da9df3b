import { FlyballError } from '../../src/core/errors.ts'
import type { Rng } from '../../src/core/rng.ts'

/** When requests come: at fixed intervals, as a Poisson process, or each a pause after the last is answered (0: back to back). */
export type ArrivalSpec = { readonly kind: 'periodic' | 'poisson'; readonly rateHz: number } | { readonly kind: 'closed'; readonly pauseS: number }

/** More than any machine answers: each request that comes while one is answered is counted. */
const mostHz = 1e6

/** `30` (per second), `poisson:30` or `back-to-back`. Throws ERR_RANGE. */
export function parseRate(text: string, where = '--rate'): ArrivalSpec {
  if (text === 'back-to-back') return { kind: 'closed', pauseS: 0 }
  const [, poisson, digits] = /^(poisson:)?(\d+\.?\d*|\.\d+)(?:Hz)?$/.exec(text) ?? []
  const rateHz = Number(digits)
  if (digits === undefined || !(rateHz > 0 && rateHz <= mostHz))
    throw new FlyballError(
      'ERR_RANGE',
      `${where}: '${text.slice(0, 60)}' is no rate, expected requests per second above 0 and at most ${mostHz} (30), poisson:30 or back-to-back`,
    )
  return { kind: poisson === undefined ? 'periodic' : 'poisson', rateHz }
}

/** Requests in order of arrival. A full queue drops its oldest request: an answer to it would come later than to any other. */
export interface Arrivals {
  /** Forgets what waited and starts the stream at this time, s. */
  start(timeS: number): void
  /** Arrival time of the request to serve next, s; may lie ahead. `nowS` is when the server became free. */
  head(nowS: number): number
  /** The head is answered. */
  pop(): void
  /** Requests that have arrived by now and wait behind the head. */
  waiting(nowS: number): number
  readonly dropped: number
}

export function makeArrivals(spec: ArrivalSpec, rng: Rng, capacity = 16): Arrivals {
  // The head and everything that could wait behind it, plus one that has not arrived, in a ring.
  const ring = new Float64Array(capacity + 2)
  let first = 0
  let dropped = 0
  const at = (i: number): number => ring[(first + i) % ring.length] as number
  const gapS = (): number => (spec.kind === 'closed' ? 0 : (spec.kind === 'poisson' ? rng.exponential() : 1) / spec.rateHz)

  const advance = (): void => {
    ring[first] = at(ring.length - 1) + gapS()
    first = (first + 1) % ring.length
  }

  return {
    get dropped() {
      return dropped
    },
    start(timeS) {
      first = 0
      dropped = 0
      let arrivalS = timeS
      for (let i = 0; i < ring.length; i++) {
        arrivalS += gapS()
        ring[i] = arrivalS
      }
    },
    head(nowS) {
      if (spec.kind === 'closed') return nowS + spec.pauseS
      while (at(capacity + 1) <= nowS) {
        advance()
        dropped++
      }
      return at(0)
    },
    pop() {
      if (spec.kind !== 'closed') advance()
    },
    waiting(nowS) {
      if (spec.kind === 'closed') return 0
      let n = 0
      while (n < capacity && at(n + 1) <= nowS) n++
      return n
    },
  }
}
