import type { Mask } from '../../src/core/spaces.ts'
import { floatsFromText, floatsToText } from './floats.ts'

/** The last transitions, as a ring: what is added when it is full takes the place of the oldest. */
export interface Replay {
  readonly capacity: number
  /** Transitions held. */
  size(): number
  /** Inputs before and after: `states[r * inputs …]`. To be filled at `next()` before `add`. */
  readonly states: Float32Array
  readonly nextStates: Float32Array
  /** Place that the next `add` fills. */
  next(): number
  /** The rest of a transition: what was done, what it cost (NaN: not to be learned from), in which class of requirements it was done and ended. */
  add(action: number, cost: number, slot: number, nextSlot: number, nextMask: Mask): void
  action(r: number): number
  cost(r: number): number
  slot(r: number): number
  nextSlot(r: number): number
  /** The mask of the state after. Reused. */
  nextMask(r: number): Mask
  /** A cost that one in ten is below; 1 where there is none. */
  goodCost(): number
  /** Nothing is learned any more from transitions that began or ended in this class. */
  forget(slot: number): void
  save(): ReplayData
  restore(data: ReplayData): void
}

/** The ring as it stands in a checkpoint. */
export interface ReplayData {
  readonly size: number
  readonly next: number
  readonly states: string
  readonly nextStates: string
  /** Per transition action, cost, slot, slot after. */
  readonly rest: string
  /** Bits of the masks, packed to bytes. */
  readonly nextMasks: string
}

const restSize = 4
const mostB = 500_000
const goodShare = 0.1

/** Holds `most` transitions, fewer where they would take more than 500 kB. */
export function makeReplay(most: number, inputs: number, actions: number): Replay {
  const maskB = Math.ceil(actions / 8)
  const capacity = Math.max(1, Math.min(most, Math.floor(mostB / (4 * (2 * inputs + restSize) + maskB))))
  const states = new Float32Array(capacity * inputs)
  const nextStates = new Float32Array(capacity * inputs)
  const rest = new Float32Array(capacity * restSize)
  const masks = new Uint8Array(capacity * maskB)
  const mask: Mask = new Uint8Array(actions)
  let size = 0
  let next = 0
  const part = (r: number, i: number): number => rest[r * restSize + i] as number

  return {
    capacity,
    states,
    nextStates,
    size: () => size,
    next: () => next,
    add(action, cost, slot, nextSlot, nextMask) {
      const at = next * restSize
      rest[at] = action
      rest[at + 1] = cost
      rest[at + 2] = slot
      rest[at + 3] = nextSlot
      for (let byte = 0; byte < maskB; byte++) {
        let bits = 0
        for (let bit = 0; bit < 8; bit++) if (nextMask[8 * byte + bit] === 1) bits |= 1 << bit
        masks[next * maskB + byte] = bits
      }
      next = (next + 1) % capacity
      size = Math.min(capacity, size + 1)
    },
    action: (r) => part(r, 0),
    cost: (r) => part(r, 1),
    slot: (r) => part(r, 2),
    nextSlot: (r) => part(r, 3),
    nextMask(r) {
      for (let a = 0; a < actions; a++) mask[a] = ((masks[r * maskB + (a >> 3)] as number) >> (a & 7)) & 1
      return mask
    },
    goodCost() {
      const costs = Array.from({ length: size }, (_, r) => part(r, 1)).filter((cost) => cost > 0)
      costs.sort((a, b) => a - b)
      return costs[Math.floor(goodShare * costs.length)] ?? 1
    },
    forget(slot) {
      for (let r = 0; r < size; r++) if (part(r, 2) === slot || part(r, 3) === slot) rest[r * restSize + 1] = Number.NaN
    },
    save: () => ({
      size,
      next,
      states: floatsToText(states.subarray(0, size * inputs)),
      nextStates: floatsToText(nextStates.subarray(0, size * inputs)),
      rest: floatsToText(rest.subarray(0, size * restSize)),
      nextMasks: Buffer.from(masks.subarray(0, size * maskB)).toString('base64'),
    }),
    restore(data) {
      size = data.size
      next = data.next
      floatsFromText(data.states, states, size * inputs, 'replay.states')
      floatsFromText(data.nextStates, nextStates, size * inputs, 'replay.nextStates')
      floatsFromText(data.rest, rest, size * restSize, 'replay.rest')
      masks.set(Buffer.from(data.nextMasks, 'base64').subarray(0, masks.length))
    },
  }
}
