import { FlyballError } from '../../core/errors.ts'
import { type CellReader, makeCellReader } from './cells.ts'
import { readLines } from './lines.ts'
import { type TargetPolicy, withoutMark } from './target-policy.ts'

/** One logged decision. Reused by its maker. */
export interface LoggedRecord {
  position: number
  action: number
  reward: number
  /** In (0, 1]; NaN in a log without propensities. */
  propensity: number
  /** The reward model's estimate of every action; NaN in a log without one. */
  readonly model: Float64Array
}

/** Which columns of a log are where: -1 for one that is not there. */
export interface LogLayout {
  readonly columns: number
  readonly position: number
  readonly action: number
  readonly reward: number
  readonly propensity: number
  /** Column of q0; q1 and so on follow it. */
  readonly model: number
  /** Columns that are not read. */
  readonly unread: readonly string[]
}

export interface LogUse {
  /** Called once, before the first record. */
  header(layout: LogLayout): void
  record(record: LoggedRecord): void
}

/**
 * Streams a bare bandit log, `position,action,reward,behaviourProbability,q0,q1,…` in any order of columns (the q's together), through `use`. Returns the
 * number of records and whether the last one had a line end. Throws ERR_LOG naming file, record and line, what is wrong and what would be right.
 */
export async function readBanditLog(path: string, target: TargetPolicy, use: LogUse): Promise<{ records: number; ended: boolean }> {
  const cells = makeCellReader()
  const record: LoggedRecord = { position: 0, action: 0, reward: 0, propensity: Number.NaN, model: new Float64Array(target.actions).fill(Number.NaN) }
  let layout: LogLayout | undefined
  let records = 0
  let ended = true
  for await (const { lines, first, complete } of readLines(path)) {
    ended = complete
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i] as string
      if (layout === undefined) {
        const names = withoutMark(line).split(',')
        layout = layoutOf(
          names.map((name) => name.trim()),
          `${path}, line 1`,
          target,
        )
        use.header(layout)
        continue
      }
      if (line === '') continue
      records++
      const fault = readRecord(line, cells, layout, target, record)
      if (fault !== undefined) throw new FlyballError('ERR_LOG', `${path}, record ${records} (line ${first + i}): ${fault}`)
      use.record(record)
    }
  }
  if (layout === undefined || records === 0)
    throw new FlyballError(
      'ERR_LOG',
      `${path} ${layout === undefined ? 'is empty' : 'has a header and no record'}, expected a header and a record per decision`,
    )
  return { records, ended }
}

/** Where the columns are of a log whose columns are called so. Throws ERR_LOG, which begins with `where`. */
export function layoutOf(names: readonly string[], where: string, { actions, positions }: TargetPolicy): LogLayout {
  const fail = (what: string): never => {
    throw new FlyballError('ERR_LOG', `${where}: ${what}; expected position,action,reward,behaviourProbability,q0,…,q${actions - 1}`)
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) fail(`column '${twice}' stands there twice`)
  const [position, action, reward, propensity] = ['position', 'action', 'reward', 'behaviourProbability'].map((name) => names.indexOf(name)) as [
    number,
    number,
    number,
    number,
  ]
  if (action < 0) fail("there is no column 'action'")
  if (reward < 0) fail("there is no column 'reward'")
  if (position < 0 && positions > 1) fail(`there is no column 'position', and the target policy has ${positions}`)
  const model = names.indexOf('q0')
  if (propensity < 0 && model < 0) fail('there is neither a column behaviourProbability nor q0, and without one of them nothing can be estimated')
  const estimates = names.filter((name) => /^q\d+$/.test(name)).length
  if (estimates > 0 && estimates !== actions) fail(`there are ${estimates} model estimates, and the target policy has ${actions} actions`)
  for (let a = 0; a < estimates; a++) if (names[model + a] !== `q${a}`) fail(`column q${a} is not where it should be`)
  const known = [position, action, reward, propensity]
  const unread = names.filter((_, i) => !known.includes(i) && !(model >= 0 && i >= model && i < model + actions))
  return { columns: names.length, position, action, reward, propensity, model, unread }
}

/** Fills `out`; the fault of a record that cannot be used. */
function readRecord(line: string, cells: CellReader, layout: LogLayout, target: TargetPolicy, out: LoggedRecord): string | undefined {
  const { actions } = target
  cells.start(line)
  for (let column = 0; cells.more; column++) {
    if (column === layout.action) out.action = cells.number()
    else if (column === layout.reward) out.reward = cells.number()
    else if (column === layout.propensity) out.propensity = cells.number()
    else if (column === layout.position) out.position = cells.number()
    else if (layout.model >= 0 && column >= layout.model && column < layout.model + actions) out.model[column - layout.model] = cells.number()
    else cells.skip()
  }
  if (cells.read !== layout.columns)
    return `has ${cells.read} values, expected ${layout.columns} as in the header${cells.read < layout.columns ? ': is the file cut off?' : ''}`
  return faultOf(out, layout, target, (column) => line.split(',')[column] ?? '')
}

// Of less, squares of the importance weights overflow and every estimate with them.
const leastPropensity = 1e-100

/** What is wrong with a record, whose cells `text` tells as they stand; undefined for one that can be used. */
export function faultOf(
  out: LoggedRecord,
  layout: LogLayout,
  { actions, positions }: TargetPolicy,
  text: (column: number) => string,
): string | undefined {
  const cell = (column: number): string => `'${text(column)}'`
  if (!(out.action >= 0 && out.action < actions && Number.isInteger(out.action)))
    return `action is ${cell(layout.action)}, expected one of the target policy's 0 to ${actions - 1}`
  if (!(out.position >= 0 && out.position < positions && Number.isInteger(out.position)))
    return `position is ${cell(layout.position)}, expected one of the target policy's 0 to ${positions - 1}`
  if (!Number.isFinite(out.reward)) return `reward is ${cell(layout.reward)}, expected a number`
  if (layout.propensity >= 0 && !(out.propensity > 0 && out.propensity <= 1))
    return `behaviourProbability is ${cell(layout.propensity)}, expected a probability above 0 and at most 1`
  if (out.propensity < leastPropensity)
    return `behaviourProbability is ${cell(layout.propensity)}, so small that weights cannot be reckoned, expected at least ${leastPropensity}`
  if (layout.model >= 0)
    for (let a = 0; a < actions; a++)
      if (!Number.isFinite(out.model[a])) return `q${a} is ${cell(layout.model + a)}, expected the reward model's estimate, a number`
  return undefined
}
