/**
 * The order in which a guard takes points away: by the power that a point draws while it computes, as the kernel's own throttling does, so that the choice of
 * sub-network is left to the agent as long as possible; among the points of the least power by the work of an inference.
 */
export interface PowerOrder {
  /** Of each point; 0 is the coolest. A bound b allows the points of level <= b. Barred points lie above `top`, so that no bound allows them. */
  readonly level: Int32Array
  readonly top: number
  /** Power of each level from 0 to `top`, W. */
  readonly powerW: Float64Array
  /** How many points each level from 0 to `top` allows. */
  readonly allowed: Int32Array
}

export interface OrderInput {
  /** Of each point while it computes, W; what is not finite is taken to be hottest. */
  readonly powerW: ArrayLike<number>
  /** Work of an inference at each point, in any unit. */
  readonly work: ArrayLike<number>
  /** 1: never allowed. */
  readonly barred: Uint8Array
  /** Of barred points, which one is the least bad where no other is possible: the larger, the better. */
  readonly merit: ArrayLike<number>
}

// Powers that differ by less are one level: a model is no better than that, and every level costs a step.
const sameRatio = 1.05

export function orderPoints({ powerW, work, barred, merit }: OrderInput): PowerOrder {
  const points = Array.from(barred.keys())
  const free = points.filter((a) => barred[a] !== 1)
  const power = (a: number): number => (Number.isFinite(powerW[a]) ? (powerW[a] as number) : Number.POSITIVE_INFINITY)
  free.sort((a, b) => (power(a) === power(b) ? a - b : power(a) - power(b)))
  const groups: number[][] = []
  for (const a of free) {
    const last = groups.at(-1)
    if (last !== undefined && (power(a) <= power(last[0] as number) * sameRatio || power(a) === power(last[0] as number))) last.push(a)
    else groups.push([a])
  }
  const [coolest = [], ...hotter] = groups
  const sizes = [...new Set(coolest.map((a) => work[a] as number))].sort((x, y) => x - y)
  const levels = [...sizes.map((size) => coolest.filter((a) => work[a] === size)), ...hotter]

  const level = new Int32Array(points.length)
  levels.forEach((group, l) => {
    for (const a of group) level[a] = l
  })
  const top = levels.length - 1
  points
    .filter((a) => barred[a] === 1)
    .sort((a, b) => (merit[b] as number) - (merit[a] as number) || a - b)
    .forEach((a, i) => {
      level[a] = top + 1 + i
    })
  let count = 0
  return {
    level,
    top,
    powerW: Float64Array.from(levels, (group) => power(group[0] as number)),
    allowed: Int32Array.from(levels, (group) => {
      count += group.length
      return count
    }),
  }
}
