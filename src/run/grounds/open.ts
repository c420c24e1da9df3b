import { readScenario, scenarioNames } from '../../../envs/world/scenario/shipped.ts'
import { scenarioMaker } from '../../../envs/world/scenario/site.ts'
import type { WorldMaker } from '../../../envs/world/world.ts'
import { readBoardFile } from '../../board/known/read.ts'
import { readShipped } from '../../board/known/shipped.ts'
import { FlyballError } from '../../core/errors.ts'
import { findTable, namesIn } from '../../table/find.ts'
import { fixKnobs } from '../../table/fix.ts'
import { readTable } from '../../table/read.ts'
import type { MeasuredTable } from '../../table/table.ts'
import type { Ground } from './ground.ts'
import { isFile, ownFile } from './own-file.ts'
import { openSimNetwork, type SimGroundInput, simGround } from './sim-ground.ts'
import { defaultGroundOptions, type GroundOptions, type GroundSpec, parseGround } from './spec.ts'
import { tableGround } from './table-ground.ts'
import { traceGround } from './trace-ground.ts'

/** The grounds that `--env` names, in their order; `some` over `defaultGroundOptions`. Throws ERR_UNKNOWN_ENV, ERR_USAGE or ERR_UNKNOWN_KNOB. */
export function findGrounds(envs: readonly string[], some: Partial<GroundOptions> = {}): GroundSpec[] {
  const options = { ...defaultGroundOptions, ...some }
  const suites = {
    scenarios: scenarioNames,
    tables: (folders: readonly string[]) => folders.map(namesIn).find((names) => names.length > 0) ?? [],
  }
  const specs = envs.flatMap((text) => parseGround(text, options, suites))
  const tables = specs.flatMap((spec) => (onOf(spec).kind === 'table' ? [readTable(findTable(onOf(spec).source, options.tables))] : []))
  checkOptions(specs, tables, options)
  checkScenario(envs, options)
  // Of many tables each takes what it has a knob for.
  if (tables.length < 2 || options.fix.length === 0) return specs
  let next = 0
  return specs.map((spec) => (onOf(spec).kind === 'table' ? withFixes(spec, ownFixes(tables[next++] as MeasuredTable, options.fix)) : spec))
}

/** What is acted on: of a trace what its world is driven through. */
const onOf = (spec: GroundSpec): GroundSpec => spec.on ?? spec

const withFixes = (spec: GroundSpec, fix: readonly string[]): GroundSpec =>
  spec.on === undefined ? { ...spec, options: { ...spec.options, fix } } : { ...spec, on: withFixes(spec.on, fix) }

const ownFixes = ({ knobs }: MeasuredTable, fixes: readonly string[]): string[] =>
  fixes.filter((fix) => knobs.some(({ name }) => name === fixedKnob(fix)))

const fixedKnob = (fix: string): string => fix.slice(0, Math.max(0, fix.indexOf('='))).trim()

/** An option that means nothing to any of the grounds is a mistake. */
function checkOptions(specs: readonly GroundSpec[], tables: readonly MeasuredTable[], { fix, noiseRatio, plant, on, board }: GroundOptions): void {
  const [first] = tables
  if (first === undefined && (fix.length > 0 || noiseRatio > 0))
    throw new FlyballError(
      'ERR_USAGE',
      `${fix.length > 0 ? '--fix' : '--noise'} is for measured tables, and none is named, expected --env table:NAME`,
    )
  if (plant === 'perturbed' && !specs.some((spec) => onOf(spec).kind === 'sim'))
    throw new FlyballError('ERR_USAGE', '--plant perturbed is for simulated boards, and none is named, expected --env sim:BOARD')
  if (on !== undefined && !specs.some(({ kind }) => kind === 'trace'))
    throw new FlyballError('ERR_USAGE', '--on is what the world of a trace is driven through, and none is named, expected --env trace:FILE')
  checkBoard(specs, board)
  if (first === undefined) return
  // What no table has a knob for is said as of the first.
  for (const one of fix) if (tables.every((table) => ownFixes(table, [one]).length === 0)) fixKnobs(first, [one])
}

/** A board that no ground is of would be left out without a word. */
function checkBoard(specs: readonly GroundSpec[], board: string): void {
  if (board === defaultGroundOptions.board) return
  const sims = specs.map(onOf).filter(({ kind }) => kind === 'sim')
  if (sims.length === 0)
    throw new FlyballError('ERR_USAGE', '--board is for simulated boards, and none is named, expected --env sim:BOARD or --env suite:scenarios')
  const id = isFile(board) ? readBoardFile(board).id : board
  if (!sims.some(({ source }) => source === board || source === id))
    throw new FlyballError('ERR_USAGE', `--board ${board}: no --env is of that board, expected --env sim:${id} or --env suite:scenarios`)
}

/** `--scenario` is for who names none: a trace has a world of its own, and `suite:scenarios` names them all. */
function checkScenario(envs: readonly string[], { scenario }: GroundOptions): void {
  if (scenario !== undefined && !envs.some((text) => /^(?:(?:sim|table):[^@]+|suite:tables)$/.test(text)))
    throw new FlyballError('ERR_USAGE', `--scenario ${scenario} is for an --env that names no scenario, and every one has its own`)
}

/**
 * Opens one ground. Throws ERR_UNKNOWN_BOARD, ERR_BOARD_FILE, ERR_UNKNOWN_SCENARIO, ERR_SCENARIO, ERR_UNKNOWN_ENV, ERR_TABLE and what its trace is found to be:
 * each says what, where, and what would be right.
 */
export function openGround(spec: GroundSpec): Ground {
  const { kind, source, scenario, on } = spec
  if (kind === 'trace' && on !== undefined) return traceGround({ trace: source, on: (world, name) => openOn(on, { world, scenarioName: name }) })
  if (scenario === undefined) return openOn(spec, undefined)
  const read = readScenario(scenario)
  const file = isFile(scenario) ? scenario : undefined
  const ground = openOn(spec, { world: scenarioMaker(read, file), scenarioName: read.name })
  return { ...ground, labels: [...ground.labels, ...ownFile('scenario', file, scenarioNames().includes(read.name))] }
}

interface NamedWorld {
  readonly world: WorldMaker
  readonly scenarioName: string
}

function openOn({ kind, source, options, inSuite }: GroundSpec, world: NamedWorld | undefined): Ground {
  if (kind === 'sim')
    return simGround({ ...findBoard(source, options.board), network: openSimNetwork(options.network), plant: options.plant, ...world })
  const table = readTable(findTable(source, options.tables))
  return tableGround({ table, fix: inSuite ? suiteFixes(table, options.fix) : options.fix, noiseRatio: options.noiseRatio, ...world })
}

/** The user's own board by its path, or by its id where `own` is its file; else one of the catalogue. Throws ERR_UNKNOWN_BOARD or ERR_BOARD_FILE. */
export function findBoard(idOrPath: string, own: string): Pick<SimGroundInput, 'board' | 'boardFile'> {
  if (isFile(idOrPath)) return { board: readBoardFile(idOrPath), boardFile: idOrPath }
  if (!isFile(own)) return { board: readShipped(idOrPath) }
  const board = readBoardFile(own)
  if (idOrPath === board.id) return { board, boardFile: own }
  try {
    return { board: readShipped(idOrPath) }
  } catch (error) {
    throw new FlyballError('ERR_UNKNOWN_BOARD', `${(error as Error).message} (${own} is of '${board.id}')`, { cause: error })
  }
}

/** Of a suite's tables a batch that nobody fixed is one request at a time. */
function suiteFixes({ knobs }: MeasuredTable, fixes: readonly string[]): readonly string[] {
  const batch = knobs.find(({ name }) => name === 'batch')
  if (batch === undefined || fixes.some((fix) => fixedKnob(fix) === batch.name)) return fixes
  return [...fixes, `${batch.name}=${Math.min(...batch.values.map(Number))}`]
}
