import type { Mask, Observation, Spaces } from '../../src/core/spaces.ts'
import { fromPlain, type PlainNumber, toPlain, toPlainArray } from '../maths/plain.ts'

/** At which temperatures the board takes points away, learned from the masks, and what that costs. */
export interface Trips {
  /** The trip to be minded at a temperature, degC: the coldest known one that is not clearly passed; else where one is likely to be. */
  limitC(tempC: number): number
  /** Standard deviation of that, K. */
  doubtC(tempC: number): number
  /** What a decision is expected to cost once that trip is reached, where the best allowed point costs `cost` now. */
  throttledCost(tempC: number, cost: number): number
  /** Whether points are missing because of heat. */
  readonly throttled: boolean
  /** `tempC`: believed, after the decision; `cost`: expected of the best allowed point before it, NaN where that is not known. No allocation. */
  learn(seen: TripEvidence, tempC: number, cost: number): void
  save(): TripsData
}

export interface TripEvidence {
  readonly observation: Observation
  readonly nextObservation: Observation
  readonly mask: Mask
  readonly nextMask: Mask
}

export interface TripsData {
  readonly trips: readonly (readonly PlainNumber[])[]
  readonly lostBy: readonly number[]
  readonly calm: PlainNumber
  readonly survivedC: number
}

// Median and spread of the first throttling trips of the boards in the catalogue, which lie between 65 and 98 degC.
const usualC = 80
const usualDoubtC = 8
const knownDoubtC = 2
/** A point that is lost below this was not lost to heat. */
const coldestC = 50
// Losses nearer than this are of one trip.
const sameC = 4
// A trip that is passed by as much is not the one to mind.
const passedC = 3
const mostTrips = 6
// How soon costs are believed to have changed, and where a trip lies to have been wrong.
const calmMemory = 0.9
const throttledMemory = 0.97
const tripMemory = 0.7
/** What throttling is thought to cost before it was met. */
const thoughtDearness = 1.04

/** What is asked, and cores that may go: a point that is lost with one of them is not lost to heat. */
const other = /(^deadlineS|^energyBudgetJ|^accuracyFloor)$/

export function makeTrips(spaces: Spaces, saved?: TripsData): Trips {
  const n = spaces.points.length
  const indicesOf = (pattern: RegExp): number[] => spaces.monitors.flatMap(({ name }, i) => (pattern.test(name) ? [i] : []))
  const cores = indicesOf(/(^|\.)availableCores$/)
  const asked = indicesOf(other)
  const column = (k: number, empty: number): Float64Array => {
    const values = new Float64Array(mostTrips).fill(empty)
    values.set((saved?.trips[k] ?? []).map(fromPlain))
    return values
  }
  const tripC = column(0, 0)
  const dearness = column(1, thoughtDearness)
  // Mean cost before points were lost, and while they are.
  const before = column(2, Number.NaN)
  const after = column(3, Number.NaN)
  const lostBy = Int8Array.from({ length: n }, (_, i) => saved?.lostBy[i] ?? -1)
  const lost = new Int32Array(mostTrips)
  for (const trip of lostBy) if (trip >= 0) lost[trip] = (lost[trip] as number) + 1
  let count = saved?.trips[0]?.length ?? 0
  let calm = saved === undefined ? Number.NaN : fromPlain(saved.calm)
  let survivedC = saved?.survivedC ?? 0

  const differ = (indices: readonly number[], a: Observation, b: Observation): boolean => {
    for (let k = 0; k < indices.length; k++) {
      const i = indices[k] as number
      if (!Object.is(a[i], b[i])) return true
    }
    return false
  }
  /** The trip to mind, -1: one that nobody has met. */
  const ahead = (tempC: number): number => {
    let found = -1
    for (let k = 0; k < count; k++)
      if (tempC < (tripC[k] as number) + passedC && (found < 0 || (tripC[k] as number) < (tripC[found] as number))) found = k
    return found
  }
  const throttling = (): number => {
    let found = -1
    for (let k = 0; k < count; k++) if ((lost[k] as number) > 0 && (found < 0 || (tripC[k] as number) > (tripC[found] as number))) found = k
    return found
  }
  const tripAt = (tempC: number): number => {
    for (let k = 0; k < count; k++) if (Math.abs(tempC - (tripC[k] as number)) < sameC) return k
    if (count === mostTrips) return -1
    tripC[count] = tempC
    return count++
  }
  const mix = (mean: number, value: number, memory: number): number => (Number.isNaN(mean) ? value : memory * mean + (1 - memory) * value)

  const weigh = (cost: number): void => {
    if (Number.isNaN(cost)) return
    const k = throttling()
    if (k < 0) calm = mix(calm, cost, calmMemory)
    else {
      after[k] = mix(after[k] as number, cost, throttledMemory)
      const ratio = (after[k] as number) / (before[k] as number)
      if (!Number.isNaN(ratio)) dearness[k] = Math.max(1, ratio)
    }
  }

  const lose = (tempC: number, mask: Mask, nextMask: Mask): void => {
    let trip = -1
    for (let i = 0; i < n; i++) {
      if (mask[i] !== 1 || nextMask[i] === 1) continue
      if (trip < 0) {
        trip = tripAt(tempC)
        if (trip < 0) return
        // The first loss tells where the trip is; the next ones come while it is hotter.
        if (lost[trip] === 0) {
          tripC[trip] = mix(tripC[trip] as number, tempC, tripMemory)
          before[trip] = calm
          after[trip] = Number.NaN
        }
      }
      lostBy[i] = trip
      lost[trip] = (lost[trip] as number) + 1
    }
  }

  return {
    limitC(tempC) {
      const k = ahead(tempC)
      return k < 0 ? Math.max(usualC, survivedC + passedC) : (tripC[k] as number)
    },
    doubtC(tempC) {
      return ahead(tempC) < 0 ? Math.min(usualDoubtC, this.limitC(tempC) - survivedC) : knownDoubtC
    },
    throttledCost(tempC, cost) {
      const k = ahead(tempC)
      if (k < 0) return thoughtDearness * cost
      return (lost[k] as number) > 0 ? Math.max(cost, after[k] as number) : (dearness[k] as number) * cost
    },
    get throttled() {
      return throttling() >= 0
    },
    learn({ observation, nextObservation, mask, nextMask }, tempC, cost) {
      weigh(cost)
      for (let i = 0; i < n; i++) {
        const trip = lostBy[i] as number
        if (trip < 0 || nextMask[i] === 0) continue
        lostBy[i] = -1
        lost[trip] = (lost[trip] as number) - 1
      }
      if (differ(asked, observation, nextObservation)) {
        calm = Number.NaN
        before.fill(Number.NaN)
        after.fill(Number.NaN)
      }
      if (Number.isNaN(tempC)) return
      if (tempC >= coldestC && !differ(cores, observation, nextObservation)) lose(tempC, mask, nextMask)
      survivedC = Math.max(survivedC, tempC)
      for (let k = 0; k < count; k++) if (lost[k] === 0 && tempC > (tripC[k] as number) + passedC) tripC[k] = tempC
    },
    save: () => ({
      trips: [tripC, dearness, before, after].map((values) => toPlainArray(values.slice(0, count))),
      lostBy: Array.from(lostBy),
      calm: toPlain(calm),
      survivedC,
    }),
  }
}
