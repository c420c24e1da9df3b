import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { scenarioNames } from '../envs/world/scenario/shipped.ts'
import { FlyballError } from '../src/core/errors.ts'
import { mean } from '../src/core/statistics.ts'
import { parseDeadline } from '../src/core/units.ts'
import { gapChart } from '../src/report/compare-charts.ts'
import { draw } from '../src/report/draw.ts'
import { compare } from '../src/run/compare/in-threads.ts'
import { defaultAgents, lineUp } from '../src/run/compare/lineup.ts'
import type { AgentClass, AgentResult, CompareResult } from '../src/run/compare/result.ts'
import { findGrounds } from '../src/run/grounds/open.ts'
import { defaultGroundOptions, type GroundOptions } from '../src/run/grounds/spec.ts'
import { defaultWeights, type Wish } from '../src/run/request.ts'
import { tableFolders } from '../src/table/find.ts'
import { asJson, benchEvents, flag } from './support.ts'

// Every agent and baseline on simulated boards in all shipped scenarios, and on measured tables, each beside the oracle: the table of the README, as Markdown.
// --boards A,B --tables NAME,NAME --seeds K --steps N --plant nominal|perturbed --agents LIST --per-scenario --json --svg FILE (gaps in one scenario of the first board)

const boards = flag('boards', 'odroid-xu4,rk3399,rk3588').split(',')
const tables = flag('tables', 'orin-agx-resnet,rk3399pro').split(',')
const plant = flag('plant', 'nominal') === 'perturbed' ? 'perturbed' : 'nominal'
const perScenario = process.argv.includes('--per-scenario')
const settings = {
  agents: lineUp(flag('agents', defaultAgents().join(',')).split(','), {}),
  steps: Number(flag('steps', '1000')),
  seeds: Number(flag('seeds', '20')),
  firstSeed: 1,
  workers: Number(flag('workers', String(availableParallelism()))),
}
const asked: Omit<Wish, 'objective'> = { percentile: 99, weights: defaultWeights }
const options: GroundOptions = {
  ...defaultGroundOptions,
  plant,
  tables: tableFolders(undefined, process.env['FLYBALL_TABLES']),
}

/** One column: what was run, and under which name. */
interface Column {
  readonly name: string
  readonly results: readonly CompareResult[]
}

async function run(name: string, envs: readonly string[], wish: typeof asked & { objective?: Wish['objective'] }, more: Partial<GroundOptions>) {
  benchEvents.note(name)
  const grounds = findGrounds(envs, { ...options, ...more })
  return { name, results: await compare({ ...settings, wish, grounds }, benchEvents, new AbortController().signal) }
}

/** Undefined where the table is not there. */
async function runTable(name: string): Promise<Column | undefined> {
  const floor = name === 'rk3399pro' ? { accuracyFloor: 0.69 } : {}
  const wish = { ...asked, ...floor, objective: 'energy' as const, deadline: parseDeadline('1.5x', 'deadline') }
  try {
    return await run(name, [`table:${name}`], wish, { plant: 'nominal', noiseRatio: 0.03, fix: name.startsWith('orin') ? ['batch=1'] : [] })
  } catch (error) {
    if (!(error instanceof FlyballError && error.code === 'ERR_UNKNOWN_ENV')) throw error
    benchEvents.note(`left out, as the measured table is not here: ${name}`)
    return undefined
  }
}

const percent = (ratio: number): string => {
  const text = (100 * ratio).toFixed(Math.abs(ratio) < 0.0995 ? 1 : 0)
  return text === '-0.0' ? '0.0' : text
}

/** Mean gap over the grounds of a column and the worst one; of a single ground its interval. Then misses. */
function cellOf(name: string, { results }: Column): string {
  const found = results.flatMap(({ agents }) => agents.filter(({ agent }) => agent === name))
  if (found.length === 0) return ''
  const gaps = found.map(({ gap }) => gap.mean)
  const misses = percent(mean(found.map(({ missRatio }) => missRatio.mean)))
  const [only] = found as [AgentResult]
  const half = ((only.gap.hi ?? Number.NaN) - (only.gap.lo ?? Number.NaN)) / 2
  const spread = found.length > 1 ? `(worst ${percent(Math.max(...gaps))})` : Number.isNaN(half) ? '' : `± ${percent(half)}`
  return `${percent(mean(gaps))} ${spread}; ${misses}`
}

const titles: Readonly<Record<AgentClass, string>> = {
  nothing: 'from nothing',
  transferred: 'transferred',
  profiled: 'with a profile',
  trained: 'trained',
  reference: 'references',
}

function markdown(columns: readonly Column[]): string[] {
  const agents = columns[0]?.results[0]?.agents ?? []
  const rank = (name: string): number =>
    mean(columns[0]?.results.flatMap((r) => r.agents.filter((a) => a.agent === name).map((a) => a.gap.mean)) ?? [])
  const rows = (Object.keys(titles) as AgentClass[]).flatMap((kind) => {
    const members = agents.filter((agent) => agent.class === kind).sort((a, b) => rank(a.agent) - rank(b.agent))
    const heading = members.length === 0 ? [] : [`| *${titles[kind]}* | ${columns.map(() => '').join(' | ')} |`]
    return [...heading, ...members.map(({ agent }) => `| \`${agent}\` | ${columns.map((column) => cellOf(agent, column)).join(' | ')} |`)]
  })
  return [
    `| gap to the oracle, %; misses, % | ${columns.map(({ name }) => name).join(' | ')} |`,
    `|---|${columns.map(() => '---').join('|')}|`,
    ...rows,
  ]
}

/** Readable on a page of any colour. */
const onWhite = (svg: string): string => svg.replace(/(<svg[^>]*>)/, '$1<rect width="100%" height="100%" fill="white"/>')

const columns: Column[] = []
for (const board of boards.filter((id) => id !== '')) columns.push(await run(`${board}, ${plant} plant`, ['suite:scenarios'], asked, { board }))
for (const name of tables.filter((id) => id !== '')) {
  const column = await runTable(name)
  if (column !== undefined) columns.push(column)
}
const single = columns.flatMap(({ results }) => results.map((result) => ({ name: result.env.replace(/^.*@/, ''), results: [result] })))
if (asJson) process.stdout.write(`${JSON.stringify(columns, null, 2)}\n`)
else {
  const lines = [
    ...markdown(perScenario ? single : columns),
    '',
    `${settings.steps} decisions, ${settings.seeds} seeds; boards: ${scenarioNames().length} scenarios, objective and requirements as each says; mean gap (worst scenario).`,
    'Tables: energy under 1.5 times the latency of the fastest point, noise of 3 %; rk3399pro with an accuracy floor of 0.69; ± 95 % interval over seeds.',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}
const picture = flag('svg', '')
const shown = columns[0]?.results.find(({ env }) => env.endsWith('@corunner-bursts'))
if (picture !== '' && shown !== undefined) writeFileSync(picture, `${onWhite(await draw(gapChart(shown)))}\n`)
