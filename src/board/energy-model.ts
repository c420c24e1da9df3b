import type { Quality } from '../core/outcome.ts'
import type { Board, Cluster } from './board.ts'

/**
 * Energy without a sensor. Dynamic power of a busy core is C V^2 f (Documentation/power/energy-model.rst). Where a cluster's capacitance and voltages are known
 * they are used; everything else here is ASSUMED and marked so in its docstring. All of it is 'estimated': measured on an Exynos 5422, C V^2 f from the device
 * tree is off by a factor of 0.9 to 2 with the workload alone. Idle and shared power (memory, fabric, board) are left out.
 */

/** ASSUMED: watts of one busy core at its top frequency. x86: a 15 to 28 W laptop part with 4 cores, or a 150 W server with 32, is about 5 W a core. */
const x86CoreW = 5
/** ASSUMED: the biggest core of an ARM board at its top frequency; 1.0 for a Cortex-A76 at 2.4 GHz and 1.07 for a Cortex-A15 at 2.0 GHz by device tree. */
const armCoreW = 1
/** ASSUMED: power of smaller ARM cores falls with capacity to this power: between 1.1 (A55 beside A76) and 1.7 (A7 beside A15). */
const armCapacityExponent = 1.4

/** ASSUMED: voltage falls linearly from nominal at the top frequency to this share at `lowestRatio` of it, and no further. */
const lowestVoltageRatio = 0.6
const lowestRatio = 0.2

/** V(s) / Vmax at relative frequency s in (0, 1] where voltages are unknown. ASSUMED: 1 at s = 1, 0.6 at s <= 0.2, linear between. */
export function assumedVoltageRatio(speedRatio: number): number {
  if (!(speedRatio > lowestRatio)) return lowestVoltageRatio
  return Math.min(1, lowestVoltageRatio + ((1 - lowestVoltageRatio) * (speedRatio - lowestRatio)) / (1 - lowestRatio))
}

/** ASSUMED power of one busy core of the cluster at its top frequency, W: 5 W on x86, 1 W times capacity^1.4 elsewhere. Devices: NaN. */
export function assumedCorePowerW(cluster: Pick<Cluster, 'kind' | 'capacity'>, architecture: Board['architecture']): number {
  if (cluster.kind !== 'cpu') return Number.NaN
  return architecture === 'x86' ? x86CoreW * (cluster.capacity ?? 1) : armCoreW * (cluster.capacity ?? 1) ** armCapacityExponent
}

/** Where a cluster's power figures come from: its OPPs (kernel or catalogue), or the assumed law. */
export type PowerBasis = 'opps' | 'assumed'

/** Estimated power of one cluster, for CPU time of any thread on it. Its methods allocate nothing. */
export interface ClusterPower {
  readonly quality: Extract<Quality, 'estimated'>
  readonly basis: PowerBasis
  /** One busy core at the top frequency, W; what a second of CPU time costs where frequencies are unknown. */
  readonly maxPowerW: number
  /** One busy core at this frequency, Hz: C V^2 f. */
  corePowerW(freqHz: number): number
  /** `corePowerW` times the CPU time spent at that frequency, J. */
  energyOfCpuTime(freqHz: number, cpuTimeS: number): number
  /**
   * Energy of work at a *virtual* OPP of speed s in (0, 1], J. The work runs at full speed and is stretched by resting, so its CPU time t is that of full
   * speed. A board that really ran at speed s would be busy for t / s at power Pmax (V(s)/Vmax)^2 s, hence E = Pmax (V(s)/Vmax)^2 t. A virtual OPP emulates
   * DVFS: its energy is an estimate of what such a board would use, not of what this machine uses.
   */
  virtualEnergyJ(speedRatio: number, cpuTimeAtFullSpeedS: number): number
}

export function makeClusterPower(cluster: Cluster, architecture: Board['architecture']): ClusterPower {
  const { basis, corePowerW, maxPowerW } = lawOf(cluster, architecture)
  return {
    quality: 'estimated',
    basis,
    maxPowerW,
    corePowerW,
    energyOfCpuTime: (freqHz, cpuTimeS) => corePowerW(freqHz) * cpuTimeS,
    virtualEnergyJ: (speedRatio, cpuTimeAtFullSpeedS) => maxPowerW * assumedVoltageRatio(speedRatio) ** 2 * cpuTimeAtFullSpeedS,
  }
}

function lawOf(cluster: Cluster, architecture: Board['architecture']): Pick<ClusterPower, 'basis' | 'maxPowerW' | 'corePowerW'> {
  const known = cluster.opps.filter((opp) => opp.powerW !== undefined)
  const topHz = cluster.opps.at(-1)?.freqHz
  // A vendor kernel has more OPPs than the device tree: as long as half are known, the others lie between.
  if (topHz !== undefined && known.length > 0 && known.length * 2 >= cluster.opps.length) {
    const knownHz = Float64Array.from(known, (opp) => opp.freqHz)
    const knownW = Float64Array.from(known, (opp) => opp.powerW as number)
    return { basis: 'opps', maxPowerW: interpolate(knownHz, knownW, topHz), corePowerW: (freqHz) => interpolate(knownHz, knownW, freqHz) }
  }
  const maxPowerW = assumedCorePowerW(cluster, architecture)
  if (topHz === undefined) return { basis: 'assumed', maxPowerW, corePowerW: () => maxPowerW }
  return { basis: 'assumed', maxPowerW, corePowerW: (freqHz) => (maxPowerW * assumedVoltageRatio(freqHz / topHz) ** 2 * freqHz) / topHz }
}

/** Linear between neighbours; proportional to frequency beyond both ends, where the voltage no longer changes. */
function interpolate(xs: Float64Array, ys: Float64Array, x: number): number {
  const last = xs.length - 1
  if (x <= (xs[0] as number)) return ((ys[0] as number) * x) / (xs[0] as number)
  for (let i = 1; i <= last; i++) {
    const right = xs[i] as number
    if (x > right) continue
    const left = xs[i - 1] as number
    return (ys[i - 1] as number) + (((ys[i] as number) - (ys[i - 1] as number)) * (x - left)) / (right - left)
  }
  return ((ys[last] as number) * x) / (xs[last] as number)
}
