import type { Agent, AgentInput, CheckpointData } from '../../src/core/agent.ts'
import { monitorIndex } from '../../src/core/spaces.ts'
import { serviceTime } from '../maths/service-time.ts'
import { makeRuled } from './fixed.ts'
import { type ClockRule, makeGovernorPoints } from './governor-points.ts'

/** Sub-network that a kernel governor is given, which knows nothing of networks. */
export const subnetOption = {
  name: 'subnet',
  description: 'place of the sub-network in order of size, 0 the smallest; -1 the largest. A floor that it does not meet takes the next that does',
  default: -1,
  low: -1,
  high: 1e6,
} as const

export interface GovernorSettings {
  readonly subnet: number
  readonly rule: ClockRule
  /** Utilisation decides; left out where it does not matter. */
  readonly sampling?: Sampling
}

export interface Sampling {
  /** Least time between two changes, s. */
  readonly periodS: number
  /** Half-life of the average over windows, s; 0: each window by itself. */
  readonly halfLifeS: number
  /** Utilisation of the highest frequency rather than of the present one. */
  readonly frequencyInvariant: boolean
}

interface GovernorData extends CheckpointData {
  readonly load?: readonly number[]
  readonly busyS?: readonly number[]
  readonly windowS?: number
}

// A loop back to back still spends a moment between two inferences.
const saturated = 0.98

/** Far above any load or time, s, and far below what sums and products of them overflow at. */
const mostAmount = 1e9

/** Throws for saved amounts that are none: a load that is no number is met by no clock, though not before the window closes. */
function amounts(saved: ArrayLike<number>): ArrayLike<number> {
  if (!Array.from(saved).every((amount) => Number.isFinite(amount) && amount >= 0 && amount <= mostAmount))
    throw new Error(`expected loads and times that are numbers from 0 to ${mostAmount}`)
  return saved
}

/**
 * A kernel governor on operating points. The other knobs are filled in: the largest network that meets the floor, the cluster of highest capacity, all its cores;
 * of points that differ in nothing else but knobs of kind `other`, the first.
 *
 * Utilisation of a window is busy time over time: maths/service-time.ts over `durationS`, summed over decisions until `periodS` has passed. Back to back it is 1. It
 * starts at 1, as a policy starts at the clock that the boot loader left: high.
 */
export function makeGovernor(name: string, input: AgentInput, { subnet, rule, sampling }: GovernorSettings): Agent {
  const { sizes, clocks, choose } = makeGovernorPoints(input)
  const { domains, frequency, highest, idle } = clocks
  const size = subnet < 0 ? sizes.count - 1 : Math.min(Math.floor(subnet), sizes.count - 1)
  const floorAt = monitorIndex(input.spaces, 'accuracyFloor')
  const data = (input.data ?? {}) as Partial<GovernorData>
  const load = new Float64Array(domains).fill(1)
  // One more entry for the time itself, whatever the clocks.
  const busyS = new Float64Array(domains + 1)
  if (sampling !== undefined) {
    load.set(amounts(data.load ?? load))
    busyS.set(amounts(data.busyS ?? busyS))
  }
  let windowS = amounts([data.windowS ?? 0])[0] as number

  const ruled = makeRuled(name, input, (observation, mask) =>
    choose(rule, size, load, floorAt < 0 ? Number.NaN : (observation[floorAt] as number), mask),
  )
  if (sampling === undefined) return ruled
  const { periodS, halfLifeS, frequencyInvariant } = sampling

  const closeWindow = (action: number): void => {
    const busy = Math.min(1, (busyS[domains] as number) / windowS)
    const weight = halfLifeS > 0 ? 1 - 2 ** (-windowS / halfLifeS) : 1
    for (let d = 0; d < domains; d++) {
      if (idle[action * domains + d] === 1) continue
      const used = busy >= saturated ? 1 : frequencyInvariant ? (busyS[d] as number) / windowS : busy
      load[d] = (load[d] as number) + weight * (used - (load[d] as number))
    }
    // A cluster that idles would be met with what the computing one has to do.
    const own = clocks.own(action)
    if (own >= 0) for (let d = 0; d < domains; d++) if (idle[action * domains + d] === 1) load[d] = load[own] as number
    busyS.fill(0)
    windowS = 0
  }

  return {
    ...ruled,
    learn({ action, outcome, durationS, cost }) {
      if (!Number.isFinite(cost) || !Number.isFinite(outcome.latencyS) || !(durationS > 0)) return
      const computedS = serviceTime(outcome.latencyS, durationS)
      for (let d = 0; d < domains; d++) {
        const top = highest[action * domains + d] as number
        busyS[d] = (busyS[d] as number) + computedS * (top > 0 ? (frequency[action * domains + d] as number) / top : 1)
      }
      busyS[domains] = (busyS[domains] as number) + computedS
      windowS += durationS
      if (windowS >= periodS) closeWindow(action)
    },
    save: (): GovernorData => ({ ...ruled.save(), load: Array.from(load), busyS: Array.from(busyS), windowS }),
  }
}
