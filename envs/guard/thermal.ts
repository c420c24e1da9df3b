import type { HeatLimit } from '../../src/core/guard.ts'

/** How many levels the heat leaves, and why. */
export interface Thermal {
  /** New readings, degrees C, one for each limit; NaN is unknown. Returns the highest level that may be used. No allocation. */
  sense(nowS: number, tempsC: Float64Array): number
  /** The margin is used up: the board is about to throttle by itself. */
  atTrip(): boolean
  /** No temperature has been known for so long that the worst is assumed. */
  blind(): boolean
  /** Index of the limit that is nearest, or -1. */
  readonly worst: number
  /** Of the worst, degrees C; NaN when unknown. */
  readonly tempC: number
  /** The worst is silent, and its temperature told from the others'. */
  readonly guessed: boolean
}

/** The temperature must fall this far before anything is given back, degrees C: more than sensors jitter. */
export const hysteresisC = 2
/** And what is given back is given back slowly, degrees C a second: a chip's own sensor falls within a moment of a rest, and what lies around it does not. */
export const releaseCPerS = 1
/** How long the last reading of a sensor that went silent stands, s. */
export const silenceS = 10

/**
 * From `marginC` below a trip to the trip itself the levels go one by one, the hottest first; at the trip only level 0 is left. What decides is a temperature that follows the hottest one
 * at once when it rises and stays where it is until that has fallen by `hysteresisC`, then follows by `releaseCPerS` at most: within such a band nothing ever changes, and at any moment a hotter past
 * allows no more than a cooler one.
 */
export function makeThermal(limits: readonly HeatLimit[], marginC: number, top: number): Thermal {
  const lastC = new Float64Array(limits.length).fill(Number.NaN)
  const lastS = new Float64Array(limits.length)
  /** How far each has been ahead of the hottest of the others at most, when it was the hottest, degrees C. */
  const aheadC = new Float64Array(limits.length)
  const limited = limits.some(({ tripC }) => tripC < Number.POSITIVE_INFINITY)
  const state = {
    begun: false,
    worst: -1,
    tempC: Number.NaN,
    overC: Number.NEGATIVE_INFINITY,
    heldC: Number.NEGATIVE_INFINITY,
    heldS: 0,
    blind: false,
    guessed: false,
  }

  /** How far the hottest known reading is above where the guard begins, degrees C; -Infinity when none is known. */
  const look = (nowS: number, tempsC: Float64Array): void => {
    if (!state.begun) {
      state.begun = true
      lastS.fill(nowS)
    }
    state.worst = -1
    state.overC = Number.NEGATIVE_INFINITY
    let waiting = false
    let nextC = Number.NEGATIVE_INFINITY
    for (let i = 0; i < lastC.length; i++) {
      const { tripC } = limits[i] as HeatLimit
      // A sensor without a trip point says nothing of how near the board is to one.
      if (tripC === Number.POSITIVE_INFINITY) continue
      const nowC = tempsC[i] as number
      if (!Number.isNaN(nowC)) {
        lastC[i] = nowC
        lastS[i] = nowS
      } else if (nowS - (lastS[i] as number) > silenceS) {
        lastC[i] = Number.NaN
        continue
      }
      waiting = true
      const overC = (lastC[i] as number) - tripC + marginC
      if (overC > state.overC) {
        nextC = state.overC
        state.overC = overC
        state.worst = i
      } else if (overC > nextC) nextC = overC
    }
    state.blind = !waiting
    state.guessed = false
    if (nextC > Number.NEGATIVE_INFINITY) aheadC[state.worst] = Math.max(aheadC[state.worst] as number, state.overC - nextC)
    state.tempC = state.worst < 0 ? Number.NaN : (lastC[state.worst] as number)
    if (state.worst >= 0) guess()
  }

  /** Where a sensor that went silent would be: as far ahead of the hottest of the others as it has ever been, but never beyond its trip, from where it takes long to come back. */
  const guess = (): void => {
    const knownC = state.overC
    for (let i = 0; i < lastC.length; i++) {
      if (!Number.isNaN(lastC[i])) continue
      const overC = Math.min(marginC, knownC + (aheadC[i] as number))
      if (!(overC > state.overC)) continue
      state.overC = overC
      state.worst = i
      state.tempC = Math.round((overC - marginC + (limits[i] as HeatLimit).tripC) * 10) / 10
      state.guessed = true
    }
  }

  return {
    get worst() {
      return state.worst
    },
    get tempC() {
      return state.tempC
    },
    get guessed() {
      return state.guessed
    },
    atTrip: () => state.overC >= marginC,
    blind: () => state.blind,
    sense(nowS, tempsC) {
      if (!limited) return top
      look(nowS, tempsC)
      if (state.blind) {
        state.heldC = Math.max(state.heldC, marginC)
        state.heldS = nowS
        return 0
      }
      // Nothing known yet leaves what was left before.
      if (state.worst >= 0) {
        const slowestC = state.heldC - releaseCPerS * (nowS - state.heldS)
        state.heldC = Math.max(state.overC, Math.min(state.heldC, Math.max(slowestC, state.overC + hysteresisC)))
        state.heldS = nowS
      }
      return levelAt(state.heldC, marginC, top)
    },
  }
}

/** Highest level at `overC` degrees above where the guard begins. */
export function levelAt(overC: number, marginC: number, top: number): number {
  if (overC < 0) return top
  if (overC >= marginC) return 0
  // The first degree takes something already.
  return Math.max(0, Math.min(top - 1, Math.floor(top * (1 - overC / marginC))))
}
