import type { World } from '../world/world.ts'

/** The requests of a world, one after the other. */
export interface RequestQueue {
  reset(): void
  /** When the decision about the next request falls, and when that request came, s; back to back: both now. */
  next(nowS: number): number
  /** Arrival of the request that `next` was about. */
  readonly arrivalS: number
  /** Requests behind it that are there at `nowS`. */
  waiting(nowS: number): number
  /** Requests that were never answered because too many waited. */
  readonly dropped: number
}

export function makeRequestQueue(world: World): RequestQueue {
  const { queueLimit } = world
  const ring = new Float64Array(2 ** Math.ceil(Math.log2(queueLimit + 2)))
  const last = ring.length - 1
  // Arrivals asked for so far, and the one to decide about next.
  let known = 0
  let head = 0
  const at = (k: number): number => {
    while (known <= k) {
      ring[known & last] = world.arrivalS(known)
      known++
    }
    return ring[k & last] as number
  }
  const queue = {
    arrivalS: 0,
    dropped: 0,
    reset() {
      known = 0
      head = 0
      queue.dropped = 0
    },
    next(nowS: number) {
      // What came while the last one was answered waited, as many as may.
      while (at(head + queueLimit) < nowS) {
        head++
        queue.dropped++
      }
      const arrivalS = at(head)
      head++
      // NaN: with the answer to the last.
      queue.arrivalS = Number.isNaN(arrivalS) ? nowS : arrivalS
      return queue.arrivalS > nowS ? queue.arrivalS : nowS
    },
    waiting(nowS: number) {
      let n = 0
      while (n < queueLimit && at(head + n) <= nowS) n++
      return n
    },
  }
  return queue
}
