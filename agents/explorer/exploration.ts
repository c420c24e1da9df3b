import type { Mask } from '../../src/core/spaces.ts'

/** Which points are explored, and in which shares. */
export interface Exploration {
  /** By action; sums to 1 over the mask, 0 elsewhere. As last filled. */
  readonly share: Float64Array
  /** From the cost of action a at `costs[from + a]`. No allocation. */
  fill(costs: Float64Array, from: number, mask: Mask): void
  /** The action at which the running sum of shares passes `u`, in [0, 1). */
  draw(u: number, mask: Mask): number
}

export interface ExplorationSettings {
  /** Points may cost this share more than the cheapest; 0: all. */
  readonly within: number
  /** In units of the least cost; 0: all alike. */
  readonly temperature: number
}

export function makeExploration(actions: number, { within, temperature }: ExplorationSettings): Exploration {
  const share = new Float64Array(actions)
  return {
    share,
    fill(costs, from, mask) {
      let least = Number.POSITIVE_INFINITY
      for (let a = 0; a < actions; a++) if (mask[a] === 1) least = Math.min(least, costs[from + a] as number)
      const most = within === 0 ? Number.POSITIVE_INFINITY : (1 + within) * least
      let sum = 0
      for (let a = 0; a < actions; a++) {
        const cost = costs[from + a] as number
        const allowed = mask[a] === 1 && cost <= most
        const weight = !allowed ? 0 : temperature === 0 ? 1 : Math.exp((least - cost) / (temperature * least))
        share[a] = weight
        sum += weight
      }
      for (let a = 0; a < actions; a++) share[a] = (share[a] as number) / sum
    },
    draw(u, mask) {
      let passed = 0
      let last = -1
      for (let a = 0; a < actions; a++) {
        if (mask[a] !== 1 || share[a] === 0) continue
        last = a
        passed += share[a] as number
        if (u < passed) return a
      }
      // The shares sum to a little less than 1.
      return last
    },
  }
}
