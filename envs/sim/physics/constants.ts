import type { ThermalParameters } from './thermal.ts'

/** Where a value comes from: the data and the command it was fitted with, or `assumed: why`. */
export interface Sourced {
  readonly source: string
}

export interface BoardThermal extends ThermalParameters, Sourced {
  /** Heat of everything that is not a cluster (memory, regulators, network), W: it flows into the case like the clusters' own. */
  readonly restW: number
}

export interface Leakage extends Sourced {
  /** At 1 V and 25 C, W. */
  readonly coefficientW: number
  /** Exponents: 1/K and 1/V. */
  readonly perK: number
  readonly perV: number
}

const fromTrace = 'fitted on 17,000 samples (50 ms) of the A15 rail and sensor of an Odroid-XU3 running blackscholes: node dist/bench/plant/fit.js'

/** The exponents of silicon at large, seen on the A15. */
const perK = 0.0182
const perV = 3.79

const fittedThermal: Readonly<Record<string, BoardThermal>> = {
  'odroid-xu4': {
    dieJPerK: 0.08,
    dieKPerW: 9.21,
    caseJPerK: 25.5,
    caseKPerW: 8.14,
    restW: 2.3,
    source: `${fromTrace}; restW from the temperature that the trace cools down to, with the room assumed at 25 C`,
  },
}

type BoardClass = 'bare' | 'heatsink' | 'module' | 'phone' | 'laptop'

const classOf: Readonly<Record<string, BoardClass>> = {
  'raspberry-pi-4': 'bare',
  imx8mm: 'bare',
  rk3399: 'heatsink',
  rk3588: 'heatsink',
  'khadas-vim3': 'heatsink',
  'raspberry-pi-5': 'heatsink',
  hikey960: 'bare',
  db845c: 'bare',
  'jetson-nano': 'module',
  'jetson-orin-nano': 'module',
  'jetson-agx-orin': 'module',
  'pixel-6': 'phone',
  'apple-m1': 'laptop',
}

const assumedThermal: Readonly<Record<BoardClass, ThermalParameters & { restW: number; what: string }>> = {
  bare: { dieJPerK: 0.3, dieKPerW: 3, caseJPerK: 12, caseKPerW: 8, restW: 2, what: 'a bare single-board computer' },
  heatsink: { dieJPerK: 0.3, dieKPerW: 2, caseJPerK: 25, caseKPerW: 5, restW: 2, what: 'a board with a small heat sink' },
  module: { dieJPerK: 1, dieKPerW: 0.8, caseJPerK: 120, caseKPerW: 2.5, restW: 2.5, what: 'a module with a large heat sink' },
  phone: { dieJPerK: 0.3, dieKPerW: 4, caseJPerK: 80, caseKPerW: 7, restW: 0.8, what: 'a telephone' },
  laptop: { dieJPerK: 2, dieKPerW: 0.6, caseJPerK: 150, caseKPerW: 2, restW: 2, what: 'a laptop or small desktop without a fan' },
}

/** How a board carries its heat off: fitted where a measurement exists, else assumed by class of board. */
export function thermalOf(boardId: string): BoardThermal {
  const fitted = fittedThermal[boardId]
  if (fitted !== undefined) return fitted
  const known = classOf[boardId]
  const { what, ...parameters } = assumedThermal[known ?? 'bare']
  return { ...parameters, source: `assumed: ${what}${known === undefined ? ', for nothing is known of this board' : ''}` }
}

const fittedLeakage: Readonly<Record<string, Leakage>> = {
  'odroid-xu4/a15': { coefficientW: 0.121, perK, perV, source: fromTrace },
}

/** Leakage over the switching power of all cores at the top OPP, at 25 C. */
const leakageShare = 0.06

/**
 * Leakage of a cluster whose cores together switch `topPowerW` at their top OPP of `topVoltageV` (1 V where no voltage is known). Where nothing was measured a share
 * of that power is assumed, with the exponents of the one cluster that was.
 */
export function leakageOf(boardId: string, clusterId: string, topPowerW: number, topVoltageV = 1): Leakage {
  const fitted = fittedLeakage[`${boardId}/${clusterId}`]
  if (fitted !== undefined) return fitted
  return {
    coefficientW: (leakageShare * topPowerW) / (topVoltageV * Math.exp(perV * (topVoltageV - 1))),
    perK,
    perV,
    source: `assumed: ${100 * leakageShare} % of the switching power at the top OPP at 25 C, exponents as ${fromTrace}`,
  }
}
