import { availableParallelism } from 'node:os'
import { FlyballError } from '../../src/core/errors.ts'
import { parseDeadline } from '../../src/core/units.ts'
import { compareOn } from '../../src/run/compare/compare.ts'
import { lineUp } from '../../src/run/compare/lineup.ts'
import { threadRunner } from '../../src/run/compare/pool.ts'
import type { Stat } from '../../src/run/compare/result.ts'
import type { SeedResult } from '../../src/run/compare/seed-run.ts'
import type { SeedSummary } from '../../src/run/compare/summary.ts'
import { findGrounds, openGround } from '../../src/run/grounds/open.ts'
import type { GroundSpec } from '../../src/run/grounds/spec.ts'
import { defaultWeights } from '../../src/run/request.ts'
import { tableFolders } from '../../src/table/find.ts'
import { asJson, benchEvents, flag } from '../support.ts'
import { type TargetRun, targetRuns, titleOf } from './targets/asked.ts'
import { judge, type Verdict } from './targets/judge.ts'

// What is asked of an agent on measured tables beside what it does from nothing: gap to the oracle and misses by table, deadline and window, mean over seeds with its 95 % interval; where a scenario is
// laid over, beside the best fixed point with hindsight as well. Exit status 1 where something is missed.
// --agent NAME --seeds K --first-seed N --workers N --only PATTERN (of `table@scenario deadline objective`) --noise 0.03 --percentile P --fix batch=4 --set NAME=VALUE,… --json

const agent = flag('agent', 'bayes')
const seeds = Number(flag('seeds', '20'))
const firstSeed = Number(flag('first-seed', '1'))
const workers = Number(flag('workers', String(availableParallelism())))
const noiseRatio = Number(flag('noise', '0.03'))
const only = new RegExp(flag('only', ''))
const set = flag('set', '')
  .split(',')
  .flatMap((one) => (one === '' ? [] : [one.split('=') as [string, string]]))
const entries = (names: readonly string[]) =>
  lineUp(names, set.length === 0 ? {} : { [agent.replace('+profile', '')]: Object.fromEntries(set.map(([name, value]) => [name, Number(value)])) })

/** Undefined where the table is not here. */
function specsOf({ table, scenario, fix }: TargetRun): GroundSpec[] | undefined {
  const tables = tableFolders(undefined, process.env['FLYBALL_TABLES'])
  try {
    return findGrounds([`table:${table}${scenario === undefined ? '' : `@${scenario}`}`], {
      tables,
      noiseRatio,
      fix: fix.map((one) => flag('fix', one)),
    })
  } catch (error) {
    if (!(error instanceof FlyballError && error.code === 'ERR_UNKNOWN_ENV')) throw error
    benchEvents.note(`left out, as the measured table is not here: ${table}`)
    return undefined
  }
}

async function run(asked: TargetRun, specs: readonly GroundSpec[]): Promise<Verdict[]> {
  const { scenario, objective, accuracyFloor, steps } = asked
  const wish = {
    deadline: parseDeadline(asked.deadline, 'deadline'),
    percentile: Number(flag('percentile', String(asked.percentile))),
    objective,
    weights: defaultWeights,
    accuracyFloor,
  }
  const agents = entries(scenario === undefined ? [agent] : [agent, 'static'])
  let results: readonly SeedResult[] = []
  await compareOn(specs.map(openGround), { agents, wish, steps, seeds, firstSeed }, benchEvents, (plans) => async (jobs, onDone) => {
    const found = await threadRunner({ grounds: specs, plans }, workers, new AbortController().signal)(jobs, onDone)
    results = found
    return found
  })
  const of = (a: number): SeedSummary[] => results.map((result) => result.agents[a] as SeedSummary)
  const runs = { steps, agent: of(0), oracle: results.map(({ oracle }) => oracle), ...(scenario === undefined ? {} : { fixed: of(1) }) }
  return asked.targets.map((target) => judge(target, runs))
}

const percent = (share: number, digits = 1): string => (100 * share).toFixed(digits).replace(/^-(0\.?0*)$/, '$1')
const statText = ({ mean, lo, hi }: Stat, digits = 1): string =>
  lo === null || hi === null ? percent(mean, digits) : `${percent(mean, digits)} [${percent(lo, digits)}, ${percent(hi, digits)}]`

const head = [
  'table, deadline, objective',
  'decisions',
  'gap asked, %',
  'gap, %',
  'misses asked, %',
  "misses, % (oracle's)",
  "static's gap, %",
  'gap beyond it, points',
  '',
]
const row = (title: string, v: Verdict): string[] => [
  title,
  `${v.from}-${v.to}`,
  percent(v.gap, 0),
  statText(v.measuredGap),
  v.misses === undefined ? '' : percent(v.misses),
  `${statText(v.measuredMisses, 2)} (${percent(v.oracleMisses.mean, 2)})`,
  v.fixedGap === null ? '' : statText(v.fixedGap),
  v.beyondFixed === null ? '' : statText(v.beyondFixed),
  `${v.met ? 'met' : 'missed'}${v.belowFixed === null ? '' : v.belowFixed ? ', below static' : ', not below static'}`,
]
const print = (cells: readonly string[]): void => {
  if (!asJson) process.stdout.write(`| ${cells.join(' | ')} |\n`)
}

const rows: (Verdict & { ground: string })[] = []
print(head)
print(head.map(() => '---'))
for (const asked of targetRuns) {
  const title = titleOf(asked)
  const specs = only.test(title) ? specsOf(asked) : undefined
  if (specs === undefined) continue
  for (const verdict of await run(asked, specs)) {
    rows.push({ ground: title, ...verdict })
    print(row(title, verdict))
  }
}
const met = rows.filter((one) => one.met).length
if (asJson) process.stdout.write(`${JSON.stringify({ agent, seeds, firstSeed, noiseRatio, met, rows }, null, 2)}\n`)
else
  process.stdout.write(
    `\n${agent} from nothing, ${seeds} seeds from ${firstSeed} on, noise ${percent(noiseRatio, 0)} %: ${met} of ${rows.length} met\n`,
  )
if (met < rows.length) process.exitCode = 1
