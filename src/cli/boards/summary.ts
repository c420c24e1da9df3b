import { gradeOf, type OppGrade, oppPowerW } from '../../board/known/power.ts'
import type { KnownBoard, KnownCluster } from '../../board/known/schema.ts'
import { type Gap, simulatable } from '../../board/known/simulatable.ts'
import { formatQuantity } from '../../core/units.ts'
import { formatCpuList } from '../../linux/cpulist.ts'
import { formatTable } from '../print.ts'

type Bandwidth = NonNullable<NonNullable<KnownBoard['memory']>['bandwidth']>[number]

/** How the power of a cluster's OPPs is known. */
type PowerBasis = 'per OPP' | 'C V^2 f' | null

/** A board of `flyball boards --json`. */
export interface BoardSummary {
  readonly id: string
  readonly name: string
  readonly soc: string | null
  readonly clusters: readonly {
    readonly id: string
    readonly kind: KnownCluster['kind']
    readonly coreType: string | null
    readonly cpus: readonly number[]
    readonly opps: number
    readonly minFreqHz: number | null
    readonly maxFreqHz: number | null
    readonly grade: OppGrade
    readonly power: PowerBasis
    /** Whether power per workload and frequency was measured. */
    readonly measured: boolean
  }[]
  /** Best memcpy of one core, B/s; where none is known, the best of another kind. */
  readonly memory: { readonly bandwidthBps: number | null; readonly kind: Bandwidth['kind'] | null }
  readonly thermal: { readonly zones: number; readonly trips: number; readonly rc: boolean }
  /** Rails that can be read, and whether anybody confirmed one; null: unknown. */
  readonly sensors: { readonly rails: number; readonly confirmed: boolean } | null
  readonly simulatable: boolean
  readonly missing: readonly Gap[]
}

export function summaryOf(board: KnownBoard): BoardSummary {
  const zones = board.thermalZones ?? []
  const { ok, missing } = simulatable(board)
  return {
    id: board.id,
    name: board.name,
    soc: board.soc ?? null,
    clusters: board.clusters.map((cluster) => ({
      id: cluster.id,
      kind: cluster.kind,
      coreType: cluster.coreType ?? null,
      cpus: cluster.cpus,
      opps: cluster.opps.length,
      minFreqHz: cluster.opps[0]?.freqHz ?? null,
      maxFreqHz: cluster.opps.at(-1)?.freqHz ?? null,
      grade: gradeOf(cluster),
      power: powerBasis(cluster),
      measured: (board.measured?.workloads ?? []).some((one) => one.cluster === cluster.id),
    })),
    memory: bestBandwidth(board),
    thermal: {
      zones: zones.length,
      trips: zones.reduce((sum, zone) => sum + zone.trips.length, 0),
      rc: zones.some((zone) => zone.rc !== undefined),
    },
    sensors:
      board.sensors === undefined
        ? null
        : { rails: board.sensors.length, confirmed: board.sensors.some((sensor) => sensor.quality === 'documented') },
    simulatable: ok,
    missing,
  }
}

function powerBasis(cluster: KnownCluster): PowerBasis {
  if (cluster.opps.length === 0 || cluster.opps.some((opp) => oppPowerW(cluster, opp) === undefined)) return null
  return cluster.opps.every((opp) => opp.powerW !== undefined) ? 'per OPP' : 'C V^2 f'
}

function bestBandwidth(board: KnownBoard): BoardSummary['memory'] {
  const known = board.memory?.bandwidth ?? []
  const copies = known.filter((one) => one.kind === 'memcpy')
  const [best] = [...(copies.length > 0 ? copies : known)].sort((a, b) => b.bandwidthBps - a.bandwidthBps)
  return { bandwidthBps: best?.bandwidthBps ?? null, kind: best?.kind ?? null }
}

const header = ['board', 'name', 'cluster', 'cores', 'frequencies', 'OPPs', 'power', 'bandwidth', 'thermal', 'sensors', 'simulation']

/** One row a cluster; what belongs to the board stands in its first row. */
export function boardTable(boards: readonly KnownBoard[]): string[] {
  return formatTable([header, ...boards.map(summaryOf).flatMap(rowsOf)], 'left')
}

function rowsOf(board: BoardSummary): string[][] {
  return board.clusters.map((cluster, i) => {
    const { zones, rc } = board.thermal
    const { bandwidthBps, kind } = board.memory
    const own = (text: string): string => (i === 0 ? text : '')
    const power = [cluster.power, cluster.measured ? 'measured' : null].filter((part) => part !== null)
    return [
      own(board.id),
      own(board.name),
      cluster.id,
      cluster.cpus.length > 0 ? formatCpuList(cluster.cpus) : cluster.kind === 'cpu' ? '-' : cluster.kind,
      cluster.opps === 0 ? '-' : `${formatQuantity(cluster.minFreqHz, 'frequency')} to ${formatQuantity(cluster.maxFreqHz, 'frequency')}`,
      cluster.grade,
      power.length === 0 ? '-' : power.join(', '),
      own(formatQuantity(bandwidthBps, 'bandwidth') + (kind === null || kind === 'memcpy' ? '' : ` ${kind}`)),
      own(zones === 0 ? '-' : `${zones} zone${zones === 1 ? '' : 's'}${rc ? ', RC' : ''}`),
      own(sensorText(board.sensors)),
      own(board.simulatable ? 'yes' : `lacks ${[...new Set(board.missing.map((gap) => gap.short))].join(', ')}`),
    ]
  })
}

function sensorText(sensors: BoardSummary['sensors']): string {
  if (sensors === null) return '-'
  return sensors.rails === 0 ? 'none' : `${sensors.rails}${sensors.confirmed ? '' : ' unverified'}`
}
