import { writeFileSync } from 'node:fs'
import { findAgent } from '../../agents/index.ts'
import type { Agent } from '../../src/core/agent.ts'
import { mean } from '../../src/core/statistics.ts'
import { parseDeadline } from '../../src/core/units.ts'
import { draw } from '../../src/report/draw.ts'
import { makeJudge } from '../../src/run/judge-policy.ts'
import { asJson, benchEvents, flag, print } from '../support.ts'
import { type Shown, truthChart } from './tables/chart.ts'
import { tableGrounds } from './tables/grounds.ts'
import { type Asked, ask, explorer, inputOf, learned, logOf, truthOf } from './tables/logs.ts'

// Off-policy estimates on measured tables, where they can be held against the truth: a log of one agent that explores, estimates of four others from it, and those others run. How often 95 % intervals hold
// what the run gave, over many logs, and how far estimates are off; beside them what is done without propensities: the mean of the log, and the mean over decisions in which the other would have done the same.
// --tables LIST --explore SPEC --steps N --repetitions N --truth-steps N --noise RATIO --deadline 1.5x --seed N --json --svg FILE

const explore = flag('explore', 'epsilon:0.5')
const steps = Number(flag('steps', '3000'))
const repetitions = Number(flag('repetitions', '200'))
const truthSteps = Number(flag('truth-steps', '400000'))
const noiseRatio = Number(flag('noise', '0.1'))
const deadline = parseDeadline(flag('deadline', '1.5x'), '--deadline')
const seed = Number(flag('seed', '1'))
const picture = flag('svg', '')
const names = flag('tables', '').split(',').filter(Boolean)

interface Target {
  readonly name: string
  readonly policy: Agent
}

/** Two that choose by chance, one that always takes the same point, one that has learned. */
async function targetsOf(asked: Asked): Promise<Target[]> {
  return [
    { name: 'softmax:0.1', policy: explorer(asked, 'softmax:0.1', 11) },
    { name: 'safe:30%,epsilon=1', policy: explorer(asked, 'safe:30%,epsilon=1', 12) },
    { name: 'random', policy: findAgent('random').make({ ...inputOf(asked, 13), frozen: true }) },
    { name: 'bayes', policy: await learned(asked, 'bayes', 14, 500) },
  ]
}

/** One estimator on one policy, over logs. */
interface Record {
  covered: number
  answered: number
  errors: number[]
}

async function study(asked: Asked) {
  const targets = await targetsOf(asked)
  const truths: { name: string; cost: number; standardError: number }[] = []
  for (const { name, policy } of targets) truths.push({ name, ...(await truthOf(asked, policy, 1000 + seed, truthSteps)) })
  const records = new Map<string, Record[]>()
  const refused = targets.map(() => 0)
  const shown: Shown[] = []
  const note = (estimator: string, t: number, cost: number, lo: number, hi: number): void => {
    const row = records.get(estimator) ?? targets.map(() => ({ covered: 0, answered: 0, errors: [] }))
    records.set(estimator, row)
    const { cost: truth } = truths[t] as (typeof truths)[number]
    const record = row[t] as Record
    record.errors.push(Math.abs(cost - truth) / truth)
    if (Number.isNaN(lo)) return
    record.answered++
    if (lo <= truth && truth <= hi) record.covered++
  }
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const log = await logOf(asked, explore, seed * 100_000 + repetition, steps)
    const { judge } = await makeJudge(log)
    for (const [t, { name, policy }] of targets.entries()) {
      const value = await judge(name, policy)
      if (value.verdictCode === 'cannotAnswer') refused[t] = (refused[t] as number) + 1
      for (const { estimator, value: reward, lo, hi } of value.estimates) {
        note(estimator, t, -reward, -hi, -lo)
        if (repetition === 0)
          shown.push({ estimator, policy: name, truth: (truths[t] as (typeof truths)[number]).cost, cost: -reward, lo: -hi, hi: -lo })
      }
      note('(log)', t, -value.logged.value, -value.logged.hi, -value.logged.lo)
      const same = await sameChoice(log, asked, policy)
      note('(same choice)', t, same, Number.NaN, Number.NaN)
      if (repetition === 0)
        shown.push({
          estimator: '(same choice)',
          policy: name,
          truth: (truths[t] as (typeof truths)[number]).cost,
          cost: same,
          lo: Number.NaN,
          hi: Number.NaN,
        })
    }
    if ((repetition + 1) % 20 === 0) benchEvents.note(`${asked.ground.id} ${repetition + 1}/${repetitions}`)
  }
  return {
    ground: asked.ground.id,
    points: asked.ground.spaces.points.length,
    targets: targets.map(({ name }) => name),
    truths,
    refused,
    records,
    shown,
  }
}

/** Mean cost of decisions, each as often as the policy would have taken it. */
async function sameChoice(log: Awaited<ReturnType<typeof logOf>>, { objective, requirements }: Asked, policy: Agent): Promise<number> {
  const target = new Float64Array(log.header.spaces.points.length)
  let [sum, weight] = [0, 0]
  for await (const entry of log.entries()) {
    if (entry.kind !== 'decision') continue
    policy.distribution(entry.observation, entry.mask, target)
    const share = target[entry.action] as number
    sum += share * objective.cost(entry.outcome, requirements[0] as (typeof requirements)[number])
    weight += share
  }
  return sum / weight
}

const percent = (ratio: number, digits = 1): string => (Number.isFinite(ratio) ? `${(100 * ratio).toFixed(digits)} %` : '-')
const documents: unknown[] = []
const studies: Awaited<ReturnType<typeof study>>[] = []
for (const ground of tableGrounds(names, noiseRatio)) {
  const found = await study(ask(ground, { deadline }))
  studies.push(found)
  const rows = [...found.records].map(([estimator, row]) => ({
    estimator,
    policies: row.map(({ covered, answered, errors }, t) => ({
      policy: found.targets[t] as string,
      coverage: answered === 0 ? null : covered / answered,
      answered,
      relativeError: mean(errors),
    })),
  }))
  const { ground: id, points, truths, refused } = found
  documents.push({
    ground: id,
    points,
    explore,
    steps,
    repetitions,
    noiseRatio,
    truths,
    cannotAnswer: refused.map((count) => count / repetitions),
    estimators: rows,
  })
  const title = `${id}: ${points} points, logged ${explore}, ${steps} decisions, ${repetitions} logs; 95 % intervals that hold what the run gave, and mean relative error`
  const header = [
    '',
    ...truths.map(({ name, cost, standardError }) => `${name} (${Number(cost.toPrecision(4))} +- ${Number((1.96 * standardError).toPrecision(1))})`),
  ]
  const body = rows.map(({ estimator, policies }) => [
    estimator,
    ...policies.map(({ coverage, relativeError }) => `${coverage === null ? '-' : percent(coverage)}, ${percent(relativeError, 2)}`),
  ])
  if (!asJson) print(title, [header, ...body, ['cannot answer', ...refused.map((count) => percent(count / repetitions))]], undefined)
}
if (asJson) print('', [], documents)
if (picture !== '') {
  const [first] = studies as [(typeof studies)[number]]
  const svg = await draw(truthChart(`${first.ground}: one log of ${steps} decisions (${explore}), four policies`, first.shown))
  writeFileSync(picture, `${svg.replace(/(<svg[^>]*>)/, '$1<rect width="100%" height="100%" fill="white"/>')}\n`)
}
