import type { ThermalParameters } from './thermal.ts'

/** Where values come from: the data and the command they were fitted with, or the word `assumed`. */
interface Sourced {
  readonly source: string
}

/** A measured board. */
export interface FittedThermal extends ThermalParameters, Sourced {
  /** Heat of all that is no CPU cluster, into the case, W: what holds the case of a board that does nothing above the room. */
  readonly restW: number
}

/** How a board of which only a total resistance is known splits it, and how long its parts take. */
export interface ThermalShape extends Sourced {
  /** Share of the resistance that lies between die and case, in [0, 1]. */
  readonly dieShare: number
  /** Resistance times capacity of each, s. */
  readonly dieS: number
  readonly caseS: number
}

/** Leakage of a cluster as leakagePowerW takes it. */
export interface FittedLeakage extends Sourced {
  readonly coefficientW: number
}

const traceFit = 'fitted on 17,000 samples (50 ms) of the A15 of an Odroid-XU3 that runs blackscholes on one core: node dist/bench/plant/fit.js'

const fittedThermal: Readonly<Record<string, FittedThermal>> = {
  'odroid-xu4': {
    dieJPerK: 0.0804,
    dieKPerW: 9.21,
    caseJPerK: 25.6,
    caseKPerW: 8.14,
    restW: 2.3,
    source: `${traceFit}; restW with the room assumed at 25 C; what the fan did is not known; with four busy cores the die's resistance is likely smaller`,
  },
}

/** Fitted thermal constants of a board; undefined where nobody measured. */
export const fittedThermalOf = (boardId: string): FittedThermal | undefined => fittedThermal[boardId]

const bare: ThermalShape = { dieShare: 0.4, dieS: 3, caseS: 90, source: 'assumed: a bare single-board computer' }
const heatSink: ThermalShape = { dieShare: 0.5, dieS: 1, caseS: 200, source: 'assumed: a small heat sink, as the Odroid-XU3' }
const module: ThermalShape = { dieShare: 0.3, dieS: 2, caseS: 300, source: 'assumed: a module under a large heat sink' }
const phone: ThermalShape = { dieShare: 0.4, dieS: 2, caseS: 400, source: 'assumed: a telephone, whose shell is the heat sink' }
const laptop: ThermalShape = { dieShare: 0.25, dieS: 2, caseS: 400, source: 'assumed: a laptop without a fan' }

const shapes: Readonly<Record<string, ThermalShape>> = {
  imx8mm: bare,
  hikey960: bare,
  db845c: bare,
  'raspberry-pi-4': bare,
  'raspberry-pi-5': heatSink,
  'khadas-vim3': heatSink,
  rk3399: heatSink,
  rk3588: heatSink,
  'jetson-nano': module,
  'jetson-orin-nano': module,
  'jetson-agx-orin': module,
  'pixel-6': phone,
  'apple-m1': laptop,
}

/** Of the class of board that it belongs to; a board of one's own counts as bare. */
export const thermalShapeOf = (boardId: string): ThermalShape => shapes[boardId] ?? bare

/** Exponents of leakage, 1/K and 1/V, for every cluster: silicon at large, seen on one. */
export const leakageGrowth = { perK: 0.0213, perV: 3.2, source: traceFit } as const

const fittedLeakage: Readonly<Record<string, FittedLeakage>> = {
  'odroid-xu4/a15': { coefficientW: 0.0816, source: traceFit },
}

/** Fitted leakage of a whole cluster at 1 V and 25 C; undefined where nobody measured. */
export const fittedLeakageOf = (boardId: string, clusterId: string): FittedLeakage | undefined => fittedLeakage[`${boardId}/${clusterId}`]
