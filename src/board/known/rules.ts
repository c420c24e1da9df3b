import { figuresOf, fitOf, pathOf, sourcesOf, splitSources } from './figures.ts'
import type { KnownBoard } from './schema.ts'

/** What is wrong with a board file whose fields are all well formed: the field, what was found, what would be right. Undefined: nothing. */
export function problemOf(board: KnownBoard): string | undefined {
  return orderProblem(board) ?? nameProblem(board) ?? sourceProblem(board)
}

/** Frequencies ascend in every table. */
function orderProblem(board: KnownBoard): string | undefined {
  const tables: [string, readonly { freqHz: number }[]][] = board.clusters.flatMap((cluster, c) => [
    [`clusters.${c}.opps`, cluster.opps],
    ...(cluster.variants ?? []).map(({ opps }, i): [string, typeof opps] => [`clusters.${c}.variants.${i}.opps`, opps]),
  ])
  tables.push(['memory.opps', board.memory?.opps ?? []])
  const measured: [string, readonly { points: readonly { freqHz: number }[] }[] | undefined][] = [
    ['measured.workloads', board.measured?.workloads],
    ['measured.voltages', board.measured?.voltages],
    ['relativePower', board.relativePower],
  ]
  for (const [path, rows] of measured) for (const [i, { points }] of rows?.entries() ?? []) tables.push([`${path}.${i}.points`, points])
  for (const [path, rows] of tables)
    for (let i = 1; i < rows.length; i++) {
      const [before, here] = [rows[i - 1]?.freqHz as number, rows[i]?.freqHz as number]
      if (here <= before) return `${path}.${i}.freqHz is ${here}: expected more than the ${before} Hz before it`
    }
  return undefined
}

/** Every cluster that is named is there, and no CPU is in two. */
function nameProblem(board: KnownBoard): string | undefined {
  const ids = board.clusters.map((cluster) => cluster.id)
  for (const [c, id] of ids.entries()) if (ids.indexOf(id) !== c) return `clusters.${c}.id is '${id}': expected a name of its own`
  const owners = new Map<number, string>()
  for (const [c, { id, cpus }] of board.clusters.entries())
    for (const [i, cpu] of cpus.entries()) {
      const owner = owners.get(cpu)
      if (owner !== undefined) return `clusters.${c}.cpus.${i} is ${cpu}: expected a CPU that is not in '${owner}' already`
      owners.set(cpu, id)
    }
  for (const [path, name, others] of namedClusters(board))
    if (!ids.includes(name) && !others.includes(name)) return `${path} is '${name}': expected one of ${[...ids, ...others].join(', ')}`
  return undefined
}

type Named = [path: string, name: string, others: readonly string[]]

function namedClusters(board: KnownBoard): Named[] {
  const named: Named[] = []
  const collect = (path: string, rows: readonly { cluster?: string | undefined }[] | undefined): void => {
    for (const [i, { cluster }] of rows?.entries() ?? []) if (cluster !== undefined) named.push([`${path}.${i}.cluster`, cluster, []])
  }
  for (const key of ['bandwidth', 'latency', 'caches'] as const) collect(`memory.${key}`, board.memory?.[key])
  for (const key of ['workloads', 'voltages', 'fits'] as const) collect(`measured.${key}`, board.measured?.[key])
  collect('relativePower', board.relativePower)
  for (const [m, mode] of board.powerModes?.entries() ?? []) collect(`powerModes.${m}.limits`, mode.limits)
  for (const [s, sensor] of board.sensors?.entries() ?? [])
    for (const [i, name] of sensor.of.entries()) named.push([`sensors.${s}.of.${i}`, name, ['board', 'module', 'memory', 'soc']])
  for (const [z, zone] of board.thermalZones?.entries() ?? [])
    for (const [t, trip] of zone.trips.entries())
      for (const [i, { device }] of trip.throttles?.entries() ?? [])
        named.push([`thermalZones.${z}.trips.${t}.throttles.${i}.device`, device, ['fan']])
  return named
}

/** Every figure has a source, and every source a figure. */
export function sourceProblem(document: Pick<KnownBoard, 'sources'>): string | undefined {
  const figures = figuresOf(document)
  const sources = splitSources(document.sources)
  for (const [s, { source, paths }] of sources.entries()) {
    const kinds = [source.document ?? source.derived, source.assumed].filter((kind) => kind !== undefined)
    if (kinds.length !== 1) return `sources.${s} has ${kinds.length === 0 ? 'none' : 'both'}: expected document or derived, or else assumed`
    for (const [i, path] of paths.entries())
      if (!figures.some((figure) => fitOf(path, figure) > 0))
        return `sources.${s}.fields.${i} is '${path.join('.')}': no figure of this file is there`
  }
  const bare = figures.find((figure) => sourcesOf(figure, sources).length === 0)
  if (bare === undefined) return undefined
  return `${pathOf(bare)} has no source: expected one in 'sources' whose 'fields' name it or what it is in, if need be with assumed: 'why'`
}
