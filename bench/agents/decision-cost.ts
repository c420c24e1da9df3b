import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findAgent } from '../../agents/index.ts'
import { FlyballError } from '../../src/core/errors.ts'
import { quantileSorted } from '../../src/core/statistics.ts'
import { formatQuantity } from '../../src/core/units.ts'
import { asJson, flag, print } from '../support.ts'
import { type CostTarget, costTargets, mostHeapB, mostStateB } from './cost/asked.ts'
import { makeDecider } from './cost/measure.ts'
import { odroidXu4 } from './cost/space.ts'

// What a decision costs each learner from nothing on all 512 points of a simulated ODROID-XU4, act and learn together (of dqn the deployed decision), in a process of its own; then how much the heap
// has grown over many decisions, and how large the state is as JSON. Exit status 1 where more is taken than asked.
// --agent NAME (one, in this process; the heap with --expose-gc) --scenario NAME --steps N --heap-steps N --json

const scenario = flag('scenario', 'corunner-bursts')
const steps = Number(flag('steps', '20000'))
const heapSteps = Number(flag('heap-steps', '1000000'))
const only = flag('agent', '')

interface Cost {
  readonly agent: string
  readonly points: number
  /** Decisions that the scheduler gave the core away in: their times are no matter of the agent, and left out. */
  readonly interruptedRatio: number
  readonly p50S: number
  readonly p99S: number
  /** Null without --expose-gc. */
  readonly heapB: number | null
  readonly stateB: number
}

function measure({ agent: name, learning }: CostTarget): Cost {
  const ground = odroidXu4(scenario)
  const { spaces } = ground.env
  const accuracies = ground.nominal.map(({ accuracy }) => ({ latencyS: Number.NaN, energyJ: Number.NaN, accuracy }))
  const agent = findAgent(name).make({ spaces, seed: 1, options: {}, objective: ground.objective, nominal: accuracies, frozen: !learning })
  const decide = makeDecider(ground, agent, learning)
  for (let k = 0; k < 2000; k++) decide()
  const timesS = new Float64Array(steps)
  let taken = 0
  let decided = 0
  while (taken < steps) {
    const before = process.resourceUsage().involuntaryContextSwitches
    const spentS = decide()
    decided++
    if (process.resourceUsage().involuntaryContextSwitches === before) timesS[taken++] = spentS
  }
  timesS.sort()
  const heapB = heapSteps > 0 ? heapGrowth(decide) : null
  return {
    agent: name,
    points: spaces.points.length,
    interruptedRatio: 1 - steps / decided,
    p50S: quantileSorted(timesS, 0.5),
    p99S: quantileSorted(timesS, 0.99),
    heapB,
    stateB: JSON.stringify(agent.save()).length,
  }
}

function heapGrowth(decide: () => number): number | null {
  const collect = globalThis.gc
  if (collect === undefined) return null
  collect()
  const before = process.memoryUsage().heapUsed
  for (let k = 0; k < heapSteps; k++) decide()
  collect()
  return process.memoryUsage().heapUsed - before
}

/** One process an agent: what one has the compiler believe is no matter of the next. */
function measureApart({ agent }: CostTarget): Cost {
  const flags = ['--agent', agent, '--scenario', scenario, '--steps', String(steps), '--heap-steps', String(heapSteps), '--json']
  const text = execFileSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), ...flags], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return (JSON.parse(text) as Cost[])[0] as Cost
}

const within = (target: CostTarget, cost: Cost): boolean =>
  cost.p50S <= (target.p50S ?? Number.POSITIVE_INFINITY) &&
  cost.p99S <= (target.p99S ?? Number.POSITIVE_INFINITY) &&
  (cost.heapB ?? 0) <= mostHeapB &&
  cost.stateB <= mostStateB

const targets = only === '' ? costTargets : costTargets.filter(({ agent }) => agent === only)
if (targets.length === 0) throw new FlyballError('ERR_USAGE', `--agent ${only}: expected one of ${costTargets.map(({ agent }) => agent).join(', ')}`)
const costs = targets.map(only === '' ? measureApart : measure)
const time = (seconds: number, most: number | undefined): string =>
  `${formatQuantity(seconds, 'time')}${most === undefined ? '' : ` (<= ${formatQuantity(most, 'time')})`}`
const kib = (bytes: number | null): string => (bytes === null ? '-' : `${(bytes / 1024).toFixed(1)} KiB`)
const rows = targets.map((target, i) => {
  const cost = costs[i] as Cost
  const { agent, learning, p50S, p99S } = target
  return [
    `${agent}, ${learning ? 'act and learn' : 'act, deployed'}`,
    time(cost.p50S, p50S),
    time(cost.p99S, p99S),
    `${(100 * cost.interruptedRatio).toFixed(1)} %`,
    kib(cost.heapB),
    kib(cost.stateB),
    within(target, cost) ? 'met' : 'missed',
  ]
})
const head = ['', 'p50', 'p99', 'interrupted', `heap after ${heapSteps} (<= ${kib(mostHeapB)})`, `state (<= ${kib(mostStateB)})`, '']
print(`simulated odroid-xu4@${scenario}, ${costs[0]?.points} points`, [head, ...rows], costs)
if (!asJson && targets.some((target, i) => !within(target, costs[i] as Cost))) process.exitCode = 1
