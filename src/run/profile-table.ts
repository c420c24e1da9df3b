import { existsSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { Env } from '../core/env.ts'
import { FlyballError } from '../core/errors.ts'
import type { GuardSettings } from '../core/guard.ts'
import type { Quality } from '../core/outcome.ts'
import { checkWritable } from '../network/write-file.ts'
import type { TablePair } from '../table/find.ts'
import { formatTable, type TableInput, writeTable } from '../table/write.ts'
import type { RunEvents } from './events.ts'
import type { Ground } from './grounds/ground.ts'
import { guardGround } from './guarded-ground.ts'
import { interruptible } from './interruptible.ts'
import { type BoardRequest, boardEnv, openBoard, resolveBoard } from './open-board.ts'
import { type ParetoPoint, paretoOf } from './pareto.ts'
import { countedRequests, profile } from './profile.ts'
import type { BoardSettings } from './settings.ts'
import { networkNamed } from './shipped.ts'
import type { TableOrigin } from './table-origin.ts'
import { flyballVersion } from './versions.ts'

export interface ProfileTarget {
  /** `table.json`, `table.csv`, or the path of both without its ending. */
  readonly out: string
  readonly force: boolean
  readonly rounds: number
  readonly seed: number
}

export interface ProfileResult extends Pick<TableInput, 'device' | 'latencyQuality' | 'energyQuality' | 'accuracyQuality' | 'energyScope'> {
  readonly table: string
  readonly csv: string
  readonly name: string
  readonly points: number
  /** Requests that each point's medians are of. */
  readonly samples: number
  /** Points that no other point beats in latency, energy and accuracy at once, the fastest first. */
  readonly pareto: readonly ParetoPoint[]
  readonly notes: readonly string[]
}

/**
 * Measures every operating point of this machine and keeps them as a table; restores the board however it ends, and writes both halves or none.
 * Throws ERR_OUT_EXISTS and ERR_OUT_NOT_WRITABLE before anything is measured, ERR_INTERRUPTED, and what opening the board throws.
 */
export async function profileBoard(board: BoardRequest, network: string, target: ProfileTarget, events: RunEvents): Promise<ProfileResult> {
  const pair = outPair(target)
  if (board.interfere.length > 0) throw new FlyballError('ERR_USAGE', '--interfere: a profile is of the undisturbed board, expected none')
  const settings = resolveBoard(board)
  checkWritable(dirname(pair.json))
  const open = await openBoard(settings, network, events.note)
  try {
    const env = boardEnv(open, settings, { requirements: { percentile: 99 }, advise: false })
    const { manifest } = open.network
    return await measure(env, pair, target, events, () => ({
      device: `${open.board.name}, ${manifest.name}, ${board.rate === 'back-to-back' ? 'back to back' : `${board.rate} requests a second`}`,
      latencyQuality: 'measured',
      energyQuality: open.runtime.meter.quality(),
      accuracyQuality: manifest.subnets.every(({ accuracy }) => accuracy.quality === 'measured') ? 'measured' : 'estimated',
      energyScope: open.runtime.meter.scope,
      about: { board: open.boardId, network: open.networkId, networkSource: networkNamed(network), env: settings } satisfies TableOrigin,
      notes: virtualNote(settings.clusters),
    }))
  } finally {
    await open.runtime.close()
  }
}

/** The same of simulated ground: everything in the table is estimated. */
export async function profileGround(
  ground: Ground,
  target: ProfileTarget,
  events: RunEvents,
  guard?: Partial<GuardSettings>,
): Promise<ProfileResult> {
  const pair = outPair(target)
  checkWritable(dirname(pair.json))
  const env = interruptible(guardGround(ground, ground.open([{ percentile: 99 }]), guard))
  const estimated = (quality: Quality): Quality => (quality === 'absent' ? 'absent' : 'estimated')
  return measure(env, pair, target, events, () => ({
    device: ground.labels.join('; '),
    latencyQuality: 'estimated',
    energyQuality: estimated(ground.energyQuality),
    accuracyQuality: 'estimated',
    energyScope: ground.energyScope,
    about: { env: ground.id },
    notes: [],
  }))
}

/** What is known of a table once its points are measured. */
type About = Pick<TableInput, 'device' | 'latencyQuality' | 'energyQuality' | 'accuracyQuality' | 'energyScope' | 'about'> & {
  readonly notes: readonly string[]
}

async function measure(env: Env, pair: TablePair, { rounds, seed }: ProfileTarget, events: RunEvents, aboutOf: () => About): Promise<ProfileResult> {
  const outcomes = await profile(env, seed, events, countedRequests, rounds)
  const { notes, ...known } = aboutOf()
  const samples = rounds * countedRequests
  const { spaces } = env
  const table = formatTable({
    ...known,
    name: pair.name,
    spaces,
    outcomes,
    clusters: clustersOf(env),
    source: `flyball profile, version ${flyballVersion()}, ${new Date().toISOString()}`,
    about: { ...known.about, seed, samples },
  })
  writeTable(pair, table)
  const { about: _, ...rest } = known
  return {
    ...rest,
    table: pair.json,
    csv: pair.csv,
    name: pair.name,
    points: table.rows.length,
    samples,
    pareto: paretoOf(spaces.points, outcomes, table.rows),
    notes: [...table.notes, ...notes, ...heldNotes(env)],
  }
}

/** As the monitors of an environment name them. */
function clustersOf({ spaces }: Env): TableInput['clusters'] {
  const suffix = '.availableCores'
  return spaces.monitors.filter(({ name }) => name.endsWith(suffix)).map(({ name, high }) => ({ id: name.slice(0, -suffix.length), cores: high }))
}

/** What is emulated has to be said wherever its figures are. */
function virtualNote(clusters: BoardSettings['clusters']): string[] {
  const virtual = clusters.filter(({ frequency }) => frequency === 'pacing' || frequency === 'bandwidth').map(({ id }) => id)
  return virtual.length === 0 ? [] : [`the frequencies of ${virtual.join(', ')} are virtual: energy is estimated for a board that has them`]
}

/** Clocks that were not what the table says they were. */
function heldNotes(env: Env): string[] {
  const held = (env.knobEvents?.() ?? []).filter(({ what }) => what === 'changed' || what === 'capped')
  const names = new Map(held.map(({ name, by }) => [name, by]))
  return [...names].map(
    ([name, by]) => `${name} was held by ${by} meanwhile: latencies and energies of its points are not theirs; profile again without that`,
  )
}

/** Throws ERR_USAGE for a path without a name, ERR_OUT_EXISTS for a table that must stay. */
function outPair({ out, force }: ProfileTarget): TablePair {
  const path = resolve(out.replace(/\.(json|csv)$/i, ''))
  const pair = { name: basename(path), json: `${path}.json`, csv: `${path}.csv` }
  if (pair.name === '' || /[/\\]$/.test(out)) throw new FlyballError('ERR_USAGE', `--out: '${out}' names no file, expected e.g. --out table.json`)
  const there = [pair.json, pair.csv].find((file) => existsSync(file))
  if (there !== undefined && !force)
    throw new FlyballError('ERR_OUT_EXISTS', `${there} is already there, expected another --out, or --force to write over it`)
  return pair
}
