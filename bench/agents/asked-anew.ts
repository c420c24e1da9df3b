import { findAgent } from '../../agents/index.ts'
import type { Agent } from '../../src/core/agent.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { Env } from '../../src/core/env.ts'
import { makeObjective } from '../../src/core/objective.ts'
import { interval95 } from '../../src/core/statistics.ts'
import { makeEpisodeRecord, runEpisode, truthOf } from '../../src/run/compare/episode.ts'
import { lineUp } from '../../src/run/compare/lineup.ts'
import { makePlan } from '../../src/run/compare/plan.ts'
import { findGrounds, openGround } from '../../src/run/grounds/open.ts'
import { defaultWeights } from '../../src/run/request.ts'
import { asJson, benchEvents, flag } from '../support.ts'

// What an agent's first decisions under changed requirements cost beside the oracle's, of each change apart.
// --agents A,B --boards A,B --plants nominal,perturbed --scenario NAME --seeds K --first-seed S --steps N --first DECISIONS --json

const list = (name: string, fallback: string): string[] => flag(name, fallback).split(',')
const seeds = Number(flag('seeds', '20'))
const firstSeed = Number(flag('first-seed', '1'))
const steps = Number(flag('steps', '1000'))
const first = Number(flag('first', '5'))
const scenario = flag('scenario', 'budget-change')

/** Costs of a run, and the decisions before which the requirements changed. */
async function live(env: Env, make: (env: Env) => Agent, objective: ReturnType<typeof makeObjective>, seed: number) {
  const record = makeEpisodeRecord(steps)
  const changes: number[] = []
  let asked: unknown
  let decision = 0
  const agent = make(env)
  const watched: Agent = {
    ...agent,
    act(observation, mask) {
      const { requirements } = truthOf(env)
      if (asked !== undefined && asked !== requirements) changes.push(decision)
      asked = requirements
      decision++
      return agent.act(observation, mask)
    },
  }
  await runEpisode({ env, agent: watched, objective, clock: systemClock, seed, steps }, record)
  return { cost: record.cost, changes: changes.filter((at) => at + first <= steps) }
}

const sumFrom = (cost: Float64Array, at: number): number => cost.subarray(at, at + first).reduce((total, value) => total + value, 0)

async function measure(board: string, plant: 'nominal' | 'perturbed', name: string) {
  const [spec] = findGrounds([`sim:${board}@${scenario}`], { plant })
  const ground = openGround(spec as NonNullable<typeof spec>)
  const plan = makePlan(ground, { percentile: 99, weights: defaultWeights, objective: undefined }, lineUp(['oracle'], {}), steps)
  const objective = makeObjective(plan.objective, ground.nominal)
  const unmeasured = ground.nominal.map(({ accuracy }) => ({ latencyS: Number.NaN, energyJ: Number.NaN, accuracy }))
  const gaps: number[][] = []
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const env = ground.open(plan.requirements)
    const reference = await live(
      env,
      ({ spaces }) => findAgent('oracle').make({ spaces, seed, options: {}, objective, truth: truthOf(env) }),
      objective,
      seed,
    )
    const own = await live(env, ({ spaces }) => findAgent(name).make({ spaces, seed, options: {}, objective, nominal: unmeasured }), objective, seed)
    own.changes.forEach((at, k) => {
      const there = reference.changes[k]
      if (there === undefined) return
      gaps[k] ??= []
      gaps[k].push(sumFrom(own.cost, at) / sumFrom(reference.cost, there) - 1)
    })
    await env.close()
  }
  return gaps.map((samples) => interval95(samples))
}

const percent = (ratio: number): string => (100 * ratio).toFixed(1)
const rows: { name: string; agent: string; changes: Awaited<ReturnType<typeof measure>> }[] = []
for (const board of list('boards', 'odroid-xu4,rk3399,rk3588'))
  for (const plant of list('plants', 'nominal,perturbed') as ('nominal' | 'perturbed')[])
    for (const agent of list('agents', 'bayes')) {
      benchEvents.note(`${board}, ${plant}, ${agent}`)
      rows.push({ name: `${board}, ${plant}`, agent, changes: await measure(board, plant, agent) })
    }
if (asJson) process.stdout.write(`${JSON.stringify({ scenario, seeds, steps, first, rows }, null, 2)}\n`)
else {
  const most = Math.max(...rows.map(({ changes }) => changes.length))
  const lines = rows.map(
    ({ name, agent, changes }) =>
      `| ${name} | \`${agent}\` | ${changes.map(({ mean, lo, hi }) => `${percent(mean)} [${percent(lo)}, ${percent(hi)}]`).join(' | ')} |`,
  )
  const heads = Array.from({ length: most }, (_, k) => `change ${k + 1}`)
  process.stdout.write(
    `${[`| ${scenario}: gap of the first ${first} decisions, % | agent | ${heads.join(' | ')} |`, `|---|---|${heads.map(() => '---').join('|')}|`, ...lines, `${seeds} seeds from ${firstSeed}, ${steps} decisions, 95 % intervals`].join('\n')}\n`,
  )
}
