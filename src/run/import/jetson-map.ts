import { FlyballError } from '../../core/errors.ts'
import { type ImportMap, type LatencyMap, mapSchemaName } from './map.ts'
import { type Cell, type RowOptions, readRows } from './rows.ts'

const settings = ['powerMode', 'jetsonClocks', 'gpu.freqHz', 'cpu.freqHz', 'emc.freqHz', 'cpu.cores'] as const
const kinds: Readonly<Record<string, ImportMap['knobs'][number]['kind']>> = { 'cpu.cores': 'cores', powerMode: 'other', jetsonClocks: 'other' }
const seen = ['tempC', 'cpu.load', 'gpu.load', 'ramRatio'] as const
/** A text that is long in most records is no setting. */
const enough = 2

/**
 * The map of a log of tegrastats or jtop. Knobs are the settings that changed in it; what had been seen is that of the record before, as load and temperature follow from the choice. The energy of a record without latencies is that of
 * the time since the one before. Throws ERR_LOG for a log in which nothing was changed, naming what there is.
 */
export async function jetsonMap(paths: readonly string[], options: RowOptions, every: string, latencies: LatencyMap | undefined): Promise<ImportMap> {
  const values = new Map<string, Set<Cell>>()
  for (const path of paths)
    for await (const { cells } of readRows(path, options, { torn: 0, foreign: 0 }))
      for (const name in cells) {
        const cell = cells[name] as Cell
        const known = values.get(name) ?? new Set<Cell>()
        // How many there are is asked later: here it matters whether there are several.
        if (cell !== null && known.size < enough) known.add(cell)
        values.set(name, known)
      }
  const has = (name: string): boolean => (values.get(name)?.size ?? 0) > 0
  const knobs = settings.filter((name) => (values.get(name)?.size ?? 0) >= enough)
  if (knobs.length === 0)
    throw new FlyballError(
      'ERR_LOG',
      `${paths.join(', ')}: no setting changed in this log (${settings.filter(has).join(', ') || 'it tells no clocks: tegrastats shows them to root alone'}), so there is nothing to choose between; expected a log over several clocks or power modes, or a map that names other knobs among ${[...values.keys()].join(', ')}`,
    )
  return {
    schema: mapSchemaName,
    board: 'jetson',
    energyScope: 'board',
    time: has('time') ? { column: 'time', ...(typeof [...(values.get('time') as Set<Cell>)][0] === 'number' ? { unit: 's' } : {}) } : { every },
    knobs: knobs.map((name) => ({
      column: name,
      ...(kinds[name] === undefined ? {} : { kind: kinds[name] }),
      ...(name.endsWith('freqHz') ? { unit: 'Hz' } : {}),
    })),
    monitors: seen.filter(has).map((name) => ({ column: name })),
    monitorsFrom: 'previousRow',
    outcomes: has('powerW') ? { powerW: { column: 'powerW', unit: 'W' } } : {},
    ...(latencies === undefined ? {} : { latencies }),
  }
}
