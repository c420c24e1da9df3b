import type { AgentInput } from '../../src/core/agent.ts'
import type { Mask } from '../../src/core/spaces.ts'
import { type Clocks, makeClocks } from './clocks.ts'
import { rankPoints } from './fixed.ts'
import { makeSizes, type Sizes } from './sizes.ts'

/** How a governor clocks a domain. */
export interface ClockRule {
  /** Frequency wanted in a domain whose utilisation is `load` in [0, 1]; in the unit of `lowest` and `highest`. */
  want(load: number, lowest: number, highest: number): number
  /** The lowest frequency that is at least as high (CPUFREQ_RELATION_L), or the closest, the lower of two (CPUFREQ_RELATION_C). */
  readonly rounding: 'up' | 'closest'
}

/** Operating points as a governor sees them, which knows clusters, cores and clocks but no networks: those are filled in. */
export interface GovernorPoints {
  readonly sizes: Sizes
  readonly clocks: Clocks
  /**
   * The allowed point that a rule asks for. What matters comes in this order: an accuracy at or above the floor (NaN: none asked; else the most accurate allowed
   * ones), the size nearest to the one asked, the strongest cluster, most cores, then the clocks. `load` holds one utilisation per domain. No allocation.
   */
  choose(rule: ClockRule, size: number, load: Float64Array, accuracyFloor: number, mask: Mask): number
}

// A clock that is too slow is worse than any that is too fast, in whatever domain.
const shortfall = 100
// Rounding errors of a product are no reason to take the next frequency.
const slack = 1e-9

export function makeGovernorPoints(input: AgentInput): GovernorPoints {
  const { knobs, points } = input.spaces
  const sizes = makeSizes(input)
  const clocks = makeClocks(input)
  const { domains, frequency, lowest, highest, idle } = clocks
  const coresKnob = knobs.find(({ kind }) => kind === 'cores')
  const coresOf = (point: number): number => Number(coresKnob === undefined ? 0 : points[point]?.[coresKnob.name])
  const keysOf = (point: number): number[] => [
    sizes.of(point),
    -(clocks.capacity[clocks.cluster(point)] as number),
    clocks.cluster(point),
    -coresOf(point),
  ]

  // Points that differ in clocks alone stand together, in a group; groups of one size too.
  const order = rankPoints(points.length, keysOf)
  const starts: number[] = []
  const sizeStarts: number[] = []
  order.forEach((point, i) => {
    const before = i === 0 ? undefined : keysOf(order[i - 1] as number)
    const keys = keysOf(point)
    if (before === undefined || before[0] !== keys[0]) sizeStarts.push(starts.length)
    if (before === undefined || before.some((key, k) => key !== keys[k])) starts.push(i)
  })
  const groupAt = Int32Array.of(...starts, points.length)
  const sizeAt = Int32Array.of(...sizeStarts, starts.length)

  const misfit = (rule: ClockRule, point: number, load: Float64Array): number => {
    let sum = 0
    for (let d = 0; d < domains; d++) {
      const i = point * domains + d
      const low = lowest[i] as number
      const high = highest[i] as number
      if (low === high) continue
      const wanted = rule.want(idle[i] === 1 ? 0 : (load[d] as number), low, high)
      const off = ((frequency[i] as number) - wanted) / (high - low)
      if (rule.rounding === 'up') sum += off >= -slack ? Math.max(0, off) : shortfall - off
      else sum += off > slack ? off + slack : -off
    }
    return sum
  }

  const bestIn = (group: number, rule: ClockRule, load: Float64Array, floor: number, mask: Mask): number => {
    let best = -1
    let least = Number.POSITIVE_INFINITY
    for (let i = groupAt[group] as number; i < (groupAt[group + 1] as number); i++) {
      const point = order[i] as number
      // An unknown accuracy breaks no floor.
      if (mask[point] !== 1 || (sizes.accuracy[point] as number) < floor) continue
      const value = misfit(rule, point, load)
      if (value < least) {
        best = point
        least = value
      }
    }
    return best
  }

  const meeting = (rule: ClockRule, size: number, load: Float64Array, floor: number, mask: Mask): number => {
    for (let step = 0; step < 2 * sizes.count; step++) {
      // size, size + 1, size - 1, size + 2, …: the larger of two equally near ones first.
      const one = size + (step % 2 === 1 ? (step + 1) / 2 : -step / 2)
      if (one < 0 || one >= sizes.count) continue
      for (let group = sizeAt[one] as number; group < (sizeAt[one + 1] as number); group++) {
        const best = bestIn(group, rule, load, floor, mask)
        if (best >= 0) return best
      }
    }
    return -1
  }

  return {
    sizes,
    clocks,
    choose(rule, size, load, accuracyFloor, mask) {
      const point = meeting(rule, size, load, accuracyFloor, mask)
      if (point >= 0) return point
      let floor = Number.NEGATIVE_INFINITY
      for (let a = 0; a < mask.length; a++) if (mask[a] === 1) floor = Math.max(floor, sizes.accuracy[a] as number)
      return meeting(rule, size, load, floor, mask)
    },
  }
}
