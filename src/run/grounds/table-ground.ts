import { makeTableEnv } from '../../../envs/table/table-env.ts'
import { tableSpaces } from '../../../envs/table/table-spaces.ts'
import type { WorldMaker, WorldSite } from '../../../envs/world/world.ts'
import { fixKnobs } from '../../table/fix.ts'
import type { MeasuredTable } from '../../table/table.ts'
import type { Ground } from './ground.ts'

export interface TableGroundOptions {
  readonly table: MeasuredTable
  /** Knobs to freeze, as `batch=1`. */
  readonly fix?: readonly string[] | undefined
  /** Standard deviation of a latency over its mean, in [0, 1). */
  readonly noiseRatio?: number | undefined
  readonly world?: WorldMaker | undefined
  /** Name of the scenario or trace that makes the world. */
  readonly scenarioName?: string | undefined
}

/** A measured table to compare agents on. Throws ERR_USAGE or ERR_UNKNOWN_KNOB for what cannot be fixed. */
export function tableGround({ table: whole, fix = [], noiseRatio = 0, world, scenarioName }: TableGroundOptions): Ground {
  const table = fixKnobs(whole, fix)
  const nominal = table.points.map((_, a) => ({
    latencyS: table.latencyS[a] as number,
    energyJ: table.energyJ[a] as number,
    accuracy: table.accuracy[a] as number,
  }))
  const { energyJ: energyQuality, accuracy: accuracyQuality } = table.quality
  const site: WorldSite = { clusters: table.clusters, spaces: tableSpaces(table), nominal }
  const first = world?.(site)
  const wished = first?.objective
  const unknown = (wished === 'energy' && energyQuality === 'absent') || (wished === 'accuracy' && accuracyQuality === 'absent')
  const labels = [
    // A profile of a simulated board says so itself.
    table.device.startsWith('simulated') ? table.device : `${table.quality.latencyS}: ${table.device}`,
    ...(fix.length === 0 ? [] : [`fixed: ${fix.join(', ')}`]),
    ...(energyQuality === 'measured' ? [] : [`energy: ${energyQuality}`]),
    ...(noiseRatio > 0 ? [`overlay: noise ${Number((noiseRatio * 100).toPrecision(3))} %`] : []),
    ...(world === undefined ? [] : [`overlay: interference, lost cores, drift and arrivals of ${scenarioName ?? 'a world'}; no heat`]),
    ...(unknown
      ? [`${scenarioName ?? 'its world'} is about ${wished}, which is unknown here: the objective is weighted unless --objective says otherwise`]
      : []),
    ...table.notes,
  ]
  return {
    id: `table:${table.name}${scenarioName === undefined ? '' : `@${scenarioName}`}`,
    spaces: site.spaces,
    nominal,
    energyQuality,
    energyScope: table.energyScope,
    labels,
    objective: unknown ? undefined : wished,
    phases: first?.phases ?? [{}],
    heat: false,
    // Every environment has a world of its own, as worlds remember where they are.
    open: (requirements) => makeTableEnv({ table, requirements, noiseRatio, world: world?.(site) }),
  }
}
