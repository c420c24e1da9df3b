import { systemClock } from '../../src/core/clock.ts'
import { interval95, mean } from '../../src/core/statistics.ts'
import { type AgentEntry, lineUp } from '../../src/run/compare/lineup.ts'
import { makePlan } from '../../src/run/compare/plan.ts'
import { runSeed, type SeedResult } from '../../src/run/compare/seed-run.ts'
import type { SeedSummary } from '../../src/run/compare/summary.ts'
import { findGrounds, openGround } from '../../src/run/grounds/open.ts'
import { defaultWeights } from '../../src/run/request.ts'
import { asJson, benchEvents, flag } from '../support.ts'

// What planning for heat is worth: `bayes` with and without it, the planner, the oracle and the baselines on simulated boards in a hot world. Each agent's cost beside that of the oracle and of the planner, and less
// that of `bayes`, paired by seed, with 95 % intervals.
// --boards A,B --plants nominal,perturbed --scenarios LIST --agents LIST --seeds K --first-seed S --steps N --json

const list = (name: string, fallback: string): string[] => flag(name, fallback).split(',')
const seeds = Number(flag('seeds', '10'))
const firstSeed = Number(flag('first-seed', '1'))
const steps = Number(flag('steps', '1000'))
const others = list('agents', 'planner,static,alert,linucb,q-learning,ladder,schedutil,performance')

const myopic = (entry: AgentEntry): AgentEntry => ({
  ...entry,
  label: `${entry.label} (plansHeat off)`,
  options: { ...entry.options, plansHeat: false },
})
const planning = lineUp(['bayes', 'bayes+profile'], {})
const agents: AgentEntry[] = [...planning, ...planning.map(myopic), ...lineUp(others, {})]

/** Shares of the other's cost. */
interface Difference {
  readonly mean: number
  readonly lo: number
  readonly hi: number
}

interface Row {
  readonly agent: string
  readonly cost: number
  readonly missRatio: number
  readonly toOracle: Difference
  readonly toPlanner: Difference | undefined
  /** Own cost less that of `bayes`, or of `bayes+profile` beside those that had one. */
  readonly overBayes: Difference
}

async function measure(board: string, plant: 'nominal' | 'perturbed', scenario: string): Promise<Row[]> {
  const [spec] = findGrounds([`sim:${board}@${scenario}`], { plant })
  const ground = openGround(spec as NonNullable<typeof spec>)
  const plan = makePlan(ground, { percentile: 99, weights: defaultWeights, objective: undefined }, agents, steps)
  const results: SeedResult[] = []
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) results.push(await runSeed(ground, plan, seed, systemClock))
  const runsOf = (label: string): SeedSummary[] | undefined => {
    if (label === 'oracle') return results.map(({ oracle }) => oracle)
    const at = plan.agents.findIndex((entry) => entry.label === label)
    return at < 0 ? undefined : results.map((result) => result.agents[at] as SeedSummary)
  }
  const beside = (own: readonly SeedSummary[], other: readonly SeedSummary[]): Difference => {
    const samples = own.map(({ cost }, s) => cost / (other[s] as SeedSummary).cost - 1)
    const { lo, hi } = interval95(samples)
    return { mean: mean(samples), lo: lo ?? Number.NaN, hi: hi ?? Number.NaN }
  }
  const planner = runsOf('planner')
  return [{ label: 'oracle', class: 'reference' as const }, ...plan.agents].map((entry) => {
    const own = runsOf(entry.label) as SeedSummary[]
    const bayes = runsOf(entry.class === 'profiled' ? 'bayes+profile' : 'bayes') as SeedSummary[]
    return {
      agent: entry.label,
      cost: mean(own.map(({ cost }) => cost)),
      missRatio: mean(own.map(({ missRatio }) => missRatio)),
      toOracle: beside(own, runsOf('oracle') as SeedSummary[]),
      toPlanner: planner === undefined ? undefined : beside(own, planner),
      overBayes: beside(own, bayes),
    }
  })
}

const percent = (ratio: number): string => (100 * ratio).toFixed(1)
const cell = (difference: Difference | undefined): string =>
  difference === undefined ? '' : `${percent(difference.mean)} [${percent(difference.lo)}, ${percent(difference.hi)}]`

const document: { name: string; rows: Row[] }[] = []
for (const scenario of list('scenarios', 'hot-ambient'))
  for (const board of list('boards', 'odroid-xu4,rk3399,rk3588'))
    for (const plant of list('plants', 'nominal,perturbed') as ('nominal' | 'perturbed')[]) {
      const name = `${board}, ${plant}, ${scenario}`
      benchEvents.note(name)
      const rows = await measure(board, plant, scenario)
      document.push({ name, rows })
      if (asJson) continue
      const lines = rows.map(
        ({ agent, cost, missRatio, toOracle, toPlanner, overBayes }) =>
          `| \`${agent}\` | ${cost.toPrecision(4)} | ${percent(missRatio)} | ${cell(toOracle)} | ${cell(toPlanner)} | ${cell(overBayes)} |`,
      )
      process.stdout.write(
        `${[`| ${name} | cost | misses, % | over oracle, % | over planner, % | over \`bayes\` of its class, % |`, '|---|---|---|---|---|---|', ...lines, ''].join('\n')}\n`,
      )
    }
if (asJson) process.stdout.write(`${JSON.stringify({ seeds, steps, grounds: document }, null, 2)}\n`)
else process.stdout.write(`${steps} decisions, ${seeds} seeds from ${firstSeed}; differences paired by seed, 95 % intervals\n`)
