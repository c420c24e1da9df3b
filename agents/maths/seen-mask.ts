import type { Mask } from '../../src/core/spaces.ts'

/** The mask that an agent met last. Masks change seldom: what was worked out of one holds while `stamp` stays. */
export interface SeenMask {
  /** Of every index up to the next power of two, 1 where it is an action that is allowed. */
  readonly allowed: Uint8Array
  /** Actions that are allowed. */
  readonly count: number
  /** Grows whenever a mask was read that is another than the one before; 0: none was read. */
  readonly stamp: number
  /** No allocation. */
  read(mask: Mask): void
}

/** Compares and counts four entries at a time. */
export function makeSeenMask(actions: number): SeenMask {
  let size = 4
  while (size < actions) size *= 2
  const allowed = new Uint8Array(size)
  const met = new Uint8Array(size)
  const words = Math.ceil(actions / 4)
  const kept = new Int32Array(allowed.buffer, 0, words)
  const fresh = new Int32Array(met.buffer, 0, words)
  let count = 0
  let stamp = 0
  return {
    allowed,
    get count() {
      return count
    },
    get stamp() {
      return stamp
    },
    read(mask) {
      met.set(mask)
      let at = 0
      if (stamp > 0) while (at < words && fresh[at] === kept[at]) at++
      if (at === words) return
      stamp++
      count = 0
      for (let a = 0; a < actions; a++) count += allowed[a] = met[a] as number
    },
  }
}
