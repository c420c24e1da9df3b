import { readFileSync } from 'node:fs'
import { FlyballError } from '../core/errors.ts'
import type { Quality } from '../core/outcome.ts'
import type { Knob, OperatingPoint } from '../core/spaces.ts'
import { parseCsv } from './cells.ts'
import type { TablePair } from './find.ts'
import { knobOf, orderSubnets } from './knobs.ts'
import { checkUnits } from './plausible.ts'
import { readRows } from './rows.ts'
import { parseHalf, type TableHalf } from './schema.ts'
import { isOutcomeName, type MeasuredTable, type TableCluster } from './table.ts'

/** Reads both halves of a table. Throws ERR_TABLE. */
export function readTable(pair: TablePair): MeasuredTable {
  return parseTable({ json: readHalf(pair.json), csv: readHalf(pair.csv), jsonPath: pair.json, csvPath: pair.csv, name: pair.name })
}

function readHalf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new FlyballError('ERR_TABLE', `${path} cannot be read, expected half of a measured table: ${(error as Error).message}`, { cause: error })
  }
}

export interface TableTexts {
  readonly json: string
  readonly csv: string
  /** Names of the halves in errors. */
  readonly jsonPath: string
  readonly csvPath: string
  /** Where the JSON gives none. */
  readonly name: string
}

/** The table in two texts. Pure. Throws ERR_TABLE, which names file, line, operating point and column, or the field of the JSON. */
export function parseTable({ json, csv, jsonPath, csvPath, name }: TableTexts): MeasuredTable {
  const half = parseHalf(json, jsonPath)
  const knobs = half.knobs.map((knob) => knobOf(knob, jsonPath))
  const outcomes = half.outcomes.filter(isOutcomeName)
  const rows = readRows({ ...parseCsv(csv, csvPath), knobs, outcomes, where: csvPath })
  const { points } = rows
  if (half.rows !== undefined && half.rows !== points.length)
    throw new FlyballError(
      'ERR_TABLE',
      `${csvPath} has ${points.length} rows, expected ${half.rows} as ${jsonPath} says: is one of the two halves cut off?`,
    )
  if (half.features !== undefined && half.features.rows.length !== points.length)
    throw new FlyballError('ERR_TABLE', `${jsonPath}: features.rows has ${half.features.rows.length} rows, expected ${points.length}, one per point`)
  const notes = checkUnits({ rows, where: csvPath, secondsStated: secondsStated(half) })
  if (rows.unread.length > 0) notes.push(`columns neither knob nor outcome are not read: ${rows.unread.join(', ')}`)

  const none = (): Float64Array => new Float64Array(points.length).fill(Number.NaN)
  const latencyS = rows.outcomes.get('latencyS') as Float64Array
  const powerW = rows.outcomes.get('powerW')
  const energyJ = rows.outcomes.get('energyJ') ?? powerW?.map((watts, a) => watts * (latencyS[a] as number)) ?? none()
  const accuracy = rows.outcomes.get('accuracy') ?? none()
  const qualityOf = (values: Float64Array, stated: Quality | undefined, usual: Quality): Quality =>
    Number.isNaN(values[0]) ? 'absent' : (stated ?? usual)
  return {
    name: half.name ?? name,
    device: half.device ?? half.name ?? name,
    knobs: knobs.map((knob, k) =>
      knob.kind === 'subnet' && half.knobs[k]?.kind === undefined ? orderSubnets(knob, points, accuracy, latencyS) : knob,
    ),
    points,
    latencyS,
    energyJ,
    accuracy,
    quality: {
      latencyS: half.quality?.latencyS ?? 'measured',
      energyJ: qualityOf(energyJ, half.quality?.energyJ, 'measured'),
      // Mostly what was published of the weights, not what this device got right.
      accuracy: qualityOf(accuracy, half.quality?.accuracy, 'estimated'),
    },
    energyScope: half.energyScope ?? 'board',
    clusters: clustersOf(knobs, points, half.clusters ?? []),
    ...(half.features === undefined ? {} : { features: half.features }),
    about: half,
    notes,
  }
}

const secondsStated = ({ units }: TableHalf): boolean => typeof units === 'object' && units !== null && 'latencyS' in units && units.latencyS === 's'

/** Values of the cluster knob, or one cluster called board. Cores as stated, else the most that any of the cluster's points uses, else 1. */
function clustersOf(knobs: readonly Knob[], points: readonly OperatingPoint[], stated: readonly TableCluster[]): TableCluster[] {
  const cluster = knobs.find((knob) => knob.kind === 'cluster')
  const cores = knobs.find((knob) => knob.kind === 'cores')
  const most = (id: string | undefined): number => {
    const own = id === undefined ? points : points.filter((point) => String(point[cluster?.name as string]) === id)
    const counts = own.map((point) => (cores === undefined ? 1 : Number(point[cores.name])))
    return counts.filter(Number.isFinite).reduce((most, count) => Math.max(most, count), 1)
  }
  if (cluster === undefined) return stated.length === 1 ? stated.map(({ id, cores }) => ({ id, cores })) : [{ id: 'board', cores: most(undefined) }]
  return cluster.values.map((value) => {
    const id = String(value)
    return { id, cores: stated.find((one) => one.id === id)?.cores ?? most(id) }
  })
}
