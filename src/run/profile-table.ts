import { existsSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { FlyballError } from '../core/errors.ts'
import type { EnergyScope, Quality } from '../core/outcome.ts'
import { describePoint, type NominalOutcome, type OperatingPoint } from '../core/spaces.ts'
import { checkWritable } from '../network/write-file.ts'
import type { TablePair } from '../table/find.ts'
import { formatTable, writeTable } from '../table/write.ts'
import type { RunEvents } from './events.ts'
import { type BoardRequest, boardEnv, openBoard, resolveBoard } from './open-board.ts'
import { countedRequests, profile } from './profile.ts'
import type { BoardSettings } from './settings.ts'
import { flyballVersion } from './versions.ts'

export interface ProfileRequest {
  readonly board: BoardRequest
  readonly network: string
  /** `table.json`, `table.csv`, or the path of both without its ending. */
  readonly out: string
  readonly force: boolean
  readonly rounds: number
  readonly seed: number
}

export interface ParetoPoint {
  readonly point: string
  readonly latencyS: number
  /** J; null where unknown. */
  readonly energyJ: number | null
  readonly accuracy: number | null
}

export interface ProfileResult {
  readonly table: string
  readonly csv: string
  readonly name: string
  readonly device: string
  readonly points: number
  /** Requests that each point's medians are of. */
  readonly samples: number
  readonly energyQuality: Quality
  readonly energyScope: EnergyScope
  readonly accuracyQuality: Quality
  /** Points that no other point beats in latency, energy and accuracy at once, the fastest first. */
  readonly pareto: readonly ParetoPoint[]
  readonly notes: readonly string[]
}

/**
 * Measures every operating point of this machine and keeps them as a table; restores the board however it ends, and writes both halves or none.
 * Throws ERR_OUT_EXISTS, ERR_OUT_NOT_WRITABLE before anything is measured, ERR_INTERRUPTED, and what opening the board throws.
 */
export async function profileBoard(request: ProfileRequest, events: RunEvents): Promise<ProfileResult> {
  const pair = outPair(request.out)
  const there = [pair.json, pair.csv].find((path) => existsSync(path))
  if (there !== undefined && !request.force)
    throw new FlyballError('ERR_OUT_EXISTS', `${there} is already there, expected another --out, or --force to write over it`)
  if (request.board.interfere.length > 0) throw new FlyballError('ERR_USAGE', '--interfere: a profile is of the undisturbed board, expected none')
  const settings = resolveBoard(request.board)
  checkWritable(dirname(pair.json))
  const open = await openBoard(settings, request.network, events.note)
  try {
    const env = boardEnv(open, settings, { requirements: { percentile: 99 }, advise: false })
    const outcomes = await profile(env, request.seed, events, countedRequests, request.rounds)
    const { manifest } = open.network
    const accuracyQuality = manifest.subnets.some(({ accuracy }) => accuracy.quality !== 'measured') ? 'estimated' : 'measured'
    const energyQuality = open.runtime.meter.quality()
    const energyScope = open.runtime.meter.scope
    const device = `${open.board.name}, ${manifest.name}, ${request.board.rate === 'back-to-back' ? 'back to back' : `${request.board.rate} requests a second`}`
    const table = formatTable({
      name: pair.name,
      device,
      spaces: env.spaces,
      outcomes,
      energyQuality,
      accuracyQuality,
      energyScope,
      clusters: settings.clusters.map(({ id, cpus }) => ({ id, cores: cpus.length })),
      source: `flyball profile, version ${flyballVersion()}, ${new Date().toISOString()}`,
      about: { board: open.boardId, network: open.networkId, env: settings, seed: request.seed, samples: request.rounds * countedRequests },
    })
    writeTable(pair, table)
    return {
      table: pair.json,
      csv: pair.csv,
      name: pair.name,
      device,
      points: table.rows.length,
      samples: request.rounds * countedRequests,
      energyQuality,
      energyScope,
      accuracyQuality,
      pareto: paretoOf(table.rows.map((a) => ({ point: env.spaces.points[a] as OperatingPoint, outcome: outcomes[a] as NominalOutcome }))),
      notes: [...table.notes, ...virtualNote(settings.clusters)],
    }
  } finally {
    await open.runtime.close()
  }
}

/** What is emulated has to be said wherever its figures are. */
function virtualNote(clusters: BoardSettings['clusters']): string[] {
  const virtual = clusters.filter(({ frequency }) => frequency === 'pacing' || frequency === 'bandwidth').map(({ id }) => id)
  return virtual.length === 0 ? [] : [`the frequencies of ${virtual.join(', ')} are virtual: energy is estimated for a board that has them`]
}

/** Throws ERR_USAGE for a path without a name. */
function outPair(out: string): TablePair {
  const path = resolve(out.replace(/\.(json|csv)$/i, ''))
  const name = basename(path)
  if (name === '' || /[/\\]$/.test(out)) throw new FlyballError('ERR_USAGE', `--out: '${out}' names no file, expected e.g. --out table.json`)
  return { name, json: `${path}.json`, csv: `${path}.csv` }
}

interface Candidate {
  readonly point: OperatingPoint
  readonly outcome: NominalOutcome
}

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** What is unknown decides nothing. */
export function paretoOf(candidates: readonly Candidate[]): ParetoPoint[] {
  const beats = ({ outcome: a }: Candidate, { outcome: b }: Candidate): boolean => {
    const differences = [b.latencyS - a.latencyS, b.energyJ - a.energyJ, a.accuracy - b.accuracy].filter((difference) => !Number.isNaN(difference))
    return differences.every((difference) => difference >= 0) && differences.some((difference) => difference > 0)
  }
  return candidates
    .filter((one) => !candidates.some((other) => beats(other, one)))
    .sort((a, b) => a.outcome.latencyS - b.outcome.latencyS)
    .map(({ point, outcome }) => ({
      point: describePoint(point),
      latencyS: outcome.latencyS,
      energyJ: orNull(outcome.energyJ),
      accuracy: orNull(outcome.accuracy),
    }))
}
