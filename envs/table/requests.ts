import type { World } from '../world/world.ts'

/** As long as a queue gets; beyond, its oldest request is dropped, as on a real board. */
const capacity = 16

/** The stream of requests as one server meets it: who waits, since when. Nothing here allocates. */
export interface Requests {
  start(world: World | undefined, first: number): void
  /** The server is free from `freeS` on: finds the next request. */
  next(freeS: number): void
  /** When it arrived and when it is taken up, s since reset; the same where requests come back to back. */
  arrivalS: number
  decisionS: number
  /** Behind it. */
  waiting: number
  dropped: number
}

export function makeRequests(): Requests {
  let world: World | undefined
  let index = 0
  const requests: Requests = {
    arrivalS: 0,
    decisionS: 0,
    waiting: 0,
    dropped: 0,
    start(one, first) {
      world = one
      index = first
      requests.dropped = 0
    },
    next(freeS) {
      requests.arrivalS = freeS
      requests.decisionS = freeS
      requests.waiting = 0
      if (world === undefined) return
      while (world.arrivalS(index + capacity + 1) <= freeS) {
        index++
        requests.dropped++
      }
      const arrivalS = world.arrivalS(index++)
      // NaN: the request comes with the last answer.
      if (!(arrivalS >= 0)) return
      requests.arrivalS = arrivalS
      requests.decisionS = arrivalS > freeS ? arrivalS : freeS
      while (requests.waiting < capacity && world.arrivalS(index + requests.waiting) <= requests.decisionS) requests.waiting++
    },
  }
  return requests
}
