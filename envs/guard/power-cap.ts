import type { PowerOrder } from './order.ts'

/** Keeps the mean power of a rail at or below a cap, by what was measured at the points that ran. */
export interface PowerCap {
  /** A decision ran at a point of this level until `nowS`; the rail's energy since the start is `totalJ`, NaN when unknown. Returns the highest level that may be used. No allocation. */
  ran(nowS: number, level: number, totalJ: number): number
  /** Time that passed without the rail being charged for it, as from a profile to a run: the next window begins anew. */
  skip(): void
  readonly level: number
  /** Mean of the last window, W. */
  readonly powerW: number
  /** The power has been unknown for so long that the worst is assumed. */
  blind(): boolean
}

/** Power is judged over windows of at least this length, s. */
export const windowS = 0.5
/** Time between two steps back up, s. */
const raiseS = 2
/** How long a level that was too much stays closed, s: doubles each time that it is too much again, up to the longest. */
const shortestHoldS = 2
const longestHoldS = 64
/** Share of the cap that must be free before anything is given back. */
const headroomRatio = 0.05
/** How long no window may be known whole, s: a sensor that fails now and then in every one is as good as none. */
export const silenceS = 10

/**
 * A window above the cap takes away the level that ran in it and all above it, and as many more as the model says are needed at least (a fall of the rail by x W needs a point that draws x W
 * less). A window with headroom gives one level back, then two, four, …; but not the level that was too much, which stays closed for a hold time that doubles with every time that it is too much again: it
 * is tried ever more rarely, until it does well or has not been tried for long.
 */
export function makePowerCap(capW: number, { top, powerW: levelW }: Pick<PowerOrder, 'top' | 'powerW'>): PowerCap {
  const state = {
    beganS: Number.NaN,
    beganJ: Number.NaN,
    /** When a window was judged last, or the first began. */
    judgedS: Number.NaN,
    powerW: Number.NaN,
    movedS: 0,
    brokeS: Number.NEGATIVE_INFINITY,
    holdS: shortestHoldS,
  }
  let bound = top
  let highest = -1
  /** Lowest level that was too much. */
  let closed = top + 1
  /** Levels that are given back at once: more, as long as that goes well. */
  let stride = 1
  let blind = false

  const lower = (nowS: number): void => {
    const from = Math.min(bound, highest)
    const targetW = (levelW[Math.max(0, from)] as number) - (state.powerW - capW)
    let next = Math.max(0, from - 1)
    while (next > 0 && (levelW[next] as number) > targetW) next--
    bound = next
    state.holdS = nowS - state.brokeS > 4 * state.holdS ? shortestHoldS : Math.min(longestHoldS, 2 * state.holdS)
    state.brokeS = nowS
    state.movedS = nowS
    closed = Math.max(1, from)
    stride = 1
  }

  const judge = (nowS: number): void => {
    if (state.powerW > capW) {
      if (bound > 0) lower(nowS)
      return
    }
    if (highest >= closed) closed = top + 1
    if (bound === top || state.powerW > capW * (1 - headroomRatio) || nowS - state.movedS < raiseS) return
    const most = nowS - state.brokeS < state.holdS ? Math.min(top, closed - 1) : top
    // What was too much is tried by itself.
    const next = Math.min(most, bound + stride, bound < closed ? Math.max(bound + 1, closed) : top)
    if (next <= bound) return
    bound = next
    state.movedS = nowS
    stride *= 2
  }

  const begin = (nowS: number, totalJ: number): void => {
    state.beganS = nowS
    state.beganJ = totalJ
    highest = -1
  }

  const goBlind = (nowS: number): void => {
    blind = true
    bound = 0
    state.powerW = Number.NaN
    state.movedS = nowS
  }

  return {
    get level() {
      return bound
    },
    get powerW() {
      return state.powerW
    },
    blind: () => blind,
    skip() {
      state.beganS = Number.NaN
      state.judgedS = Number.NaN
    },
    ran(nowS, level, totalJ) {
      if (Number.isNaN(state.judgedS)) state.judgedS = nowS
      const spanS = nowS - state.beganS
      if (level > highest) highest = level
      if (spanS >= windowS && !Number.isNaN(totalJ)) {
        state.powerW = (totalJ - state.beganJ) / spanS
        state.judgedS = nowS
        blind = false
        judge(nowS)
        begin(nowS, totalJ)
        return bound
      }
      if (!blind && nowS - state.judgedS > silenceS) goBlind(nowS)
      if (Number.isNaN(totalJ)) state.beganS = Number.NaN
      else if (Number.isNaN(state.beganS)) begin(nowS, totalJ)
      return bound
    },
  }
}
