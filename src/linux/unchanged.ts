/** How long a sensor has said the same, and what the load of the CPUs did meanwhile: the same reading under another load is no reading. No allocation. */
export interface Unchanged {
  /** A reading; `loadRatio` is the busy share of all CPUs, NaN where unknown. True when the value is another one than before. */
  see(value: number, nowS: number, loadRatio: number): boolean
  /** Since the value changed last, s. */
  forS(nowS: number): number
  /** Between the least and the most load meanwhile, each held for a second or so. */
  loadSpan(): number
  forget(): void
}

// A die follows its load within a second; a shorter burst need not show.
const loadMemoryS = 1

export function makeUnchanged(): Unchanged {
  const state = { value: Number.NaN, sinceS: Number.NaN, seenS: Number.NaN, load: Number.NaN, low: Number.NaN, high: Number.NaN }

  const follow = (nowS: number, loadRatio: number): void => {
    if (Number.isNaN(loadRatio)) return
    const passed = nowS - state.seenS
    state.load = Number.isNaN(state.load) ? loadRatio : state.load + (loadRatio - state.load) * (1 - Math.exp(-passed / loadMemoryS))
    state.seenS = nowS
    if (!(state.low <= state.load)) state.low = state.load
    if (!(state.high >= state.load)) state.high = state.load
  }

  return {
    see(value, nowS, loadRatio) {
      const changed = value !== state.value
      if (changed) {
        state.value = value
        state.sinceS = nowS
        state.low = state.high = Number.NaN
      }
      follow(nowS, loadRatio)
      return changed
    },
    forS: (nowS) => nowS - state.sinceS,
    loadSpan: () => (Number.isNaN(state.high) ? 0 : state.high - state.low),
    forget() {
      state.value = Number.NaN
      state.sinceS = Number.NaN
    },
  }
}
