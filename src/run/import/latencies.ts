import { FlyballError } from '../../core/errors.ts'
import { checkColumns, makeCells, scaleOf } from './cells.ts'
import type { LatencyMap, QuantityMap } from './map.ts'
import { formatByName, placeOf, type Row, type RowOptions, readRows, type Unread } from './rows.ts'
import { timeReader } from './samples.ts'

/** What an application logged of one answer. NaN for what it did not. */
export interface LoggedLatency {
  readonly row: Row
  readonly timeS: number
  readonly latencyS: number
  readonly accuracy: number
  readonly confidence: number
  readonly deadlineS: number
}

const timeNames = ['time', 'timestamp', 'timeS', 'time_s', 't', 'ts']
const latencyNames = ['latency', 'latencyS', 'latency_s', 'latencyMs', 'latency_ms', 'latencyUs', 'latency_us', 'inference_ms', 'inference_s']

/**
 * The map of a file of latencies that none was given for: a column of time, and one of latency whose name says its unit. Throws ERR_LOG naming the columns that there are.
 */
export async function guessLatencyMap(path: string): Promise<LatencyMap> {
  for await (const { cells } of readRows(path, optionsOf(path), { torn: 0, foreign: 0 })) {
    const columns = Object.keys(cells)
    const find = (names: readonly string[]): string | undefined =>
      names.flatMap((name) => columns.filter((column) => column.toLowerCase() === name.toLowerCase()))[0]
    const time = find(timeNames)
    const latency = find(latencyNames)
    if (time === undefined || latency === undefined)
      throw new FlyballError(
        'ERR_LOG',
        `${path}: which columns are time and latency? Found ${columns.join(', ')}; expected names as time and latency_ms, or "latencies" in a map`,
      )
    const unit = /ms$/i.test(latency) ? 'ms' : /us$/i.test(latency) ? 'us' : 's'
    if (latency.toLowerCase() === 'latency')
      throw new FlyballError('ERR_LOG', `${path}: is column latency in s or ms? Expected a name as latency_ms, or "latencies" in a map`)
    return {
      time: { column: time, ...(/^[\d.e+]+$/.test(String(cells[time])) ? { unit: epochUnit(Number(cells[time])) } : {}) },
      latencyS: { column: latency, unit },
    }
  }
  throw new FlyballError('ERR_LOG', `${path} has no record, expected one per answer`)
}

/** Seconds since 1970 have not reached 1e11 before the year 5138. */
const epochUnit = (time: number): string => (time < 1e11 ? 's' : time < 1e14 ? 'ms' : time < 1e17 ? 'us' : 'ns')

const optionsOf = (path: string): RowOptions => ({ format: formatByName(path) ?? 'csv' })

/** Latencies in order of time. Throws ERR_LOG naming file, record, line and column. */
export async function* latenciesOf(path: string, map: LatencyMap, unread: Unread): AsyncGenerator<LoggedLatency> {
  const options = optionsOf(path)
  const cells = makeCells(path)
  const reader = (one: QuantityMap | undefined, kind: 'time' | 'ratio', field: string): ((row: Row) => number) => {
    if (one === undefined) return () => Number.NaN
    const scale = scaleOf(one.unit, kind, `latencies.${field}`)
    return (row) => {
      const value = cells.number(row, one.column, scale)
      if (value < 0 || (kind === 'time' && value === 0) || (kind === 'ratio' && value > 1))
        cells.fail(row, one.column, kind === 'time' ? 'is not above 0' : 'is no share from 0 to 1')
      return value
    }
  }
  const timeOf = timeReader(path, map.time, options.format)
  const latency = reader(map.latencyS, 'time', 'latencyS')
  const accuracy = reader(map.accuracy, 'ratio', 'accuracy')
  const confidence = reader(map.confidence, 'ratio', 'confidence')
  const deadline = reader(map.deadlineS, 'time', 'deadlineS')
  const named = [map.time, map.latencyS, map.accuracy, map.confidence, map.deadlineS].flatMap((one) => (one === undefined ? [] : [one.column]))
  let beforeS = Number.NEGATIVE_INFINITY
  for await (const row of readRows(path, options, unread)) {
    if (beforeS === Number.NEGATIVE_INFINITY) checkColumns(path, named, new Set(Object.keys(row.cells)))
    const timeS = timeOf(row)
    if (timeS < beforeS)
      throw new FlyballError(
        'ERR_LOG',
        `${placeOf(path, row)}, column ${map.time.column}: is ${Number((beforeS - timeS).toPrecision(3))} s before the record above, expected records in order of time`,
      )
    beforeS = timeS
    yield { row, timeS, latencyS: latency(row), accuracy: accuracy(row), confidence: confidence(row), deadlineS: deadline(row) }
  }
}
