import { FlyballError } from '../../core/errors.ts'
import type { ImportSource } from './decisions.ts'
import { jetsonMap } from './jetson-map.ts'
import { guessLatencyMap } from './latencies.ts'
import { type ImportMap, type LatencyMap, readMap } from './map.ts'
import { formatByName, type LogFormat, type RowOptions, readRows } from './rows.ts'

export interface ImportRequest {
  readonly files: readonly string[]
  /** Path of the map; may be left out for tegrastats and jtop. */
  readonly map?: string | undefined
  readonly from?: LogFormat | undefined
  /** One file of an application's latencies for each log. */
  readonly latencies: readonly string[]
  /** Between two records that have no time. */
  readonly interval: string
  /** Added to the log's times, as `2h`. */
  readonly timeOffset?: string | undefined
}

/** Puts together what is to be imported. Throws ERR_USAGE, and ERR_LOG for a map or a log that is wrong. */
export async function importSource(request: ImportRequest): Promise<ImportSource> {
  const { files, latencies } = request
  const [first] = files
  if (first === undefined) throw new FlyballError('ERR_USAGE', 'trace import: no log was named')
  if (latencies.length > 0 && latencies.length !== files.length)
    throw new FlyballError('ERR_USAGE', `--latencies: ${latencies.length} files for ${files.length} logs, expected one for each`)
  const stated = request.map === undefined ? undefined : readMap(request.map)
  const format = request.from ?? stated?.format ?? formatByName(first)
  if (format === undefined) throw new FlyballError('ERR_USAGE', `${first}: what is it? Expected --from csv, tsv, jsonl, parquet, tegrastats or jtop`)
  const options: RowOptions = { format, delimiter: stated?.delimiter }
  const joined = latencies[0] === undefined ? undefined : (stated?.latencies ?? (await guessLatencyMap(latencies[0])))
  const map = stated ?? (await builtIn(files, options, request.interval, joined))
  if (joined === undefined && map.latencies !== undefined)
    throw new FlyballError('ERR_USAGE', `${request.map} joins latencies, expected --latencies FILE for each log`)
  return { files, map: moved(joined === undefined ? map : { ...map, latencies: joined }, request.timeOffset), options, latencies }
}

async function builtIn(files: readonly string[], options: RowOptions, interval: string, latencies: LatencyMap | undefined): Promise<ImportMap> {
  const [first] = files as [string]
  if (options.format === 'tegrastats' || options.format === 'jtop') {
    const map = await jetsonMap(files, options, interval, latencies)
    if (latencies !== undefined && map.time !== undefined && 'every' in map.time)
      throw new FlyballError(
        'ERR_LOG',
        `${first}: its lines have no time, so latencies cannot be joined; expected those of JetPack 5 or later, or of 'tegrastats | ts "%Y-%m-%dT%H:%M:%.S%z"'`,
      )
    return map
  }
  for await (const { cells } of readRows(first, options, { torn: 0, foreign: 0 }))
    throw new FlyballError(
      'ERR_USAGE',
      `${first}: which columns are knobs and outcomes? Expected --map MAP.json (docs/import.md); there are ${Object.keys(cells).join(', ')}`,
    )
  throw new FlyballError('ERR_LOG', `${first} has no record, expected one per decision`)
}

function moved(map: ImportMap, offset: string | undefined): ImportMap {
  if (offset === undefined) return map
  if (map.time === undefined || 'every' in map.time) throw new FlyballError('ERR_USAGE', '--time-offset: the log has no column of time')
  return { ...map, time: { ...map.time, offset } }
}
