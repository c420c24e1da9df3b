import { formatQuantity } from '../../core/units.ts'
import { labelsOf, objectiveText } from '../../report/compare-format.ts'
import { askedTexts, infeasibleTexts } from '../../report/compare-rows.ts'
import type { AgentClass, AgentResult, CompareResult, Stat } from '../../run/compare/result.ts'
import { bold, formatTable } from '../print.ts'

const classTitles: Readonly<Record<AgentClass, string>> = {
  nothing: 'from nothing',
  transferred: 'transferred: begin with what was learned on another board or network',
  profiled: 'profiled: begin with one noisy sample of every point',
  trained: 'trained: begin with a checkpoint',
  reference: 'references: know what no agent can know',
}

const tooFew = 'too few'

/** One ground's comparison for the terminal: figures by class, best first, then the gap by window of steps. */
export function compareLines(result: CompareResult): string[] {
  const { env, objective, steps, seeds, firstSeed, points } = result
  const groups = (Object.keys(classTitles) as AgentClass[]).flatMap((kind) => {
    const agents = result.agents.filter((agent) => agent.class === kind).sort((a, b) => a.cost.mean - b.cost.mean)
    return agents.length === 0 ? [] : [{ kind, agents }]
  })
  const rows = (cells: (agent: AgentResult) => string[]): string[][] =>
    groups.flatMap(({ kind, agents }) => [[`${classTitles[kind]}`], ...agents.map((agent) => [`  ${agent.agent}`, ...cells(agent)])])
  const figures = [
    ['', 'cost', 'gap', 'behind the best', 'energy', 'p50', 'p95', 'p99', 'misses', 'longest', 'top-1', 'decides in'],
    ...rows((agent) => figureCells(agent)),
  ]
  const windows = result.agents[0]?.windows ?? []
  const gaps = [
    ['gap by steps', ...windows.map(({ from, to }) => (to === null ? `${from}-` : `${from}-${to}`))],
    ...rows((agent) => agent.windows.map(({ gap }) => percentOf(gap))),
  ]
  return [
    bold(env),
    `${points} points, ${steps} steps, ${seeds === 1 ? `seed ${firstSeed}` : `seeds ${firstSeed} to ${firstSeed + seeds - 1}`}; ± is half of a 95 % interval over seeds`,
    ...labelsOf(result),
    `objective ${objectiveText(objective)}`,
    ...askedTexts(result).map((text, phase) => (phase === 0 ? `asked: ${text}` : `  ${text}`)),
    ...infeasibleTexts(result),
    '',
    ...formatGroups(figures),
    ...(windows.length === 0 ? [] : ['', ...formatGroups(gaps)]),
    ...noteLines(result),
  ]
}

/** Titles of groups stand alone in their row and must not widen the first column. */
function formatGroups(rows: readonly (readonly string[])[]): string[] {
  const widest = Math.max(...rows.filter((row) => row.length > 1).map((row) => (row[0] as string).length))
  const lines = formatTable(rows.map((row) => (row.length > 1 ? row : [(row[0] as string).slice(0, widest)])))
  return lines.map((line, i) => (rows[i]?.length === 1 ? (rows[i][0] as string) : line))
}

function figureCells({ cost, gap, behindBest, class: kind, energyJ, latencyS, missRatio, longestMissRun, accuracy, decideS }: AgentResult): string[] {
  const timeOf = (stat: Stat | null): string => (stat === null ? tooFew : formatQuantity(stat.mean, 'time'))
  return [
    numberOf(cost),
    percentOf(gap),
    behindText(kind, behindBest),
    formatQuantity(energyJ?.mean, 'energy'),
    timeOf(latencyS.p50),
    timeOf(latencyS.p95),
    timeOf(latencyS.p99),
    percentOf(missRatio),
    String(Number(longestMissRun.mean.toPrecision(3))),
    accuracy === null ? '-' : (accuracy.mean * 100).toFixed(1),
    formatQuantity(decideS.mean, 'time'),
  ]
}

function behindText(kind: AgentClass, behind: AgentResult['behindBest']): string {
  if (kind === 'reference') return ''
  if (behind === null) return 'best'
  // One seed tells nothing about others.
  if (behind.lo === null) return `+${numberOf(behind)}, one seed`
  return behind.distinguishable ? `+${numberOf(behind)}` : 'not distinguishable'
}

/** An end may have been cut where the quantity ends: the other one is whole. */
const halfOf = ({ mean, lo, hi }: Stat): number | null => (lo === null || hi === null ? null : Math.max(hi - mean, mean - lo))

/** Four significant digits, and the interval to the same place. */
function numberOf(stat: Stat): string {
  const half = halfOf(stat)
  const decimals = stat.mean === 0 ? 3 : Math.min(12, Math.max(0, 3 - Math.floor(Math.log10(Math.abs(stat.mean)))))
  const text = stat.mean.toFixed(decimals)
  return half === null ? text : `${text} ±${half.toFixed(decimals)}`
}

function percentOf(stat: Stat): string {
  const half = halfOf(stat)
  const percent = (value: number): string => (value * 100).toFixed(1)
  return half === null ? `${percent(stat.mean)} %` : `${percent(stat.mean)} ±${percent(half)} %`
}

function noteLines({ agents, steps }: CompareResult): string[] {
  const profiled = agents.find(({ profileSteps }) => profileSteps > 0)
  const few = agents.some(({ latencyS }) => latencyS.p99 === null)
  const notes = [
    ...(profiled === undefined ? [] : [`the profile took ${profiled.profileSteps} steps, which no figure counts`]),
    ...(few ? [`too few: ${steps} steps a run; a p95 needs 130, a p99 662`] : []),
    ...agents.flatMap(({ agent, notes }) => notes.map((note) => `${agent}: ${note}`)),
  ]
  return notes.length === 0 ? [] : ['', ...notes]
}
