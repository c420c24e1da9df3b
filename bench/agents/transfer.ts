import { availableParallelism } from 'node:os'
import { findAgent } from '../../agents/index.ts'
import { scenarioNames } from '../../envs/world/scenario/shipped.ts'
import type { Transfer } from '../../src/core/agent.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { Env, Step } from '../../src/core/env.ts'
import { FlyballError } from '../../src/core/errors.ts'
import { makeObjective } from '../../src/core/objective.ts'
import { makeSpaces } from '../../src/core/spaces.ts'
import { parseDeadline } from '../../src/core/units.ts'
import { makeEpisodeRecord, otherSeed, runEpisode } from '../../src/run/compare/episode.ts'
import { compare } from '../../src/run/compare/in-threads.ts'
import type { AgentEntry } from '../../src/run/compare/lineup.ts'
import { makePlan } from '../../src/run/compare/plan.ts'
import type { AgentResult, CompareResult, Stat } from '../../src/run/compare/result.ts'
import { profileOnce } from '../../src/run/compare/seed-run.ts'
import { findGrounds, openGround } from '../../src/run/grounds/open.ts'
import type { GroundOptions } from '../../src/run/grounds/spec.ts'
import type { Wish } from '../../src/run/request.ts'
import { tableFolders } from '../../src/table/find.ts'
import { benchEvents, flag, print } from '../support.ts'

// A checkpoint of one network or board as the prior of an agent on another, beside the same agent from nothing, and from nothing but trying as little as who has a prior: gap and misses of the first fifty decisions. Every ordered pair of some measured
// tables of one board, and of some simulated boards in some scenarios; last, from a board that
// misleads on purpose: the same points, each of which gives what the opposite one gives. The checkpoint learned in worlds of other seeds, from nothing or (--profiled) from a profile as `flyball train` makes one.
// --tables A,B --boards A,B --scenarios A,B|all --deadlines 1.2x,1.5x --plant nominal|perturbed --profiled --seeds K --trained N --workers N --json

const agent = flag('agent', 'bayes')
const tables = flag('tables', 'orin-agx-resnet,orin-agx-mobnet,orin-agx-lstm').split(',')
const boards = flag('boards', 'odroid-xu4,rk3588').split(',')
const asked = flag('scenarios', 'quiet,all').split(',')
const deadlines = flag('deadlines', '1.2x,1.5x,2.5x').split(',')
const trained = Number(flag('trained', '1000'))
const profiled = process.argv.includes('--profiled')
const run = { steps: 50, seeds: Number(flag('seeds', '20')), firstSeed: 1, workers: Number(flag('workers', String(availableParallelism()))) }
const settings: Partial<GroundOptions> = {
  plant: flag('plant', 'nominal') === 'perturbed' ? 'perturbed' : 'nominal',
  tables: tableFolders(undefined, process.env['FLYBALL_TABLES']),
}

const bare = (env: string): string => env.replace(/^(table|sim):/, '').replace(/@.*$/, '')

interface Place {
  readonly env: string
  readonly wish: Wish
  readonly options: Partial<GroundOptions>
}

/** What an agent learned at a place, in a world that no seed of the comparison meets. */
async function learnAt({ env, wish, options }: Place, mirror: boolean): Promise<Transfer> {
  const ground = openGround(findGrounds([env], options)[0] as ReturnType<typeof findGrounds>[number])
  const plan = makePlan(ground, wish, [{ label: agent, name: agent, class: 'nothing', options: {}, frozen: false }], trained)
  const open = ground.open(plan.requirements)
  const world = mirror ? mirrored(open) : open
  const seed = otherSeed(0, env)
  const objective = makeObjective(plan.objective, ground.nominal)
  const scores = ground.nominal.map(({ accuracy }) => ({ latencyS: Number.NaN, energyJ: Number.NaN, accuracy }))
  const nominal = profiled ? profileOnce(world, seed) : scores
  const learner = findAgent(agent).make({ spaces: world.spaces, seed, options: {}, objective, nominal })
  await runEpisode({ env: world, agent: learner, objective, clock: systemClock, seed, steps: trained }, makeEpisodeRecord(trained))
  return { spaces: world.spaces, options: {}, data: learner.save() }
}

/** Every point gives what the one at the other end of the list gives: what was fast is slow. For worlds that mask nothing. */
function mirrored(env: Env): Env {
  const last = env.spaces.points.length - 1
  return {
    spaces: env.spaces,
    ...(env.truth === undefined ? {} : { truth: env.truth }),
    reset: (options) => env.reset(options),
    step: (action) => ({ ...(env.step(last - action) as Step), executedAction: action }),
    close: () => env.close(),
  }
}

interface Row {
  readonly from: string
  readonly to: string
  readonly asked: string
  readonly nothing: AgentResult
  readonly transferred: AgentResult
  /** From nothing, but trying as little as who has a prior. */
  readonly thrifty: AgentResult
  readonly oracle: readonly number[]
}

/** A checkpoint that has nothing to do with any board: what trying less is worth by itself. */
const unrelated: Transfer = (() => {
  const spaces = makeSpaces({
    knobs: [{ name: 'unrelated', kind: 'other', values: [1, 2] }],
    points: [{ unrelated: 1 }, { unrelated: 2 }],
    monitors: [],
  })
  return { spaces, options: {}, data: findAgent(agent).make({ spaces, seed: 1, options: {} }).save() }
})()

const entry = (label: string, transfer?: Transfer): AgentEntry => ({
  label,
  name: agent,
  class: transfer === undefined ? 'nothing' : 'transferred',
  options: {},
  frozen: false,
  ...(transfer === undefined ? {} : { transfer }),
})

async function carry(from: Place, to: Place, what: string, mirror = false): Promise<Row> {
  const name = `${bare(from.env)}${mirror ? ', mirrored' : ''}`
  benchEvents.note(`${name} -> ${to.env}, ${what}`)
  const agents = [entry(agent), entry(`${agent}+transfer`, await learnAt(from, mirror)), entry(`${agent}, as thrifty`, unrelated)]
  const [result] = await compare({ ...run, agents, grounds: findGrounds([to.env], to.options), wish: to.wish }, benchEvents)
  const { agents: results, oracle } = result as CompareResult
  const [nothing, transferred, thrifty] = results as [AgentResult, AgentResult, AgentResult]
  return { from: name, to: bare(to.env), asked: what, nothing, transferred, thrifty, oracle: oracle.curve }
}

const pairsOf = (names: readonly string[]): [string, string][] =>
  names.flatMap((from) => names.filter((to) => to !== from).map((to): [string, string] => [from, to]))

function tablePlace(name: string, deadline: string): Place {
  const wish: Wish = { objective: 'energy', percentile: 99, deadline: parseDeadline(deadline, '--deadlines') }
  return { env: `table:${name}`, wish, options: { ...settings, plant: 'nominal', noiseRatio: 0.03, fix: ['batch=1'] } }
}

const simPlace = (board: string, scenario: string): Place =>
  scenario === 'quiet'
    ? { env: `sim:${board}`, wish: { percentile: 99, objective: 'energy', deadline: parseDeadline('1.5x', 'deadline') }, options: settings }
    : { env: `sim:${board}@${scenario}`, wish: { percentile: 99 }, options: settings }

const rows: Row[] = []

/** Left out where a measured table is not there. */
async function tableRow(from: string, to: string, deadline: string, mirror: boolean): Promise<void> {
  try {
    rows.push(await carry(tablePlace(from, deadline), tablePlace(to, deadline), deadline, mirror))
  } catch (error) {
    if (!(error instanceof FlyballError && error.code === 'ERR_UNKNOWN_ENV')) throw error
    benchEvents.note(`left out, as the measured table is not here: ${from} or ${to}`)
  }
}
const named = tables.filter((name) => name !== '')
for (const [from, to] of pairsOf(named)) for (const deadline of deadlines) await tableRow(from, to, deadline, false)
const scenarios = asked.flatMap((name) => (name === 'all' ? scenarioNames() : [name]))
for (const [from, to] of pairsOf(boards.filter((name) => name !== '')))
  for (const scenario of scenarios) rows.push(await carry(simPlace(from, scenario), simPlace(to, scenario), scenario))
for (const name of named) for (const deadline of deadlines) await tableRow(name, name, deadline, true)
for (const board of boards.filter((name) => name !== '')) rows.push(await carry(simPlace(board, 'quiet'), simPlace(board, 'quiet'), 'quiet', true))

const window = (result: AgentResult, to: number) => result.windows.find((one) => one.from === 1 && one.to === to) as AgentResult['windows'][number]
const percent = (stat: Stat): string =>
  `${(100 * stat.mean).toFixed(1)} ±${stat.lo === null || stat.hi === null ? '?' : (50 * (stat.hi - stat.lo)).toFixed(1)}`
/** What the very first decision, which no checkpoint of another board makes cheaper, adds to the gap of fifty. */
const ofFirst = ({ curve }: AgentResult, oracle: readonly number[]): string => {
  const all = oracle.slice(0, run.steps).reduce((sum, cost) => sum + cost, 0)
  return ((100 * ((curve[0] as number) - (oracle[0] as number))) / all).toFixed(1)
}
const title = `${agent}: steps 1 to 50, gap and misses in %, ${run.seeds} seeds ± 95 %; checkpoint of ${trained} decisions ${profiled ? 'with a profile' : 'from nothing'}`
print(
  title,
  [
    [
      'from',
      'to',
      'asked',
      'nothing: gap',
      'misses',
      'transferred: gap',
      'misses',
      'as thrifty: gap',
      'misses',
      'of nothing',
      'first decision alone',
      '1-20: nothing',
      'transferred',
    ],
    ...rows.map(({ from, to, asked: what, nothing, transferred, thrifty, oracle }) => {
      const [before, after, without] = [window(nothing, 50), window(transferred, 50), window(thrifty, 50)]
      return [
        from,
        to,
        what,
        percent(before.gap),
        percent(before.missRatio),
        percent(after.gap),
        percent(after.missRatio),
        percent(without.gap),
        percent(without.missRatio),
        `${(100 * (after.gap.mean / before.gap.mean)).toFixed(0)} %`,
        ofFirst(transferred, oracle),
        percent(window(nothing, 20).gap),
        percent(window(transferred, 20).gap),
      ]
    }),
  ],
  { title, rows },
)
