import type { ThermalState } from './physics/thermal.ts'

/** Everything about a simulated board that hangs on what was done before. Reused; a planner keeps its own. */
export interface PlantState extends ThermalState {
  /** OPP steps that each throttle rule takes. */
  readonly levels: Int32Array
  /** Highest OPP of each cluster: that it runs at, and that the kernel shows. */
  readonly caps: Int32Array
  readonly visibleCaps: Int32Array
  /** Since the kernel last looked at the temperature, s of heat. */
  sincePollS: number
  /** The last action and the OPP it ran at; -1 before the first. */
  action: number
  opp: number
}

/** One inference about to start, at the current hidden state, before jitter. Reused. */
export interface Load {
  cluster: number
  opp: number
  subnet: number
  /** Changing over from the last action, s. */
  switchS: number
  switchJ: number
  /** Of the inference itself, s. */
  serviceS: number
  /** Switching energy of the cores that work for it, J. */
  busyJ: number
  /** What the rail draws meanwhile all the same, W: leakage and base. */
  staticW: number
  /** Standard deviation of the logarithm of the jitter, whose mean is 1. */
  sigma: number
  /** Probability that its threads wait until it has taken `tailFactor` times as long. */
  tailShare: number
}

/** What an inference came to. Reused. */
export interface Spent {
  /** What switching took: of `busyJ` and `switchJ` what fell due. */
  switchedJ: number
  /** From dispatch to answer, and from there to the next dispatch, s of requests. */
  activeS: number
  idleS: number
  /** Seconds of heat in a second of requests. */
  timeScale: number
}

export const makeSpent = (timeScale: number): Spent => ({ switchedJ: Number.NaN, activeS: Number.NaN, idleS: Number.NaN, timeScale })

export const makePlantState = (clusters: number, rules: number): PlantState => ({
  dieTempC: 0,
  caseTempC: 0,
  levels: new Int32Array(rules),
  caps: new Int32Array(clusters),
  visibleCaps: new Int32Array(clusters),
  sincePollS: 0,
  action: -1,
  opp: -1,
})

export function copyPlantState(from: PlantState, to: PlantState): void {
  to.dieTempC = from.dieTempC
  to.caseTempC = from.caseTempC
  to.levels.set(from.levels)
  to.caps.set(from.caps)
  to.visibleCaps.set(from.visibleCaps)
  to.sincePollS = from.sincePollS
  to.action = from.action
  to.opp = from.opp
}

export const makeLoad = (): Load => ({
  cluster: 0,
  opp: 0,
  subnet: 0,
  switchS: 0,
  switchJ: 0,
  serviceS: 0,
  busyJ: 0,
  staticW: 0,
  sigma: 0,
  tailShare: 0,
})
