import { readScenario, scenarioNames } from '../../../envs/world/scenario/shipped.ts'
import { scenarioMaker } from '../../../envs/world/scenario/site.ts'
import type { WorldMaker } from '../../../envs/world/world.ts'
import { readBoardFile } from '../../board/known/read.ts'
import type { KnownBoard } from '../../board/known/schema.ts'
import { readShipped } from '../../board/known/shipped.ts'
import { findTable, namesIn } from '../../table/find.ts'
import { readTable } from '../../table/read.ts'
import type { MeasuredTable } from '../../table/table.ts'
import type { Ground } from './ground.ts'
import { openSimNetwork, simGround } from './sim-ground.ts'
import { type GroundOptions, type GroundSpec, parseGround } from './spec.ts'
import { tableGround } from './table-ground.ts'
import { traceGround } from './trace-ground.ts'

/** The grounds that `--env` names, in their order, each once. Throws ERR_UNKNOWN_ENV or ERR_USAGE. */
export function findGrounds(envs: readonly string[], options: GroundOptions): GroundSpec[] {
  const suites = {
    scenarios: scenarioNames,
    tables: (folders: readonly string[]) => [...new Set(folders.flatMap(namesIn))].sort(),
  }
  return envs.flatMap((text) => parseGround(text, options, suites))
}

/**
 * Opens one ground. Throws ERR_UNKNOWN_BOARD, ERR_BOARD_FILE, ERR_UNKNOWN_SCENARIO, ERR_SCENARIO, ERR_UNKNOWN_ENV, ERR_TABLE and what its trace is found to be:
 * each says what, where, and what would be right.
 */
export function openGround(spec: GroundSpec): Ground {
  const { kind, source, scenario, on } = spec
  if (kind === 'trace' && on !== undefined) return traceGround({ trace: source, on: (world, name) => openOn(on, { world, scenarioName: name }) })
  return openOn(spec, scenario === undefined ? undefined : worldOf(scenario))
}

interface NamedWorld {
  readonly world: WorldMaker
  readonly scenarioName: string
}

function openOn({ kind, source, options, inSuite }: GroundSpec, world: NamedWorld | undefined): Ground {
  if (kind === 'sim') return simGround({ board: boardOf(source, options), network: openSimNetwork(options.network), plant: options.plant, ...world })
  const table = readTable(findTable(source, options.tables))
  return tableGround({ table, fix: inSuite ? fixesIn(table, options.fix) : options.fix, noiseRatio: options.noiseRatio, ...world })
}

function worldOf(name: string): NamedWorld {
  const scenario = readScenario(name)
  return { world: scenarioMaker(scenario), scenarioName: scenario.name }
}

/** The user's own board by its id, else one of the catalogue. */
function boardOf(id: string, { board }: GroundOptions): KnownBoard {
  if (!isFile(board)) return readShipped(id)
  const own = readBoardFile(board)
  return id === own.id || id === board ? own : readShipped(id)
}

const isFile = (board: string): boolean => /\.json$|[/\\]/.test(board)

/** Of a suite's tables each takes what it has a knob for; a batch that nobody fixed is one request at a time. */
function fixesIn({ knobs }: MeasuredTable, fixes: readonly string[]): string[] {
  const nameOf = (fix: string): string => fix.slice(0, fix.indexOf('=')).trim()
  const own = fixes.filter((fix) => knobs.some(({ name }) => name === nameOf(fix)))
  const batch = knobs.find(({ name }) => name === 'batch')
  if (batch === undefined || own.some((fix) => nameOf(fix) === batch.name)) return own
  return [...own, `${batch.name}=${Math.min(...batch.values.map(Number))}`]
}
