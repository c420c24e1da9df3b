import type { Transition } from '../../src/core/agent.ts'
import { type Mask, monitorIndex, type Observation, type Spaces } from '../../src/core/spaces.ts'
import { makeThermalModel } from '../maths/thermal-model.ts'
import type { Belief } from './belief.ts'
import { makeTrips, type TripsData } from './trips.ts'

/** What was last foreseen of heat, degC. */
export interface HeatOutlook {
  /** Believed now, and the trip to be minded. */
  tempC: number
  tripC: number
}

export interface HeatData {
  readonly thermal: readonly (readonly number[])[]
  readonly trips: TripsData
  readonly paceS: number
}

/** Heat as part of what a decision costs. */
export interface Heat {
  /** By point: what its heat will cost later, as of the last `weigh` that answered true. */
  readonly toll: Float64Array
  /** Of the last `weigh` that answered true. */
  readonly outlook: Readonly<HeatOutlook>
  read(observation: Observation): void
  /** Whether the point that costs least now, or another, may come near a trip; fills `toll` then. `cost`: expected now, by point. No allocation. */
  weigh(best: number, cost: Float64Array, mask: Mask): boolean
  /** Where a point leads to if it is held, degC. */
  settledC(point: number): number
  /** `cost`: that of the best allowed point at the decision, NaN where nothing was known. No allocation. */
  learn(transition: Transition, cost: number): void
  save(): HeatData
}

/** Below this heat is not planned for. */
const coolC = 50
// The throttle sees the heat of a moment, and the thermometer rounds.
const marginC = 1
/** How far ahead, in time constants of the board. */
const horizonConstants = 2
/** Of equally good points the cooler: this share of the cost is worth all of the power. */
const coolness = 0.01
const paceMemory = 0.9
// A longer time between two requests than the answer took is rest.
const rested = 1.05

/**
 * Receding horizon over a board's heat, of one choice: hold a point until the trip is reached, and then go on at the lesser of what throttling costs and what the cheapest point costs that can be held below
 * the trip for ever,
 *
 *     V_i = c_i + toll_i,     toll_i = max(0, c_later - c_i) * E[1 - min(1, t_i / horizon)] + (price of power, while a trip is in reach)
 *
 * with t_i from the learned thermal model, over what is not known of the trip. It is asked anew at every decision. Nothing is added where the point that costs least never gets near a trip.
 */
export function makeHeat(spaces: Spaces, belief: Belief, horizon: number, saved?: HeatData): Heat {
  const { axes, latency, power, waiting } = belief
  const tempAt = monitorIndex(spaces, 'tempC')
  const thermal = makeThermalModel(saved?.thermal)
  const trips = makeTrips(spaces, saved?.trips)
  const ahead = { limitC: 0, doubtC: 0, decisionS: 0, horizonS: 0, throttled: 0, held: 0 }
  const outlook: HeatOutlook = { tempC: Number.NaN, tripC: Number.NaN }
  const toll = new Float64Array(spaces.points.length)
  const watts = new Float64Array(spaces.points.length)
  let paceS = saved?.paceS ?? 0
  let cool = true

  const readingOf = (observation: Observation): number => (tempAt < 0 ? Number.NaN : (observation[tempAt] as number))

  const serviceS = (i: number): number => Math.exp((latency.field.mean[i] as number) + (latency.offset[axes.cluster[i] as number] as number))
  /** Mean from one request to the next, W. */
  const powerW = (i: number): number => {
    const busyS = serviceS(i)
    const busyW = Math.exp((power.field.mean[i] as number) + (power.offset[axes.cluster[i] as number] as number))
    return busyS < paceS ? (busyW * busyS) / paceS : busyW
  }

  /** Mean of what a decision will cost later beside `own` when a point is held, over what is not known of the trip. */
  const later = (own: number, drawnW: number): number => {
    let sum = 0
    for (let k = -1; k <= 1; k++) {
      const reachesS = thermal.reachesS(ahead.limitC + k * ahead.doubtC, drawnW)
      // Passed before the next decision, the trip is not avoided.
      const then = reachesS < ahead.decisionS ? ahead.throttled : ahead.held
      if (then > own) sum += (then - own) * (1 - Math.min(1, reachesS / ahead.horizonS))
    }
    return sum / 3
  }

  return {
    toll,
    outlook,
    read(observation) {
      cool = readingOf(observation) <= coolC
    },
    settledC: (point) => thermal.settledC(powerW(point)),
    weigh(best, cost, mask) {
      if (cool || !thermal.known || !belief.energyKnown) return false
      const { tempC } = thermal
      const tripC = trips.limitC(tempC)
      ahead.limitC = tripC - marginC
      ahead.doubtC = trips.doubtC(tempC)
      const bestW = powerW(best)
      if (thermal.settledC(bestW) <= ahead.limitC - ahead.doubtC) return false
      const bestCost = cost[best] as number
      ahead.throttled = trips.throttledCost(tempC, bestCost)
      if (ahead.throttled <= bestCost && !trips.throttled) return false
      ahead.held = ahead.throttled
      for (let i = 0; i < cost.length; i++) {
        if (mask[i] !== 1) continue
        watts[i] = powerW(i)
        if ((cost[i] as number) < ahead.held && thermal.settledC(watts[i] as number) <= ahead.limitC) ahead.held = cost[i] as number
      }
      ahead.decisionS = Math.max(paceS, serviceS(best))
      ahead.horizonS = Math.min(horizonConstants * thermal.timeConstantS, horizon * ahead.decisionS)
      const price = (coolness * bestCost) / bestW
      for (let i = 0; i < cost.length; i++) if (mask[i] === 1) toll[i] = price * (watts[i] as number) + later(cost[i] as number, watts[i] as number)
      outlook.tempC = tempC
      outlook.tripC = tripC
      return true
    },
    learn(transition, cost) {
      const { observation, nextObservation, action, outcome, durationS } = transition
      if (!(durationS > 0)) return
      const tookS = waiting.serviceS(observation, outcome.latencyS)
      if (durationS > rested * tookS) paceS = paceS === 0 ? durationS : paceMemory * paceS + (1 - paceMemory) * durationS
      else if (durationS < paceS) paceS = durationS
      const drawnW = outcome.energyJ > 0 ? outcome.energyJ / durationS : belief.energyKnown ? powerW(action) : Number.NaN
      if (Number.isNaN(drawnW)) return
      thermal.update(readingOf(observation), readingOf(nextObservation), drawnW, durationS)
      trips.learn(transition, thermal.tempC, cost)
    },
    save: () => ({ thermal: thermal.save(), trips: trips.save(), paceS }),
  }
}
