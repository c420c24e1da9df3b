import { readCpufreqPolicies } from '../linux/cpufreq.ts'
import { formatCpuList } from '../linux/cpulist.ts'
import { type DevfreqDevice, readDevfreqDevices } from '../linux/devfreq.ts'
import { readEnergySources } from '../linux/energy-counter.ts'
import { readHwmonTemps } from '../linux/hwmon-temps.ts'
import { readModel } from '../linux/model.ts'
import { readCpuList } from '../linux/online.ts'
import { makeCpuPressure } from '../linux/psi.ts'
import { chooseCpuZones, readThermalZones, type ThermalZone } from '../linux/thermal.ts'
import { type CpuInfo, readCpus } from '../linux/topology.ts'
import type { Board, Cluster, Finding } from './board.ts'
import { addKnownFacts } from './catalogue.ts'
import { makeCpuClusters } from './cpu-clusters.ts'
import { findShipped } from './known/shipped.ts'

export interface DiscoverOptions {
  /** Folder that stands for `/`: a fixture, or a copy of somebody's sysfs. Default `/`. */
  readonly root?: string
  /** Adds voltages and coefficients of a board of the catalogue. Default true. */
  readonly catalogue?: boolean
}

/**
 * What the kernel says about this machine. Never throws for a poor one: a machine that says nothing is one cluster with one CPU and one OPP of unknown
 * frequency. Some milliseconds; reads small files only.
 */
export function discoverBoard({ root = '/', catalogue = true }: DiscoverOptions = {}): Board {
  const findings: Finding[] = []
  const cpus = cpusOf(root, findings)
  const online = readCpuList(root, 'online') ?? cpus.map((cpu) => cpu.cpu)
  const model = readModel(root)
  const name = model.name ?? 'unknown machine'
  const offline = cpus.map((cpu) => cpu.cpu).filter((cpu) => !online.includes(cpu))
  if (offline.length > 0) findings.push({ where: '/sys/devices/system/cpu/online', what: `CPUs ${formatCpuList(offline)} are offline` })
  const zones = readZones(root)
  const board: Board = {
    id: idOf(name),
    name,
    source: 'discovered',
    architecture: model.architecture,
    root,
    clusters: [...makeCpuClusters(cpus, readCpufreqPolicies(root), findings), ...deviceClusters(readDevfreqDevices(root))],
    cpuCount: Math.max(...cpus.map((cpu) => cpu.cpu), ...online) + 1,
    onlineCpus: online,
    thermalZones: zones,
    cpuZones: chooseCpuZones(zones),
    energySources: readEnergySources(root),
    psi: hasPressure(root),
    findings,
  }
  const known = catalogue ? findShipped(model.compatible) : undefined
  return known === undefined ? board : addKnownFacts(board, known)
}

function cpusOf(root: string, findings: Finding[]): CpuInfo[] {
  const folders = readCpus(root)
  const possible = new Set(readCpuList(root, 'present') ?? readCpuList(root, 'online') ?? folders.map((cpu) => cpu.cpu))
  // The kernel keeps folders for CPUs that firmware may add later; those are not present.
  const known = folders.filter((cpu) => possible.has(cpu.cpu))
  const bare = [...possible].filter((cpu) => !known.some((one) => one.cpu === cpu)).map((cpu) => ({ cpu }))
  const cpus = [...known, ...bare].sort((a, b) => a.cpu - b.cpu)
  if (cpus.length > 0) return cpus
  findings.push({ where: '/sys/devices/system/cpu', what: 'lists no CPUs: one is assumed' })
  return [{ cpu: 0 }]
}

/** The kernel's thermal zones; where none says how hot CPUs or chip are, what hwmon knows of them. */
function readZones(root: string): ThermalZone[] {
  const zones = readThermalZones(root)
  return zones.some(({ role }) => role === 'cpu' || role === 'soc') ? zones : [...zones, ...readHwmonTemps(root)]
}

function hasPressure(root: string): boolean {
  const pressure = makeCpuPressure(root)
  pressure?.close()
  return pressure !== undefined
}

function deviceClusters(devices: readonly DevfreqDevice[]): Cluster[] {
  const clusters: Cluster[] = []
  for (const device of devices) {
    if (device.kind !== 'gpu' && device.kind !== 'npu') continue
    const { kind } = device
    const others = devices.filter((other) => other.kind === kind)
    clusters.push({
      id: others.length > 1 ? `${kind}${others.indexOf(device)}` : kind,
      kind,
      coreType: device.name,
      cpus: [],
      opps: device.frequenciesHz.map((freqHz) => ({ freqHz })),
      oppsQuality: device.frequenciesHz.length > 0 ? 'listed' : 'none',
      ...(device.governor === undefined ? {} : { governor: device.governor }),
      policyPaths: [device.path],
      writable: device.writable,
    })
  }
  return clusters
}

function idOf(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/\((r|tm)\)/g, ' ')
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'unknown'
  )
}
