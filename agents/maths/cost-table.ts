import type { SeenMask } from './seen-mask.ts'

/** Rows of costs, one per action, that know their least allowed entry. */
export interface CostTable {
  get(row: number, action: number): number
  set(row: number, action: number, cost: number): void
  /** Writes `row` over the rows `from` to before `to`. */
  fill(from: number, to: number, row: Float64Array): void
  /** The action of least cost in a row, of those that the mask read last allows; the lowest index of equals. */
  least(row: number): number
}

/**
 * Over every row stands a tournament tree (Knuth, "The Art of Computer Programming" 3, section 5.4.1): node k holds the cheaper of the winners of its children 2k and
 * 2k + 1, the root is node 1, and below the last level are the actions themselves, of which the masked never win. A change takes log2(actions) comparisons, the least
 * entry none; a row that another mask was read for, or that was filled, is played anew when it is asked for.
 */
export function makeCostTable(rows: number, actions: number, seen: SeenMask): CostTable {
  let size = 1
  while (size < actions) size *= 2
  const { allowed } = seen
  const costs = new Float64Array(rows * actions)
  const winners = new Int32Array(rows * size)
  // Mask that a row's tree was played under.
  const stamps = new Int32Array(rows).fill(-1)

  const winner = (row: number, k: number): number => (k >= size ? k - size : (winners[row * size + k] as number))

  /** The cheaper of two, the left of equals; an index that is not allowed never wins. */
  const play = (row: number, k: number): number => {
    const left = winner(row, 2 * k)
    const right = winner(row, 2 * k + 1)
    if (allowed[right] === 0) return left
    if (allowed[left] === 0) return right
    return (costs[row * actions + left] as number) <= (costs[row * actions + right] as number) ? left : right
  }

  return {
    get: (row, action) => costs[row * actions + action] as number,
    set(row, action, cost) {
      costs[row * actions + action] = cost
      if (stamps[row] !== seen.stamp) return
      for (let k = (size + action) >> 1; k >= 1; k >>= 1) {
        const won = play(row, k)
        // Neither wins nor won here: nothing changes further up.
        if (won !== action && winners[row * size + k] === won) break
        winners[row * size + k] = won
      }
    },
    fill(from, to, row) {
      for (let one = from; one < to; one++) costs.set(row, one * actions)
      stamps.fill(-1, from, to)
    },
    least(row) {
      if (stamps[row] !== seen.stamp) {
        for (let k = size - 1; k >= 1; k--) winners[row * size + k] = play(row, k)
        stamps[row] = seen.stamp
      }
      return winner(row, 1)
    },
  }
}
