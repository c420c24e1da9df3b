import type { Mask } from '../../src/core/spaces.ts'

/** Actions that the mask allows. */
export function countAllowed(mask: Mask): number {
  let count = 0
  for (let a = 0; a < mask.length; a++) count += mask[a] as number
  return count
}

/** The allowed action of rank `rank`, counted from 0. */
export function allowedAt(mask: Mask, rank: number): number {
  let left = rank
  for (let a = 0; a < mask.length; a++) if (mask[a] === 1 && left-- === 0) return a
  return -1
}

/** The allowed action of least value, that of action a being `values[from + a]`; the lowest index wins a tie, so that the greedy action is one action. */
export function argminAllowed(values: Float64Array, mask: Mask, from = 0): number {
  let best = -1
  let least = Number.POSITIVE_INFINITY
  for (let a = 0; a < mask.length; a++) {
    const value = values[from + a] as number
    // Seldom less: the mask is hardly looked at.
    if (value < least && mask[a] === 1) {
      best = a
      least = value
    }
  }
  return best < 0 ? allowedAt(mask, 0) : best
}

/** The first allowed action of a ranking. */
export function firstAllowed(ranking: Int32Array, mask: Mask): number {
  for (let i = 0; i < ranking.length; i++) {
    const a = ranking[i] as number
    if (mask[a] === 1) return a
  }
  return -1
}
