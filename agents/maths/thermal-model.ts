import { makeThermalFilter, type ThermalFilter } from './thermal-filter.ts'

/** A board's heat, learned from what was drawn and what a thermometer said. */
export interface ThermalModel {
  /** Whether anything was ever read. */
  readonly known: boolean
  /** At the last decision, degC. */
  readonly tempC: number
  readonly timeConstantS: number
  /** Where so many W lead to in the end, degC; and what they come to at the next decision. */
  settledC(powerW: number): number
  atOnceC(powerW: number): number
  /** So many W for how long until the temperature passes `limitC`, s: 0 at once, infinite never. No allocation. */
  reachesS(limitC: number, powerW: number): number
  /** `beforeC` and `tempC`: readings before and after the decision, degC; NaN where there were none. No allocation. */
  update(beforeC: number, tempC: number, powerW: number, durationS: number): void
  save(): readonly (readonly number[])[]
}

// Cases of boards take from half a minute to ten minutes; a simulator may let heat run faster.
const timeConstantsS = [8, 25, 80, 250, 800]

/** One filter for each of some time constants, of which the one that has predicted best of late is believed. */
export function makeThermalModel(saved?: readonly (readonly number[])[]): ThermalModel {
  const filters = timeConstantsS.map((timeConstantS, i) => makeThermalFilter(timeConstantS, saved?.[i]))
  let known = saved !== undefined && !Number.isNaN((filters[0] as ThermalFilter).tempC)
  const bestOf = (): ThermalFilter => {
    let best = filters[0] as ThermalFilter
    for (let i = 1; i < filters.length; i++) if ((filters[i] as ThermalFilter).misfit < best.misfit) best = filters[i] as ThermalFilter
    return best
  }
  let best = bestOf()
  return {
    get known() {
      return known
    },
    get tempC() {
      return best.tempC
    },
    get timeConstantS() {
      return best.timeConstantS
    },
    settledC: (powerW) => best.roomC + (best.fastKPerW + best.slowKPerW) * powerW,
    atOnceC: (powerW) => best.roomC + best.fastKPerW * powerW + best.slowKPerW * best.slowW,
    reachesS(limitC, powerW) {
      const endC = this.settledC(powerW)
      if (endC <= limitC) return Number.POSITIVE_INFINITY
      const startC = this.atOnceC(powerW)
      return startC >= limitC ? 0 : best.timeConstantS * Math.log((endC - startC) / (endC - limitC))
    },
    update(beforeC, tempC, powerW, durationS) {
      if (!known) {
        if (Number.isNaN(beforeC) || !(powerW > 0)) return
        known = true
        for (let i = 0; i < filters.length; i++) (filters[i] as ThermalFilter).begin(beforeC, powerW)
      }
      for (let i = 0; i < filters.length; i++) (filters[i] as ThermalFilter).update(tempC, powerW, durationS)
      best = bestOf()
    },
    save: () => filters.map((filter) => filter.save()),
  }
}
