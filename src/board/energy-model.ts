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

export interface ClusterPower {
  readonly quality: Extract<Quality, 'estimated'>
  readonly basis: PowerBasis
  /** One busy core at the top frequency, W. */
  readonly maxPowerW: number
  /** One busy core at this frequency (real OPPs) or relative speed in (0, 1] (virtual ones), W. */
  corePowerW(frequency: number): number
  /**
   * Energy of CPU time, J. At a real OPP: P(freqHz) times the CPU time spent there.
   */
  energyJ(freqHz: number, cpuTimeS: number): number
  /**
   * Energy of work at a *virtual* OPP of speed s in (0, 1], J. The work is done at full speed in `cpuTimeAtFullSpeedS` and stretched by resting. A board that
   * really ran at speed s would be busy for cpuTime / s at power Pmax (V(s)/Vmax)^2 s, hence E = Pmax (V(s)/Vmax)^2 cpuTimeAtFullSpeedS: an estimate of what
   * such a board would use, not of what this machine uses.
   */
  virtualEnergyJ(speedRatio: number, cpuTimeAtFullSpeedS: number): number
}

/** Power of a cluster's cores. `corePowerW` and the energies allocate nothing. */
export function makeClusterPower(cluster: Cluster, architecture: Board['architecture']): ClusterPower {
  const known = cluster.opps.filter((opp) => opp.powerW !== undefined)
  const top = cluster.opps.at(-1)
  // A table with gaps, as of a vendor kernel with more OPPs than the device tree, is filled along its neighbours.
  const basis: PowerBasis = known.length > 0 && known.length * 2 >= cluster.opps.length ? 'opps' : 'assumed'
  const knownHz = Float64Array.from(known, (opp) => opp.freqHz)
  const knownW = Float64Array.from(known, (opp) => opp.powerW as number)
  const topHz = top?.freqHz ?? Number.NaN
  const topKnownW = knownW.at(-1) ?? Number.NaN
  const topKnownHz = knownHz.at(-1) ?? Number.NaN
  const maxPowerW = basis === 'opps' ? interpolate(knownHz, knownW, topHz) : assumedCorePowerW(cluster, architecture)

  const assumedW = (ratio: number) => maxPowerW * assumedVoltageRatio(ratio) ** 2 * ratio
  const corePowerW = (frequency: number) => {
    if (frequency <= 1) return basis === 'opps' ? interpolate(knownHz, knownW, frequency * topHz) : assumedW(frequency)
    if (basis === 'opps') return frequency > topKnownHz ? (topKnownW * frequency) / topKnownHz : interpolate(knownHz, knownW, frequency)
    // One OPP of unknown frequency runs at the top.
    return Number.isNaN(topHz) ? maxPowerW : assumedW(Math.min(1, frequency / topHz))
  }
  return {
    quality: 'estimated',
    basis,
    maxPowerW,
    corePowerW,
    energyJ: (freqHz, cpuTimeS) => corePowerW(freqHz) * cpuTimeS,
    virtualEnergyJ: (speedRatio, cpuTimeAtFullSpeedS) => maxPowerW * assumedVoltageRatio(speedRatio) ** 2 * cpuTimeAtFullSpeedS,
  }
}

/** Linear between neighbours; proportional to frequency beyond both ends, where the voltage no longer changes. */
function interpolate(xs: Float64Array, ys: Float64Array, x: number): number {
  const last = xs.length - 1
  if (last < 0 || Number.isNaN(x)) return last < 0 ? Number.NaN : (ys[last] as number)
  if (x <= (xs[0] as number)) return ((ys[0] as number) * x) / (xs[0] as number)
  for (let i = 1; i <= last; i++) {
    const right = xs[i] as number
    if (x > right) continue
    const left = xs[i - 1] as number
    return (ys[i - 1] as number) + (((ys[i] as number) - (ys[i - 1] as number)) * (x - left)) / (right - left)
  }
  return ((ys[last] as number) * x) / (xs[last] as number)
}
