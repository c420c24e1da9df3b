import { defaultMarginC } from '../core/guard.ts'
import type { Quality } from '../core/outcome.ts'
import { chooseEnergySources } from '../linux/energy-source.ts'
import { type Board, fingerprintOf } from './board.ts'
import { makeClusterPower } from './energy-model.ts'
import { governable } from './governable.ts'
import { heatLimits, whyNoHeatLimit } from './heat-limits.ts'
import type { SensorCheck } from './sensor-check.ts'

/** One thing that a governor reads, and how good it is here. */
export interface SensorState {
  readonly name: 'energy' | 'temperature' | 'interference' | 'pressure' | 'latency'
  readonly quality: Quality
  /** Where it comes from, or why there is none. */
  readonly from: string
}

/** A right that this user lacks, and the commands that grant it. */
export interface MissingPermission {
  readonly what: string
  readonly paths: readonly string[]
  /** Shell commands: the first holds until the next boot, the second from then on. */
  readonly commands: readonly string[]
  readonly warning?: string
}

/** What the guard above every agent can go by here. */
export interface GuardState {
  /** CPU zones with a limit: where the board throttles, and where the guard begins by default, degrees C. */
  readonly heat: readonly { readonly sensor: string; readonly tripC: number; readonly fromC: number }[]
  /** Why there is no thermal guard; left out where there is one. */
  readonly heatOff?: string
  /** How a power cap would be kept. */
  readonly power: Quality
}

/** What `flyball doctor` says of a board. Plain data. */
export interface Diagnosis {
  readonly governs: string
  readonly fingerprint: string
  readonly sensors: readonly SensorState[]
  readonly guard: GuardState
  readonly permissions: readonly MissingPermission[]
  /** Estimated power of one busy core at its top frequency, by cluster, W. */
  readonly corePower: readonly { readonly cluster: string; readonly maxPowerW: number; readonly basis: 'opps' | 'assumed' }[]
}

/** `checks`: what the sensors said when they were looked at; left out: what is there is taken for good. */
export function diagnose(board: Board, checks: readonly SensorCheck[] = []): Diagnosis {
  const corePower = board.clusters
    .filter((cluster) => cluster.kind === 'cpu')
    .map((cluster) => {
      const { maxPowerW, basis } = makeClusterPower(cluster, board.architecture)
      return { cluster: cluster.id, maxPowerW, basis }
    })
  return {
    governs: governable(board),
    fingerprint: fingerprintOf(board),
    guard: guardState(board, checks),
    sensors: [energyState(board, checks), temperatureState(board, checks), ...loadStates(board)],
    permissions: [...energyPermissions(board), ...frequencyPermissions(board)],
    corePower,
  }
}

function guardState(board: Board, checks: readonly SensorCheck[]): GuardState {
  const heat = heatLimits(board)
    .filter(({ tripC }) => Number.isFinite(tripC))
    .map(({ sensor, tripC }) => ({ sensor, tripC, fromC: tripC - defaultMarginC }))
  const why = whyNoHeatLimit(board)
  return { heat, ...(why === undefined ? {} : { heatOff: why }), power: energyState(board, checks).quality }
}

function energyState(board: Board, checks: readonly SensorCheck[]): SensorState {
  const chosen = chooseEnergySources(board.energySources)
  const bad = checks.find(({ kind, use, quality }) => kind !== 'temperature' && use === 'used' && quality !== 'measured')
  if (bad !== undefined)
    return { name: 'energy', quality: 'estimated', from: `CPU time times modelled power of a core: ${bad.label} ${bad.problem ?? 'is not believed'}` }
  if (chosen.length > 0)
    return { name: 'energy', quality: 'measured', from: `${chosen.map((source) => source.name).join(' + ')} (${chosen[0]?.scope})` }
  const denied = board.energySources.filter((source) => source.access === 'denied' && source.coversCpu).map((source) => source.name)
  const why = denied.length > 0 ? `${denied.join(', ')} may not be read by this user` : 'no sensor covers the CPUs'
  return { name: 'energy', quality: 'estimated', from: `CPU time times modelled power of a core: ${why}` }
}

function temperatureState(board: Board, checks: readonly SensorCheck[]): SensorState {
  const bad = checks.filter(({ kind, quality }) => kind === 'temperature' && quality !== 'measured').map(({ label }) => label)
  const zones = board.cpuZones.filter((zone) => zone.tempC !== undefined && !bad.includes(zone.type))
  if (zones.length > 0) return { name: 'temperature', quality: 'measured', from: zones.map((zone) => zone.type).join(', ') }
  const why = board.thermalZones.length === 0 ? 'the kernel has no thermal zones' : 'no zone of the CPUs answers'
  return { name: 'temperature', quality: 'absent', from: why }
}

function loadStates(board: Board): SensorState[] {
  return [
    { name: 'interference', quality: 'measured', from: 'busy time of each core less our own threads (/proc/stat, thread clocks)' },
    board.psi
      ? { name: 'pressure', quality: 'measured', from: '/proc/pressure/cpu' }
      : { name: 'pressure', quality: 'absent', from: 'the kernel reports no pressure; where it is built in, boot with psi=1' },
    { name: 'latency', quality: 'measured', from: 'monotonic clock, arrival to answer' },
  ]
}

function energyPermissions(board: Board): MissingPermission[] {
  const paths = board.energySources.filter((source) => source.access === 'denied' && source.coversCpu).flatMap((source) => source.paths)
  if (paths.length === 0) return []
  const pattern = '/sys/class/powercap/intel-rapl:*/energy_uj'
  return [
    {
      what: 'measure energy',
      paths,
      commands: [
        `sudo chgrp "$(id -gn)" ${pattern} && sudo chmod g+r ${pattern}`,
        `echo "z ${pattern} 0440 root $(id -gn)" | sudo tee /etc/tmpfiles.d/flyball-energy.conf`,
      ],
      warning:
        'who reads these counters can spy on other programs of this machine (CVE-2020-8694): grant it to a group of your own, not to everybody',
    },
  ]
}

function frequencyPermissions(board: Board): MissingPermission[] {
  const denied = board.clusters.filter((cluster) => cluster.kind === 'cpu' && cluster.writable === 'denied')
  if (denied.length === 0) return []
  const files = ['scaling_min_freq', 'scaling_max_freq'].map((name) => `/sys/devices/system/cpu/cpufreq/policy*/${name}`)
  const lines = files.map((file) => `z ${file} 0664 root $(id -gn)`).join('\\n')
  return [
    {
      what: 'set frequencies',
      paths: denied.flatMap((cluster) => cluster.policyPaths),
      commands: [
        `sudo chgrp "$(id -gn)" ${files.join(' ')} && sudo chmod g+w ${files.join(' ')}`,
        `printf "${lines}\\n" | sudo tee /etc/tmpfiles.d/flyball-frequency.conf`,
      ],
    },
  ]
}
