import { writeFileSync } from 'node:fs'
import { findAgent } from '../agents/index.ts'
import type { Agent, AgentInput } from '../src/core/agent.ts'
import { systemClock } from '../src/core/clock.ts'
import { makeObjective } from '../src/core/objective.ts'
import { describePoint } from '../src/core/spaces.ts'
import { type Interval, interval95, mean } from '../src/core/statistics.ts'
import { parseDeadline } from '../src/core/units.ts'
import { type BlockResult, interleave, pairedDifference } from '../src/run/blocks.ts'
import { runLoop } from '../src/run/loop.ts'
import { profile } from '../src/run/profile.ts'
import { priorCostOf } from '../src/run/reexecute.ts'
import { defaultWeights, resolveWish } from '../src/run/request.ts'
import { makeTally } from '../src/run/tally.ts'
import { asJson, benchEvents, flag, openGround, time } from './support.ts'

// Does it learn? Beside a co-runner that moves from core to core: the trained agents, frozen, against the fixed operating point that was
// best on the *other* seeds, in interleaved blocks. Fixed points are chosen from the most promising of the idle profile.

const seeds = Number(flag('seeds', '5'))
const steps = Number(flag('steps', '800'))
const blocks = Number(flag('blocks', '5'))
const blockSteps = Number(flag('block-steps', '150'))
const candidates = Number(flag('candidates', '2'))
const agents = flag('agents', 'q-learning,linucb').split(',')
const interfere = flag('interfere', 'cpu:1@0.9,on=2s,off=0.5s,move')
const deadline = flag('deadline', '1.3x')

const ground = await openGround({ rate: flag('rate', '30'), clusters: flag('clusters', '0,1'), virtual: 'pacing', interfere: [interfere] })
const events = {
  ...benchEvents,
  progress: (label: string, done: number, of: number) => void (done === of && process.stderr.write(`${label} ${done}/${of}\n`)),
}
const nominal = await profile(ground.env(), 1, events, 9)
const { requirements, objective: spec } = resolveWish(
  { deadline: parseDeadline(deadline, '--deadline'), percentile: 99, objective: 'weighted', weights: defaultWeights },
  nominal,
)
const objective = makeObjective(spec, nominal)
const priorCost = priorCostOf(objective, nominal, requirements)
const { spaces } = ground.open.runtime.plan
const { points } = spaces
const inputFor = (seed: number, frozen: boolean): AgentInput => ({ spaces, seed, options: {}, nominal, priorCost, frozen })
const fixed = (point: number): Agent => findAgent('static').make({ ...inputFor(0, true), options: { point } })
// The most promising points, but no more than half of one cluster: the best fixed point may lie on either.
const ranked = points.map((_, a) => a).sort((a, b) => (priorCost[a] as number) - (priorCost[b] as number))
const promising: number[] = []
for (const a of ranked)
  if (promising.length < candidates && promising.filter((b) => points[b]?.['cluster'] === points[a]?.['cluster']).length < Math.ceil(candidates / 2))
    promising.push(a)

// One environment for all seeds: its reset ends the co-runners of the seed before.
const env = ground.env()
env.require(requirements)
const perSeed: BlockResult[][] = []
for (let seed = 1; seed <= seeds; seed++) {
  const learned: { name: string; agent: Agent }[] = []
  let start = await env.reset({ seed })
  for (const name of agents) {
    const kind = findAgent(name)
    const agent = kind.make(inputFor(seed, false))
    start = await runLoop({ env, agent, objective, clock: systemClock, tally: makeTally(steps), start, from: 0, to: steps })
    learned.push({ name, agent: kind.make({ ...inputFor(seed, true), data: agent.save() }) })
  }
  const contestants = [...learned, ...promising.map((a) => ({ name: `fixed ${a}`, agent: fixed(a) }))]
  const { results } = await interleave({ env, objective, contestants, blocks, steps: blockSteps, events, label: `seed ${seed}` }, start)
  perSeed.push(results)
}
await env.close()

/** The fixed point that was best on the seeds other than this one. */
function bestElsewhere(seed: number): string {
  const cost = (name: string): number =>
    mean(perSeed.filter((_, s) => s !== seed).map((results) => mean((results.find((r) => r.name === name) as BlockResult).costs)))
  return promising.map((a) => `fixed ${a}`).reduce((best, name) => (cost(name) < cost(best) ? name : best))
}

const find = (seed: number, name: string): BlockResult => perSeed[seed]?.find((result) => result.name === name) as BlockResult
const overSeeds = (value: (seed: number) => number): Interval => interval95(perSeed.map((_, seed) => value(seed)))
const show = ({ mean: m, lo, hi }: Interval, digits = 3): string => `${m.toFixed(digits)} [${lo.toFixed(digits)}, ${hi.toFixed(digits)}]`

const document = agents.map((name) => {
  const fixedOf = perSeed.map((_, seed) => bestElsewhere(seed))
  const pair = (value: (r: BlockResult) => number): Interval =>
    overSeeds((seed) => value(find(seed, name)) - value(find(seed, fixedOf[seed] as string)))
  return {
    agent: name,
    fixedPoints: fixedOf.map((fixedName) => describePoint(points[Number(fixedName.slice(6))] as (typeof points)[number])),
    learnedCost: overSeeds((seed) => mean(find(seed, name).costs)),
    fixedCost: overSeeds((seed) => mean(find(seed, fixedOf[seed] as string).costs)),
    costDifference: pair((r) => mean(r.costs)),
    perSeedDifference: perSeed.map((_, seed) => pairedDifference(find(seed, name), find(seed, fixedOf[seed] as string))),
    latencyTermDifference: pair((r) => r.summary.costTerms.latency),
    violationTermDifference: pair((r) => r.summary.costTerms.violation),
    missRatio: {
      learned: overSeeds((seed) => find(seed, name).summary.missRatio).mean,
      fixed: overSeeds((seed) => find(seed, fixedOf[seed] as string).summary.missRatio).mean,
    },
    p50S: {
      learned: overSeeds((seed) => find(seed, name).summary.latencyS.p50 as number).mean,
      fixed: overSeeds((seed) => find(seed, fixedOf[seed] as string).summary.latencyS.p50 as number).mean,
    },
    p95S: {
      learned: overSeeds((seed) => find(seed, name).summary.latencyS.p95 as number).mean,
      fixed: overSeeds((seed) => find(seed, fixedOf[seed] as string).summary.latencyS.p95 as number).mean,
    },
    accuracy: {
      learned: overSeeds((seed) => find(seed, name).summary.accuracy).mean,
      fixed: overSeeds((seed) => find(seed, fixedOf[seed] as string).summary.accuracy).mean,
    },
    estimatedEnergyTermDifference: pair((r) => r.summary.costTerms.energy),
  }
})

const all = {
  deadlineS: requirements.deadlineS,
  interfere,
  seeds,
  steps,
  blocks,
  blockSteps,
  results: document,
  contestants: perSeed.map((results) => results.map(({ name, costs }) => ({ name, cost: mean(costs) }))),
}
const out = flag('out', '')
if (out !== '') writeFileSync(out, `${JSON.stringify(all, null, 2)}\n`)
if (asJson) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`)
else {
  process.stdout.write(
    `learned, frozen, against the fixed point best on other seeds: ${seeds} seeds, ${blocks} pairs of blocks of ${blockSteps} requests each\n`,
  )
  process.stdout.write(`deadline ${time(requirements.deadlineS as number)} (${deadline}), co-runner ${interfere}; 95 % intervals over seeds\n\n`)
  for (const r of document) {
    const better =
      r.costDifference.hi < 0 ? 'the learned policy is better' : r.costDifference.lo > 0 ? 'the fixed point is better' : 'not distinguishable'
    process.stdout.write(
      [
        `${r.agent}: ${better}`,
        `  cost        ${show(r.learnedCost)} against ${show(r.fixedCost)}; difference ${show(r.costDifference)}`,
        `  of which    latency ${show(r.latencyTermDifference)}, violations ${show(r.violationTermDifference)} (measured), energy ${show(r.estimatedEnergyTermDifference)} (estimated)`,
        `  latency     p50 ${time(r.p50S.learned)} against ${time(r.p50S.fixed)}, p95 ${time(r.p95S.learned)} against ${time(r.p95S.fixed)} (measured)`,
        `  misses      ${(100 * r.missRatio.learned).toFixed(1)} % against ${(100 * r.missRatio.fixed).toFixed(1)} % (measured)`,
        `  accuracy    ${(100 * r.accuracy.learned).toFixed(1)} % against ${(100 * r.accuracy.fixed).toFixed(1)} % (test set)`,
        `  fixed       ${[...new Set(r.fixedPoints)].join(' | ')}`,
        '',
        '',
      ].join('\n'),
    )
  }
}
