import { formatCpuList } from '../linux/cpulist.ts'
import type { EnergySourceInfo } from '../linux/energy-source.ts'
import type { ThermalZone } from '../linux/thermal.ts'

/** An operating performance point of a cluster. */
export interface Opp {
  readonly freqHz: number
  readonly voltageV?: number
  /** One busy core (CPU) or the whole device (GPU, NPU), W. */
  readonly powerW?: number
}

/** Where OPPs come from: the driver's table, even steps between its limits (made up, as the driver has no table), or nowhere. */
export type OppsQuality = 'listed' | 'range' | 'none'

export type ClusterKind = 'cpu' | 'gpu' | 'npu'

/** Cores that share a clock, or a device with one. */
export interface Cluster {
  /** `cpu`; or `little`, `mid`, `big` with a number where several clusters are of one class; `gpu`, `npu`. */
  readonly id: string
  readonly kind: ClusterKind
  /** Device-tree compatible, e.g. `arm,cortex-a55`. */
  readonly coreType?: string
  /** All cores, online or not, ascending; empty for a device. */
  readonly cpus: readonly number[]
  /** Speed of one core at its top frequency relative to the board's biggest, in (0, 1]. */
  readonly capacity?: number
  /** Ascending. Empty: one OPP of unknown frequency. */
  readonly opps: readonly Opp[]
  readonly oppsQuality: OppsQuality
  readonly driver?: string
  readonly governor?: string
  /** cpufreq policies or the devfreq device that set this cluster's clock. More than one where every core has a policy of its own. */
  readonly policyPaths: readonly string[]
  /** Whether this user may set the frequency; 'absent': nobody can. */
  readonly writable: 'yes' | 'denied' | 'absent'
  /** Capacitance of one core (CPU) or the device, F: dynamic power is C V^2 f. */
  readonly capacitanceF?: number
}

/** Something that discovery noticed and a user may want to know. */
export interface Finding {
  /** The kernel file or folder it is about. */
  readonly where: string
  readonly what: string
}

/** A machine as a governor sees it. Plain data. */
export interface Board {
  readonly id: string
  readonly name: string
  /** 'catalogue': voltages or coefficients of a known board were added to what the kernel says. */
  readonly source: 'discovered' | 'catalogue'
  /** Instruction set family, which sets the assumed power where nothing is known. */
  readonly architecture: 'arm' | 'x86' | 'other'
  readonly root: string
  readonly clusters: readonly Cluster[]
  /** Highest CPU number + 1. */
  readonly cpuCount: number
  readonly onlineCpus: readonly number[]
  readonly thermalZones: readonly ThermalZone[]
  /** Those that say how hot the CPUs are: of the cores, else of the chip, else of the firmware. */
  readonly cpuZones: readonly ThermalZone[]
  /** Where the firmware of a known board throttles without the kernel's knowing, degrees C. */
  readonly firmwareTripC?: number
  readonly energySources: readonly EnergySourceInfo[]
  /** Whether the kernel reports pressure (PSI). */
  readonly psi: boolean
  readonly findings: readonly Finding[]
}

/**
 * Text that two boards share exactly when a checkpoint of one fits the other: model, clusters with their cores, number of OPPs. Frequencies are left out: the
 * top OPP differs from chip to chip of one model.
 */
export function fingerprintOf(board: Pick<Board, 'name' | 'clusters'>): string {
  const clusters = board.clusters.map((cluster) => {
    const cores = cluster.cpus.length === 0 ? '' : ` cpu ${formatCpuList(cluster.cpus)}`
    return `${cluster.id}${cores} ${cluster.opps.length} OPP`
  })
  return [board.name, ...clusters].join(' | ')
}
