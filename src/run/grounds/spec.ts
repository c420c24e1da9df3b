import { FlyballError } from '../../core/errors.ts'
import { tableFolders } from '../../table/find.ts'

/** What holds for every ground of a call. Plain data: worker threads get it as it is. */
export interface GroundOptions {
  /** Board of `suite:scenarios`: an id of the catalogue, or a file of the user's, whose id `sim:` may name as well. */
  readonly board: string
  /** Scenario where none is named; undefined: nothing happens. */
  readonly scenario: string | undefined
  /** Ground that a trace's world is driven through. */
  readonly on: string | undefined
  /** Of simulated boards: `date2020`, or a network of flyball's own. */
  readonly network: string
  readonly plant: 'nominal' | 'perturbed'
  /** Standard deviation of a latency over its mean that is laid over a table. */
  readonly noiseRatio: number
  /** Knobs to freeze, as `batch=1`. */
  readonly fix: readonly string[]
  /** Folders in which tables are looked for by name, the first first. */
  readonly tables: readonly string[]
  /** The folder of `suite:tables`; undefined: the first of `tables` that holds any. */
  readonly suiteFolder: string | undefined
}

/** A simulated board as its figures say, tables from the usual folders, nothing laid over. */
export const defaultGroundOptions: GroundOptions = {
  board: 'odroid-xu4',
  scenario: undefined,
  on: undefined,
  network: 'date2020',
  plant: 'nominal',
  noiseRatio: 0,
  fix: [],
  tables: tableFolders(),
  suiteFolder: undefined,
}

/** One ground to open: `sim:odroid-xu4@steady`. Plain data. */
export interface GroundSpec {
  readonly kind: 'sim' | 'table' | 'trace'
  /** Board (an id, or a file of the user's), table or trace file. */
  readonly source: string
  readonly scenario: string | undefined
  /** Of a trace: what its world is driven through. */
  readonly on: GroundSpec | undefined
  /** One of many that share their options: what does not fit it is not for it. */
  readonly inSuite: boolean
  readonly options: GroundOptions
}

/** What a suite stands for: scenarios by name, tables of the first of some folders that holds any. */
export interface Suites {
  scenarios(): readonly string[]
  tables(folders: readonly string[]): readonly string[]
}

const grammar = 'expected sim:BOARD[@SCENARIO], table:NAME[@SCENARIO], trace:FILE, suite:scenarios or suite:tables'

/** The grounds that one `--env` names. Throws ERR_UNKNOWN_ENV or ERR_USAGE. */
export function parseGround(text: string, options: GroundOptions, suites: Suites): GroundSpec[] {
  const [, kind, rest = ''] = /^([a-z]+):(.+)$/.exec(text) ?? []
  if (kind === 'suite') return suiteOf(rest, options, suites)
  if (kind === 'trace') {
    if (options.on === undefined)
      throw new FlyballError('ERR_USAGE', `--env ${text}: a trace has no board of its own, expected --on sim:BOARD or --on table:NAME`)
    const [on] = /^(sim|table):[^@]+$/.test(options.on) ? parseGround(options.on, { ...options, scenario: undefined }, suites) : []
    if (on === undefined)
      throw new FlyballError('ERR_USAGE', `--on ${options.on}: a trace is driven through sim:BOARD or table:NAME without a scenario`)
    return [{ kind, source: rest, scenario: undefined, on, inSuite: false, options }]
  }
  if (kind === 'sim' || kind === 'table') {
    const at = rest.lastIndexOf('@')
    const [source, scenario] = at < 0 ? [rest, options.scenario] : [rest.slice(0, at), rest.slice(at + 1)]
    if (source === '' || scenario === '') throw new FlyballError('ERR_USAGE', `--env ${text}: ${grammar}`)
    return [{ kind, source, scenario, on: undefined, inSuite: false, options }]
  }
  const why =
    text === 'board'
      ? 'agents are compared where the true cost of every action is known, which a real board cannot tell'
      : `no environment is called '${text}'`
  throw new FlyballError('ERR_UNKNOWN_ENV', `--env ${text}: ${why}, ${grammar}`)
}

function suiteOf(name: string, options: GroundOptions, suites: Suites): GroundSpec[] {
  if (name === 'scenarios')
    return suites.scenarios().map((scenario) => ({ kind: 'sim', source: options.board, scenario, on: undefined, inSuite: true, options }))
  if (name !== 'tables') throw new FlyballError('ERR_UNKNOWN_ENV', `no suite is called '${name}', expected suite:scenarios or suite:tables`)
  const folders = options.suiteFolder === undefined ? options.tables : [options.suiteFolder]
  const found = suites.tables(folders)
  if (found.length === 0)
    throw new FlyballError('ERR_UNKNOWN_ENV', `suite:tables: no measured table lies in ${folders.join(', ')}; name their folder with --tables DIR`)
  return found.map((source) => ({ kind: 'table', source, scenario: options.scenario, on: undefined, inSuite: true, options }))
}
