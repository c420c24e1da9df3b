import { writeFileSync } from 'node:fs'
import { findAgent } from '../../agents/index.ts'
import type { Agent, IncumbentSpec } from '../../src/core/agent.ts'
import { makeJudge } from '../../src/run/judge-policy.ts'
import { asJson, benchEvents, flag } from '../support.ts'
import { errorFigure, type Panel } from './simulated/figure.ts'
import { asCost, naive, type Sample, type Score, scores } from './simulated/score.ts'
import { logOf, openWorld, runOf, type SimulatedWorld, trained } from './simulated/world.ts'

// Off-policy estimates in the simulator, which knows the truth. First, for the next request alone: what targets are expected to cost on the states that a log met (the plant is asked), beside estimates from that log. Then, apart,
// where decisions move the state: what a target costs over several decisions from the logged states on (it takes over there, again and again), and in a run of its own, beside the estimates over as many
// decisions, by fitted Q, and of the next request alone.
// --board B --scenarios LIST --targets LIST --seeds K --steps N --epsilon E --hot-scenario S --hot-targets LIST --horizon H --hot-steps N --svg FILE --json

const list = (name: string, fallback: string): string[] => flag(name, fallback).split(',')
const board = flag('board', 'odroid-xu4')
const seeds = Number(flag('seeds', '20'))
const firstSeed = Number(flag('first-seed', '1'))
const epsilon = Number(flag('epsilon', '0.5'))
const steps = Number(flag('steps', '20000'))
const horizon = Number(flag('horizon', '5'))
const hotSteps = Number(flag('hot-steps', '2000'))
const trainingSeed = 1000

/** `best`: the incumbent itself; `static:POINT`; `NAME@STEPS`: a checkpoint of NAME after so many decisions; else a rule. */
async function targetOf(text: string, world: SimulatedWorld): Promise<Agent> {
  const [name = '', after] = text.split('@')
  if (after !== undefined) return trained(world, name, trainingSeed, Number(after))
  const input = { ...world.input(trainingSeed), frozen: true }
  if (text === 'best') return findAgent('static').make(input)
  if (text.startsWith('static:')) return findAgent('static').make({ ...input, options: { point: Number(text.slice('static:'.length)) } })
  return findAgent(text).make(input)
}

/** Seeds from `firstSeed` on. */
const eachSeed = Array.from({ length: seeds }, (_, i) => firstSeed + i)

async function nextRequest(scenario: string, targets: readonly string[]): Promise<Panel[]> {
  const world = openWorld(`sim:${board}@${scenario}`)
  const policies = await Promise.all(targets.map((target) => targetOf(target, world)))
  const samples = targets.map((): Sample[] => [])
  for (const seed of eachSeed) {
    const log = await logOf(world, { seed, steps, epsilon }, policies)
    const judge = await makeJudge({ header: log.header, entries: () => log.entries })
    for (const [t, policy] of policies.entries()) {
      const truth = log.truth[t] as number
      const { estimates } = await judge.judge(targets[t] as string, policy)
      samples[t]?.push(naive(world, log, policy, truth), ...estimates.map((estimate) => asCost(estimate.estimator, estimate, truth)))
    }
    benchEvents.note(`${scenario}, seed ${seed}`)
  }
  return targets.map((target, t) => ({ name: `${scenario}, ${target}`, scores: scores(samples[t] as Sample[]) }))
}

interface HotPanel {
  readonly name: string
  /** Against what the target costs over `horizon` decisions from the logged states on. */
  readonly overHorizon: readonly Score[]
  /** Against what it costs in a run of its own. */
  readonly ownRun: readonly Score[]
}

/** Around the target itself, so that weights stay small: what is asked is how well the question is answered, not whether the log can. */
async function whereStateMoves(scenario: string, text: string): Promise<HotPanel> {
  const world = openWorld(`sim:${board}@${scenario}`)
  const policy = await targetOf(text, world)
  const incumbent: IncumbentSpec = { agent: text, options: {}, frozen: true }
  const over: Sample[] = []
  const own: Sample[] = []
  for (const seed of eachSeed) {
    const log = await logOf(world, { seed, steps: hotSteps, epsilon, incumbent }, [policy])
    const starts = Array.from({ length: Math.floor(log.actions.length / horizon) }, (_, i) => i * horizon)
    let ahead = 0
    for (const from of starts) ahead += (await runOf(world, policy, { seed, steps: horizon, actions: log.actions, from })) / starts.length
    const real = await runOf(world, policy, { seed, steps: log.actions.length })
    const judge = await makeJudge({ header: log.header, entries: () => log.entries }, undefined, { horizon })
    const { estimates, overHorizon } = await judge.judge(text, policy)
    const found = [...estimates.filter(({ estimator }) => estimator === 'sndr'), ...(overHorizon?.estimates ?? [])]
    over.push(...found.map((estimate) => asCost(estimate.estimator, estimate, ahead)))
    own.push(...found.map((estimate) => asCost(estimate.estimator, estimate, real)))
    over.push({ estimator: 'truth on the logged states', value: log.truth[0] as number, lo: Number.NaN, hi: Number.NaN, truth: ahead })
    own.push({ estimator: 'truth on the logged states', value: log.truth[0] as number, lo: Number.NaN, hi: Number.NaN, truth: real })
    own.push({ estimator: `truth over ${horizon} decisions`, value: ahead, lo: Number.NaN, hi: Number.NaN, truth: real })
    benchEvents.note(`${scenario}, ${text}, seed ${seed}`)
  }
  return { name: `${scenario}, ${text}`, overHorizon: scores(over), ownRun: scores(own) }
}

// The others are in --json.
const printed = ['naive mean', 'ips', 'snips', 'dm', 'dr', 'sndr', 'dros']
const percent = (ratio: number): string => (Number.isFinite(ratio) ? (100 * ratio).toFixed(1) : '-')
const rows = (name: string, found: readonly Score[]): string[] =>
  found.map(
    ({ estimator, error, bias, coverage, width }) =>
      `| ${name} | \`${estimator}\` | ${percent(error)} | ${percent(bias)} | ${percent(coverage)} | ${percent(width)} |`,
  )
const head = (title: string): string[] => [
  '',
  title,
  '',
  '| log, target | estimator | error, % | bias, % | coverage, % | width, % |',
  '|---|---|---|---|---|---|',
]

const panels: Panel[] = []
for (const scenario of list('scenarios', 'steady,corunner-bursts,hot-ambient'))
  panels.push(...(await nextRequest(scenario, list('targets', 'best,static:150,bayes@1000,powersave'))))
const hot: HotPanel[] = []
for (const target of list('hot-targets', 'performance,static')) hot.push(await whereStateMoves(flag('hot-scenario', 'hot-ambient'), target))

if (asJson)
  process.stdout.write(`${JSON.stringify({ board, seeds, steps, epsilon, horizon, hotSteps, nextRequest: panels, stateMoves: hot }, null, 2)}\n`)
else
  process.stdout.write(
    `${[
      ...head(
        `sim:${board}, the next request alone: ${steps} decisions of explorer (epsilon ${epsilon} around the best point of the profile), ${seeds} seeds`,
      ),
      ...panels.flatMap(({ name, scores: found }) =>
        rows(
          name,
          found.filter(({ estimator }) => printed.includes(estimator)),
        ),
      ),
      ...head(`Over ${horizon} decisions from the logged states on: ${hotSteps} decisions, epsilon ${epsilon} around the target, ${seeds} seeds`),
      ...hot.flatMap(({ name, overHorizon }) => rows(name, overHorizon)),
      ...head('The same estimates against a run of the target itself'),
      ...hot.flatMap(({ name, ownRun }) => rows(name, ownRun)),
    ].join('\n')}\n`,
  )
const svg = flag('svg', '')
if (svg !== '') writeFileSync(svg, await errorFigure(panels, ['naive mean', 'snips', 'dm', 'sndr']))
