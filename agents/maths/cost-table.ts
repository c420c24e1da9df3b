import type { Mask } from '../../src/core/spaces.ts'
import { argminAllowed } from './masked.ts'

/** Rows of costs, one per action, that know their least entry. */
export interface CostTable {
  get(row: number, action: number): number
  set(row: number, action: number, cost: number): void
  /** Writes `row` over the rows `from` to before `to`. */
  fill(from: number, to: number, row: Float64Array): void
  /** The allowed action of least cost in a row; the lowest index of equals. */
  least(row: number, mask: Mask): number
}

/**
 * Over every row stands a tournament tree (Knuth, "The Art of Computer Programming" 3, section 5.4.1): node k holds the cheaper of the winners of its children 2k and
 * 2k + 1, the root is node 1, and below the last level are the actions themselves. A change takes log2(actions) comparisons, the least entry of all none.
 */
export function makeCostTable(rows: number, actions: number): CostTable {
  let size = 1
  while (size < actions) size *= 2
  const costs = new Float64Array(rows * actions)
  const winners = new Int32Array(rows * size)

  /** Winner below node k of a row, or an index that is no action. */
  const winner = (row: number, k: number): number => (k >= size ? k - size : (winners[row * size + k] as number))

  /** The cheaper of two, the left of equals; an index that is no action never wins. */
  const better = (row: number, left: number, right: number): number => {
    if (right >= actions) return left
    if (left >= actions) return right
    return (costs[row * actions + left] as number) <= (costs[row * actions + right] as number) ? left : right
  }

  const play = (row: number, k: number): number => better(row, winner(row, 2 * k), winner(row, 2 * k + 1))

  return {
    get: (row, action) => costs[row * actions + action] as number,
    set(row, action, cost) {
      costs[row * actions + action] = cost
      for (let k = (size + action) >> 1; k >= 1; k >>= 1) {
        const won = play(row, k)
        // Neither wins nor won here: nothing changes further up.
        if (won !== action && winners[row * size + k] === won) break
        winners[row * size + k] = won
      }
    },
    fill(from, to, row) {
      for (let one = from; one < to; one++) {
        costs.set(row, one * actions)
        if (one > from) winners.copyWithin(one * size, from * size, (from + 1) * size)
        else for (let k = size - 1; k >= 1; k--) winners[one * size + k] = play(one, k)
      }
    },
    least(row, mask) {
      // With a capped clock the masked are many and spread over the tree: then a plain search is faster than one below its nodes.
      const won = winner(row, 1)
      return mask[won] === 1 ? won : argminAllowed(costs, mask, row * actions)
    },
  }
}
