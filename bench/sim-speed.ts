import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { findAgent } from '../agents/index.ts'
import { date2020 } from '../envs/sim/network.ts'
import { readScenario, scenarioNames } from '../envs/world/scenario/shipped.ts'
import { scenarioMaker } from '../envs/world/scenario/site.ts'
import { readShipped } from '../src/board/known/shipped.ts'
import type { Agent, Transition } from '../src/core/agent.ts'
import type { Env, Step } from '../src/core/env.ts'
import { makeObjective, type Objective } from '../src/core/objective.ts'
import type { NominalOutcome } from '../src/core/spaces.ts'
import { resolvePhases } from '../src/run/compare/phases.ts'
import type { Ground } from '../src/run/grounds/ground.ts'
import { simGround } from '../src/run/grounds/sim-ground.ts'
import { defaultWeights } from '../src/run/request.ts'
import { packageRoot } from '../src/run/shipped.ts'
import { flag, print } from './support.ts'

// How fast the simulated board steps on one core: on the quiet board, in every shipped scenario (the slowest is printed, all are in --json), and with q-learning acting
// and learning, beside Gymnasium's CartPole-v1 stepped from Python. Time is that of the process on the CPU, so that a busy machine does not blur it; the best of some
// rounds counts. With --expose-gc the heap before and after 10 M steps is printed.

const board = flag('board', 'odroid-xu4')
const steps = Number(flag('steps', '1000000'))
const rounds = Number(flag('rounds', '5'))
const heapSteps = Number(flag('heap-steps', '10000000'))

const known = readShipped(board)
const ground = simGround({ board: known, network: date2020, plant: 'nominal' })
const fastestS = Math.min(...ground.nominal.map(({ latencyS }) => latencyS))
const requirements = { percentile: 99, deadlineS: 4 * fastestS }

/** Actions by a table of random ones, of those that are allowed: what is measured is the environment. */
function randomly(env: Env, table: Int32Array): (count: number) => void {
  let { mask } = env.reset({ seed: 1 }) as Step
  const last = table.length - 1
  let at = 0
  return (count) => {
    for (let k = 0; k < count; k++) {
      let action = table[at++ & last] as number
      while (mask[action] === 0) action = table[at++ & last] as number
      const step = env.step(action) as Step
      mask = step.truncated ? (env.reset({ seed: 1 }) as Step).mask : step.mask
    }
  }
}

/** The same board in a shipped scenario, with what that asks. */
function inScenario(name: string): Env {
  const scenario = simGround({ board: known, network: date2020, plant: 'nominal', scenarioName: name, world: scenarioMaker(readScenario(name)) })
  return scenario.open(resolvePhases({}, scenario).requirements)
}

/** The loop of a run without its clock: act, step, judge, learn. */
function learning(env: Env, agent: Agent, objective: Objective): (count: number) => void {
  const start = env.reset({ seed: 1 }) as Step
  let [observation, nextObservation] = [start.observation.slice(), start.observation.slice()]
  let [mask, nextMask] = [start.mask.slice(), start.mask.slice()]
  const transition = {} as Transition
  return (count) => {
    for (let k = 0; k < count; k++) {
      const choice = agent.act(observation, mask)
      if ('then' in choice) throw new Error('q-learning answers at once')
      const step = env.step(choice.action) as Step
      nextObservation.set(step.observation)
      nextMask.set(step.mask)
      transition.observation = observation
      transition.mask = mask
      transition.action = step.executedAction
      transition.propensity = choice.propensity
      transition.outcome = step.outcome
      transition.requirements = step.requirements
      transition.cost = objective.cost(step.outcome, step.requirements)
      transition.durationS = step.durationS
      transition.nextObservation = nextObservation
      transition.nextMask = nextMask
      agent.learn(transition)
      ;[observation, nextObservation] = [nextObservation, observation]
      ;[mask, nextMask] = [nextMask, mask]
    }
  }
}

/** Best steps per second of CPU time over the rounds, after one to warm up. */
function speedOf(run: (count: number) => void): number {
  run(Math.ceil(steps / 4))
  let best = 0
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    run(steps)
    const { user, system } = process.cpuUsage(before)
    best = Math.max(best, (steps * 1e6) / (user + system))
  }
  return best
}

/** Bytes of heap that `count` steps leave behind; undefined without --expose-gc. */
function heapGrowthB(run: (count: number) => void, count: number): number | undefined {
  if (globalThis.gc === undefined) return undefined
  const used = (): number => {
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }
  run(1000)
  const before = used()
  run(count)
  return used() - before
}

function cartPole(): number | undefined {
  const script = join(packageRoot(), 'bench/cartpole.py')
  const run = spawnSync(flag('python', 'python3'), [script, `${Math.ceil(steps / 10)}`, `${rounds}`], { encoding: 'utf8' })
  if (run.status === 0) return Math.max(...run.stdout.trim().split('\n').map(Number))
  const reason = run.error?.message ?? run.stderr.trim().split('\n').at(-1)
  process.stderr.write(`CartPole-v1 is left out: ${reason} (pip install gymnasium)\n`)
  return undefined
}

function qLearning({ spaces, nominal }: Ground): { agent: Agent; objective: Objective } {
  const reference = { point: nominal.length - 1, ...(nominal.at(-1) as NominalOutcome) }
  const objective = makeObjective({ kind: 'weighted', weights: defaultWeights, reference }, nominal)
  const priorCost = Float64Array.from(nominal, (point) => objective.nominalCost(point, requirements))
  return { agent: findAgent('q-learning').make({ spaces, seed: 1, options: {}, nominal, priorCost, objective }), objective }
}

const points = ground.spaces.points.length
// Any order will do, as long as it jumps about.
const table = Int32Array.from({ length: 4096 }, (_, k) => (k * 2654435761) % points)
const bare = randomly(ground.open([requirements]), table)
const scenarios = scenarioNames().map((name) => ({ name, run: randomly(inScenario(name), table) }))
const { agent, objective } = qLearning(ground)
const learned = learning(ground.open([requirements]), agent, objective)

const stepsPerS = speedOf(bare)
const scenarioStepsPerS = scenarios.map(({ name, run }) => ({ name, stepsPerS: speedOf(run) }))
const slowest = scenarioStepsPerS.reduce((least, one) => (one.stepsPerS < least.stepsPerS ? one : least))

const result = {
  board,
  points,
  stepsPerS,
  scenarios: scenarioStepsPerS,
  learningStepsPerS: speedOf(learned),
  cartPoleStepsPerS: cartPole() ?? null,
  heapSteps,
  heapGrowthB: heapGrowthB(bare, heapSteps) ?? null,
  learningHeapGrowthB: heapGrowthB(learned, heapSteps) ?? null,
}

const perS = (value: number | null): string => (value === null ? '-' : `${(value / 1e6).toFixed(3)} M`)
const grown = (value: number | null): string => (value === null ? '- (node --expose-gc)' : `${(value / 1024).toFixed(1)} KiB`)
print(
  `simulated ${board}, ${points} points, one core`,
  [
    ['', 'steps per s', 'target', `heap after ${heapSteps / 1e6} M steps`],
    ['random actions, quiet board', perS(result.stepsPerS), '1 M', grown(result.heapGrowthB)],
    [`random actions, ${slowest.name} (the slowest of ${scenarios.length} scenarios)`, perS(slowest.stepsPerS), '1 M', ''],
    ['q-learning acts and learns', perS(result.learningStepsPerS), '0.5 M', grown(result.learningHeapGrowthB)],
    ['Gymnasium CartPole-v1 from Python', perS(result.cartPoleStepsPerS), '', ''],
  ],
  result,
)
