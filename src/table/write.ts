import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { FlyballError } from '../core/errors.ts'
import type { EnergyScope, Quality } from '../core/outcome.ts'
import type { NominalOutcome, Spaces } from '../core/spaces.ts'
import type { TablePair } from './find.ts'
import { type TableCluster, tableSchemaName } from './table.ts'

/** What was measured, to be kept as a table. */
export interface TableInput {
  readonly name: string
  readonly device: string
  readonly spaces: Spaces
  /** What every point gave; a point that gave nothing has a latency of NaN. */
  readonly outcomes: readonly NominalOutcome[]
  readonly latencyQuality: Exclude<Quality, 'absent'>
  readonly energyQuality: Quality
  readonly accuracyQuality: Quality
  readonly energyScope: EnergyScope
  readonly clusters: readonly TableCluster[]
  readonly source: string
  /** Anything else a reader may want to know; kept in the JSON as it is. */
  readonly about: Readonly<Record<string, unknown>>
}

export interface FormattedTable {
  readonly json: string
  readonly csv: string
  /** Indices of the points that have a row. */
  readonly rows: readonly number[]
  readonly notes: readonly string[]
}

/**
 * Both halves of the table, knobs with all that an environment says of them, so that a policy of one fits the other. A point without a latency has no row, an
 * energy or accuracy that some row lacks no column: what is not known is not written.
 */
export function formatTable(input: TableInput): FormattedTable {
  const { spaces, outcomes } = input
  const rows = outcomes.flatMap(({ latencyS }, a) => (latencyS > 0 ? [a] : []))
  if (rows.length === 0) throw new FlyballError('ERR_TABLE', 'no operating point gave a latency: there is nothing to write')
  const known = (of: (outcome: NominalOutcome) => number): boolean => rows.every((a) => Number.isFinite(of(outcomes[a] as NominalOutcome)))
  const energy = input.energyQuality !== 'absent' && known(({ energyJ }) => (energyJ > 0 ? energyJ : Number.NaN))
  const accuracy = input.accuracyQuality !== 'absent' && known((outcome) => outcome.accuracy)
  const names = [...(accuracy ? (['accuracy'] as const) : []), 'latencyS' as const, ...(energy ? (['energyJ'] as const) : [])]
  const notes = [
    ...(rows.length < outcomes.length
      ? [`${outcomes.length - rows.length} of ${outcomes.length} operating points could not be measured and are left out`]
      : []),
    ...(!energy && input.energyQuality !== 'absent' ? ['the energy of some operating points is unknown: the table has none'] : []),
  ]
  const features = spaces.featureNames.length
  const half = {
    schema: tableSchemaName,
    name: input.name,
    device: input.device,
    knobs: spaces.knobs,
    outcomes: names,
    rows: rows.length,
    quality: {
      latencyS: input.latencyQuality,
      ...(energy ? { energyJ: input.energyQuality } : {}),
      ...(accuracy ? { accuracy: input.accuracyQuality } : {}),
    },
    energyScope: input.energyScope,
    clusters: input.clusters,
    source: input.source,
    ...input.about,
    features: {
      names: spaces.featureNames,
      rows: rows.map((a) => Array.from(spaces.features.subarray(a * features, (a + 1) * features))),
    },
  }
  const header = [...spaces.knobs.map(({ name }) => name), ...names]
  const lines = rows.map((a) => {
    const outcome = outcomes[a] as NominalOutcome
    return [...spaces.knobs.map(({ name }) => spaces.points[a]?.[name] ?? ''), ...names.map((name) => outcome[name])]
  })
  return {
    json: `${JSON.stringify(half, null, 1)}\n`,
    csv: [header, ...lines].map((cells) => `${cells.map(cellOf).join(',')}\n`).join(''),
    rows,
    notes,
  }
}

/** RFC 4180. */
const cellOf = (value: number | string): string => (/[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value))

/**
 * Writes both halves or none: beside their places and to the disk, then renamed. While an older table is replaced its JSON is away, so that the halves of two tables
 * never stand together. Throws ERR_OUT_NOT_WRITABLE.
 */
export function writeTable(pair: TablePair, { json, csv }: Pick<FormattedTable, 'json' | 'csv'>): void {
  const beside = { json: `${pair.json}.writing`, csv: `${pair.csv}.writing` }
  try {
    for (const path of [pair.json, pair.csv]) if (existsSync(path) && !statSync(path).isFile()) throw new Error(`${path} is no file`)
    writeThrough(beside.json, json)
    writeThrough(beside.csv, csv)
    rmSync(pair.json, { force: true })
    renameSync(beside.csv, pair.csv)
    renameSync(beside.json, pair.json)
  } catch (error) {
    for (const path of [beside.json, beside.csv]) rmSync(path, { force: true })
    throw new FlyballError('ERR_OUT_NOT_WRITABLE', `${pair.json} cannot be written: ${(error as Error).message}`, { cause: error })
  }
}

function writeThrough(path: string, text: string): void {
  const file = openSync(path, 'w')
  try {
    const bytes = Buffer.from(text)
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
