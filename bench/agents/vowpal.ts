import { writeFileSync } from 'node:fs'
import { systemClock } from '../../src/core/clock.ts'
import { FlyballError } from '../../src/core/errors.ts'
import { makeObjective } from '../../src/core/objective.ts'
import { interval95, median } from '../../src/core/statistics.ts'
import { parseDeadline } from '../../src/core/units.ts'
import { makeEpisodeRecord, runEpisode } from '../../src/run/compare/episode.ts'
import { lineUp } from '../../src/run/compare/lineup.ts'
import { makePlan } from '../../src/run/compare/plan.ts'
import { runSeed } from '../../src/run/compare/seed-run.ts'
import { type SeedSummary, summariseEpisode } from '../../src/run/compare/summary.ts'
import type { Ground } from '../../src/run/grounds/ground.ts'
import { findGrounds, openGround } from '../../src/run/grounds/open.ts'
import { defaultWeights, type Wish } from '../../src/run/request.ts'
import { asJson, benchEvents, flag } from '../support.ts'
import type { Answer } from './vowpal/answer.ts'
import { startVowpal, type Vowpal, whyAbsent } from './vowpal/child.ts'
import { describeRows, type Row, windowGaps } from './vowpal/rows.ts'
import { settings } from './vowpal/settings.ts'

// Vowpal Wabbit (contextual bandit with action-dependent features, its Python package) beside bayes, linucb and q-learning on the same measured tables, same seeds, same run, all from nothing.
// --tables LIST --deadlines LIST --seeds K --steps N --settings LIST|all --agents LIST --python python3 --json --out FILE

const list = (name: string, fallback: string): string[] =>
  flag(name, fallback)
    .split(',')
    .filter((item) => item !== '')
const seeds = Number(flag('seeds', '20'))
const steps = Number(flag('steps', '500'))
const wanted = list('settings', 'squarecb+ids,epsilon+ids')
const tried = settings.filter(({ name }) => wanted[0] === 'all' || wanted.includes(name))
const python = flag('python', 'python3')
const agents = lineUp(list('agents', 'bayes,linucb,q-learning'))

const absent = whyAbsent(python)
if (absent !== undefined) benchEvents.note(`Vowpal Wabbit is left out: ${absent}`)
const vowpal = absent === undefined ? startVowpal(python) : undefined
const rows: Row[] = []
try {
  for (const table of list('tables', 'orin-agx-resnet,orin-agx-mobnet,orin-agx-lstm,rk3399pro'))
    for (const deadline of list('deadlines', '1.5x')) {
      const ground = open(table)
      if (ground !== undefined) rows.push(...(await runGround(ground, table, deadline)))
    }
} finally {
  vowpal?.close()
}
const out = flag('out', '')
if (out !== '') writeFileSync(out, `${JSON.stringify(rows, null, 2)}\n`)
process.stdout.write(asJson ? `${JSON.stringify(rows, null, 2)}\n` : `${describeRows(rows, seeds).join('\n')}\n`)

/** Undefined where the table is not here. */
function open(table: string): Ground | undefined {
  try {
    const [spec] = findGrounds([`table:${table}`], { noiseRatio: 0.03, fix: table.startsWith('orin') ? ['batch=1'] : [] })
    return openGround(spec as NonNullable<typeof spec>)
  } catch (error) {
    if (!(error instanceof FlyballError && error.code === 'ERR_UNKNOWN_ENV')) throw error
    benchEvents.note(`left out, as the measured table is not here: ${table}`)
    return undefined
  }
}

async function runGround(ground: Ground, table: string, deadline: string): Promise<Row[]> {
  const wish: Wish = {
    ...{ percentile: 99, weights: defaultWeights, objective: 'energy', deadline: parseDeadline(deadline, '--deadlines') },
    ...(table === 'rk3399pro' ? { accuracyFloor: 0.69 } : {}),
  }
  const plan = makePlan(ground, wish, agents, steps)
  const oracle: SeedSummary[] = []
  const runs = new Map<string, SeedSummary[]>()
  const times = new Map<string, Answer[]>()
  const add = (name: string, run: SeedSummary): void => void runs.set(name, [...(runs.get(name) ?? []), run])
  for (let seed = 1; seed <= seeds; seed++) {
    const result = await runSeed(ground, plan, seed, systemClock)
    oracle.push(result.oracle)
    agents.forEach(({ label }, a) => {
      add(label, result.agents[a] as SeedSummary)
    })
    if (vowpal === undefined) continue
    for (const setting of tried) {
      const taken = times.get(setting.name) ?? []
      times.set(setting.name, taken)
      add(`vw ${setting.name}`, await runVowpal(vowpal, setting, ground, plan, seed, taken))
    }
    benchEvents.note(`${ground.id} ${deadline}: seed ${seed} of ${seeds}`)
  }
  return [...runs].map(([agent, own]) => {
    const taken = times.get(agent.replace('vw ', ''))
    const part = (of: (answer: Answer) => number): number => median((taken ?? []).map(of))
    return {
      ground: `${ground.id} ${deadline}`,
      agent,
      gap: interval95(own.map((run, i) => run.cost / (oracle[i] as SeedSummary).cost - 1)),
      windows: windowGaps(own, oracle, steps),
      missRatio: interval95(own.map(({ missRatio }) => missRatio)),
      decideS: taken === undefined ? median(own.map(({ decideS }) => decideS)) : part(({ predictS, learnS }) => predictS + learnS),
      parseS: taken === undefined ? null : part(({ parseS }) => parseS),
    }
  })
}

async function runVowpal(
  child: Vowpal,
  setting: (typeof settings)[number],
  ground: Ground,
  plan: ReturnType<typeof makePlan>,
  seed: number,
  taken: Answer[],
): Promise<SeedSummary> {
  const env = ground.open(plan.requirements)
  const record = makeEpisodeRecord(steps)
  try {
    const agent = child.begin(setting, env.spaces, seed, taken)
    await runEpisode({ env, agent, objective: makeObjective(plan.objective, ground.nominal), clock: systemClock, seed, steps }, record)
    return summariseEpisode(record)
  } finally {
    await env.close()
  }
}
