import type { AgentInput } from '../../src/core/agent.ts'
import type { Mask, NominalOutcome } from '../../src/core/spaces.ts'
import { rankPoints } from './fixed.ts'
import { makeGovernorPoints } from './governor-points.ts'
import { fullSpeed } from './performance.ts'

/** The rungs of a ladder, the fastest being 0. NaN: not asked. */
export interface LadderLevels {
  readonly count: number
  /** A rung that meets the accuracy floor is good enough; otherwise each further one is worth a try. */
  readonly settles: boolean
  /** Rung to begin with when other requirements come up; `present` is -1 at the very start. */
  start(present: number, deadlineS: number, accuracyFloor: number): number
  /** Next rung in a direction (+1 or -1); the same where there is none. */
  next(level: number, direction: number, accuracyFloor: number): number
  /** Allowed point of the rung, or of the nearest. */
  choose(level: number, accuracyFloor: number, mask: Mask): number
}

/** One rung per sub-network, the other knobs as `performance` sets them. */
export function subnetLevels(input: AgentInput): LadderLevels {
  const { sizes, clocks, choose } = makeGovernorPoints(input)
  const load = new Float64Array(clocks.domains).fill(1)
  return {
    count: sizes.count,
    settles: true,
    start: (present) => (present < 0 ? sizes.count - 1 : present),
    next: (level, direction) => Math.min(sizes.count - 1, Math.max(0, level + direction)),
    choose: (level, _floor, mask) => choose(fullSpeed, level, load, Number.NaN, mask),
  }
}

/**
 * One rung per point of the profile that no other beats in latency, energy and accuracy at once, by latency. Rungs below the floor are left out; what the profile
 * knows nothing of is none.
 */
export function paretoLevels(input: AgentInput, nominal: readonly NominalOutcome[]): LadderLevels {
  const latencyOf = (a: number): number => (nominal[a] as NominalOutcome).latencyS
  const rungs = rankPoints(nominal.length, (a) => [Number.isFinite(latencyOf(a)) ? latencyOf(a) : Number.MAX_VALUE]).filter(
    (a) => Number.isFinite(latencyOf(a)) && !nominal.some((other) => beats(other, nominal[a])),
  )
  const latencyS = Float64Array.from(rungs, latencyOf)
  const accuracy = Float64Array.from(rungs, (a) => (nominal[a] as NominalOutcome).accuracy)
  const fallback = subnetLevels(input)
  const meets = (level: number, floor: number): boolean => !((accuracy[level] as number) < floor)

  const nearest = (level: number, floor: number, mask: Mask): number => {
    for (let step = 0; step < 2 * rungs.length; step++) {
      // level, level - 1, level + 1, …: the faster of two equally near ones first.
      const one = level + (step % 2 === 1 ? -(step + 1) / 2 : step / 2)
      if (one >= 0 && one < rungs.length && meets(one, floor) && mask[rungs[one] as number] === 1) return rungs[one] as number
    }
    return -1
  }

  return {
    count: rungs.length,
    settles: false,
    start(_present, deadlineS, floor) {
      let level = -1
      for (let one = 0; one < rungs.length; one++) if (meets(one, floor) && (level < 0 || !((latencyS[one] as number) > deadlineS))) level = one
      return Math.max(0, level)
    },
    next(level, direction, floor) {
      for (let one = level + direction; one >= 0 && one < rungs.length; one += direction) if (meets(one, floor)) return one
      return level
    },
    choose(level, floor, mask) {
      const point = nearest(level, floor, mask)
      if (point >= 0) return point
      const anyAccuracy = nearest(level, Number.NaN, mask)
      return anyAccuracy >= 0 ? anyAccuracy : fallback.choose(fallback.count - 1, floor, mask)
    },
  }
}

/** At least as good in everything and better in something; what is not known (NaN) decides nothing. */
function beats(one: NominalOutcome, other: NominalOutcome | undefined): boolean {
  if (other === undefined) return false
  const worse = one.latencyS > other.latencyS || one.energyJ > other.energyJ || one.accuracy < other.accuracy
  return !worse && (one.latencyS < other.latencyS || one.energyJ < other.energyJ || one.accuracy > other.accuracy)
}
