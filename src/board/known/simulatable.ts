import type { KnownBoard, KnownCluster } from './schema.ts'

/** Something that a simulator needs and a board file does not say. */
export interface Gap {
  /** Path in the board file: `clusters.a53.capacitanceF`. */
  readonly field: string
  /** A word or two for a table: `power`. */
  readonly short: string
  /** What is missing, and what to write there. */
  readonly what: string
}

/** With no `missing` a board has all that a simulator needs of it. */
export interface Simulatable {
  readonly ok: boolean
  readonly missing: readonly Gap[]
}

/**
 * Whether a board says enough to simulate it: of each CPU cluster cores, two OPPs and more with voltage or power, the power of each, and how fast it is where core types differ;
 * the bandwidth of a core; and when heat throttles. GPUs and NPUs may stay unknown: nothing runs there.
 */
export function simulatable(board: KnownBoard): Simulatable {
  const cpus = board.clusters.filter((cluster) => cluster.kind === 'cpu')
  // Cores of one type differ in clock alone.
  const differ = cpus.length > 1 && cpus.some(({ coreType }) => coreType === undefined || coreType !== cpus[0]?.coreType)
  const missing = [
    ...(cpus.length > 0 ? [] : [{ field: 'clusters', short: 'CPU clusters', what: "no cluster of kind 'cpu': add one" }]),
    ...cpus.flatMap((cluster) => clusterGaps(cluster, differ)),
    ...memoryGaps(board),
    ...thermalGaps(board),
  ]
  return { ok: missing.length === 0, missing }
}

function clusterGaps(cluster: KnownCluster, differ: boolean): Gap[] {
  const { id, opps } = cluster
  const gaps: Gap[] = []
  const gap = (field: string, short: string, what: string): void => {
    gaps.push({ field: `clusters.${id}.${field}`, short, what })
  }
  if (cluster.cpus.length === 0) gap('cpus', 'cores', 'no CPU numbers: give those of Linux, as [0, 1]')
  if (opps.length < 2) gap('opps', 'OPPs', `${opps.length} known: give at least 2, each with freqHz and voltageV or powerW`)
  const bare = opps.filter((opp) => opp.voltageV === undefined && opp.powerW === undefined).length
  if (bare > 0) gap('opps', 'voltages', `${bare} of ${opps.length} have neither voltageV nor powerW: give one of them for each`)
  if (cluster.capacitanceF === undefined && opps.some((opp) => opp.powerW === undefined))
    gap('capacitanceF', 'power', 'no capacitanceF to make power of voltages: give it (dynamic-power-coefficient times 1e-12), or powerW of each OPP')
  if (differ && cluster.capacity === undefined)
    gap('capacity', 'capacity', 'unknown how fast a core is beside those of other clusters: give capacity, 1 for the fastest')
  return gaps
}

function memoryGaps(board: KnownBoard): Gap[] {
  const known = board.memory?.bandwidth ?? []
  if (known.length > 0) return []
  return [{ field: 'memory.bandwidth', short: 'bandwidth', what: 'no bandwidth: give at least one, as memcpy of one core, B/s' }]
}

function thermalGaps(board: KnownBoard): Gap[] {
  const zones = board.thermalZones ?? []
  const throttles = zones.some((zone) => zone.rc !== undefined || zone.trips.some((trip) => trip.type !== 'active' && trip.type !== 'critical'))
  if (throttles) return []
  return [
    { field: 'thermalZones', short: 'thermal trips', what: 'no zone that throttles: give one with a passive, hot or firmware trip, or with rc' },
  ]
}
