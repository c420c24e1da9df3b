import { findAgent } from '../../agents/index.ts'
import type { SimEnv } from '../../envs/sim/sim-env.ts'
import { scenarioNames } from '../../envs/world/scenario/shipped.ts'
import type { Agent } from '../../src/core/agent.ts'
import { systemClock } from '../../src/core/clock.ts'
import { makeObjective } from '../../src/core/objective.ts'
import { interval95, mean } from '../../src/core/statistics.ts'
import { type EpisodeRecord, makeEpisodeRecord, runEpisode } from '../../src/run/compare/episode.ts'
import { lineUp } from '../../src/run/compare/lineup.ts'
import { makePlan } from '../../src/run/compare/plan.ts'
import { findGrounds, openGround } from '../../src/run/grounds/open.ts'
import { defaultWeights } from '../../src/run/request.ts'
import { asJson, benchEvents, flag } from '../support.ts'
import { makeInformed, type Sight } from './informed.ts'

// An agent in every scenario of simulated boards, after its first decisions: gap to the oracle with its 95 % interval, misses of both, and how near an agent could come that knows the plant but
// not what has changed since the last answer (informed.ts). --agent NAME --boards A,B --plants nominal,perturbed --scenarios LIST --seeds K --first-seed S --steps N --after K --set OPTION=NUMBER,… --json

const name = flag('agent', 'bayes')
const boards = flag('boards', 'odroid-xu4,rk3588,rk3399').split(',')
const plants = flag('plants', 'nominal,perturbed').split(',') as ('nominal' | 'perturbed')[]
const scenarios = flag('scenarios', scenarioNames().join(',')).split(',')
const seeds = Number(flag('seeds', '20'))
const firstSeed = Number(flag('first-seed', '1'))
const steps = Number(flag('steps', '1000'))
const after = Number(flag('after', '50'))
const options = Object.fromEntries(
  flag('set', '')
    .split(',')
    .filter((part) => part !== '')
    .map((part) => part.split('='))
    .map(([option, value]) => [option, Number(value)]),
)

/** Of one run, from `after` on. */
interface Figures {
  readonly cost: number
  readonly missRatio: number
}

/** What was never answered is missed. */
function figuresOf({ cost, missed, dropped }: EpisodeRecord): Figures {
  const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0)
  const never = sum(dropped.subarray(after))
  return { cost: mean(cost.subarray(after)), missRatio: (sum(missed.subarray(after)) + never) / (steps - after + never) }
}

async function measure(board: string, plant: 'nominal' | 'perturbed', scenario: string) {
  const [spec] = findGrounds([`sim:${board}@${scenario}`], {
    board: '',
    scenario: undefined,
    on: undefined,
    network: 'date2020',
    plant,
    noiseRatio: 0,
    fix: [],
    tables: [],
    suiteFolder: undefined,
  })
  const ground = openGround(spec as NonNullable<typeof spec>)
  const [entry] = lineUp([name])
  const plan = makePlan(ground, { percentile: 99, weights: defaultWeights }, lineUp([name]), steps)
  const objective = makeObjective(plan.objective, ground.nominal)
  const env = ground.open(plan.requirements) as SimEnv
  const { spaces } = env
  const record = makeEpisodeRecord(steps)
  const nominal = ground.nominal.map(({ accuracy }) => ({ latencyS: Number.NaN, energyJ: Number.NaN, accuracy }))
  const known = entry?.class === 'nothing' ? { nominal } : { nominal: ground.nominal }
  const runs: { agent: Figures; oracle: Figures; informed: Record<Sight, Figures> }[] = []
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const run = async (agent: Agent): Promise<Figures> => {
      await runEpisode({ env, agent, objective, clock: systemClock, seed, steps }, record)
      return figuresOf(record)
    }
    const common = { spaces, seed, options: {}, objective }
    runs.push({
      oracle: await run(findAgent('oracle').make({ ...common, truth: env.truth })),
      agent: await run(findAgent(name).make({ ...common, options, ...known })),
      informed: { answers: await run(makeInformed(env, objective, 'answers')), monitors: await run(makeInformed(env, objective, 'monitors')) },
    })
  }
  const gap = (of: (run: (typeof runs)[number]) => Figures) => interval95(runs.map((run) => of(run).cost / run.oracle.cost - 1))
  const misses = (of: (run: (typeof runs)[number]) => Figures) => mean(runs.map((run) => of(run).missRatio))
  return {
    board,
    plant,
    scenario,
    gap: gap(({ agent }) => agent),
    missRatio: misses(({ agent }) => agent),
    oracleMissRatio: misses(({ oracle }) => oracle),
    informed: (['answers', 'monitors'] as const).map((sight) => ({
      sight,
      gap: gap(({ informed }) => informed[sight]),
      missRatio: misses(({ informed }) => informed[sight]),
    })),
    moreMisses: interval95(runs.map(({ agent, oracle }) => agent.missRatio - oracle.missRatio)),
  }
}

const percent = (ratio: number): string => (100 * ratio).toFixed(1)
const rows: Awaited<ReturnType<typeof measure>>[] = []
for (const board of boards)
  for (const plant of plants)
    for (const scenario of scenarios) {
      benchEvents.note(`${board}, ${plant} plant, ${scenario}`)
      rows.push(await measure(board, plant, scenario))
    }
if (asJson) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
else {
  const lines = rows.map(({ board, plant, scenario, gap, missRatio, oracleMissRatio, informed, moreMisses }) => {
    const floor = informed.map((one) => `${percent(one.gap.mean)}; ${percent(one.missRatio)}`).join(' | ')
    return `| ${board} | ${plant} | ${scenario} | ${percent(gap.mean)} [${percent(gap.lo)}, ${percent(gap.hi)}] | ${percent(missRatio)} | ${percent(oracleMissRatio)} | ${percent(moreMisses.mean)} [${percent(moreMisses.lo)}, ${percent(moreMisses.hi)}] | ${floor} |`
  })
  process.stdout.write(
    `${[
      `| board | plant | scenario | gap of ${name}, % | its misses, % | the oracle's, % | more than the oracle's | informed by answers: gap; misses | by monitors too |`,
      '|---|---|---|---|---|---|---|---|---|',
      ...lines,
      '',
      `Decisions ${after + 1} to ${steps}, seeds ${firstSeed} to ${firstSeed + seeds - 1}, with 95 % intervals.`,
    ].join('\n')}\n`,
  )
}
