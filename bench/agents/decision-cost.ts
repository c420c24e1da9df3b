import { findAgent } from '../../agents/index.ts'
import type { Choice, Transition } from '../../src/core/agent.ts'
import { monitorsOf } from '../../src/core/monitors.ts'
import { makeObjective } from '../../src/core/objective.ts'
import { makeOutcome } from '../../src/core/outcome.ts'
import { makeRng } from '../../src/core/rng.ts'
import { type Knob, makeSpaces, monitorIndex, type NominalOutcome, type OperatingPoint } from '../../src/core/spaces.ts'
import { quantileSorted } from '../../src/core/statistics.ts'
import { flag } from '../support.ts'

// What a decision costs an agent, act and learn together, over 512 points of three clocks from nothing, the deadline at 1.5 times the fastest; then how much the heap has grown
// over many decisions (with --expose-gc), and how large its state is. --agent NAME --steps N --heap-steps N

const name = flag('agent', 'bayes')
const steps = Number(flag('steps', '10000'))
const heapSteps = Number(flag('heap-steps', '1000000'))

const levels = [0.4, 0.6, 0.8, 1, 1.25, 1.5, 1.75, 2].map((f) => f * 1e9)
const knobs = ['cpu', 'gpu', 'mem'].map((domain): Knob => ({ name: `${domain}.freqHz`, kind: 'frequency', unit: 'Hz', domain, values: levels }))
const points: OperatingPoint[] = levels.flatMap((cpu) =>
  levels.flatMap((gpu) => levels.map((mem) => ({ 'cpu.freqHz': cpu, 'gpu.freqHz': gpu, 'mem.freqHz': mem }))),
)
const rng = makeRng(1)
const nominal = points.map((point): NominalOutcome => {
  const [cpu, gpu, mem] = ['cpu', 'gpu', 'mem'].map((domain) => (point[`${domain}.freqHz`] as number) / 2e9) as [number, number, number]
  const latencyS = (0.006 / cpu + 0.003 / gpu + 0.001 / mem) * Math.exp(0.03 * rng.normal())
  return { latencyS, energyJ: latencyS * (4 + 8 * cpu ** 2 + 6 * gpu ** 2 + 2 * mem) * Math.exp(0.02 * rng.normal()), accuracy: 0.7 }
})
const deadlineS = 1.5 * Math.min(...nominal.map(({ latencyS }) => latencyS))
const spaces = makeSpaces({ knobs, points, monitors: monitorsOf([{ id: 'cpu', cores: 4 }]) })
const reference = { point: points.length - 1, ...(nominal.at(-1) as NominalOutcome) }
const objective = makeObjective({ kind: 'energy', weights: { latency: 0, energy: 1, accuracy: 0, confidence: 0 }, reference }, nominal)
const agent = findAgent(name).make({ spaces, seed: 1, options: {}, objective })

const observation = new Float64Array(spaces.monitors.length)
for (const absent of ['tempC', 'energyBudgetJ', 'accuracyFloor']) observation[monitorIndex(spaces, absent)] = Number.NaN
observation[monitorIndex(spaces, 'cpu.availableCores')] = 4
observation[monitorIndex(spaces, 'deadlineS')] = deadlineS
const mask = new Uint8Array(points.length).fill(1)
const transition: Transition = {
  observation,
  mask,
  action: 0,
  propensity: 1,
  outcome: { ...makeOutcome(), accuracy: 0.7, latencyQuality: 'measured', energyQuality: 'measured' },
  requirements: { deadlineS, percentile: 99 },
  cost: 0,
  durationS: 0,
  nextObservation: observation,
  nextMask: mask,
}

/** One decision; answers the time of act and learn, ms. */
function decide(): number {
  const began = performance.now()
  const { action, propensity } = agent.act(observation, mask) as Choice
  const chosen = performance.now()
  const { latencyS, energyJ } = nominal[action] as NominalOutcome
  const factor = 1 + 0.03 * (rng.next() + rng.next() + rng.next() + rng.next() - 2) * 1.73
  const { outcome } = transition
  outcome.latencyS = latencyS * factor
  outcome.energyJ = energyJ * factor
  outcome.deadlineMet = outcome.latencyS <= deadlineS
  transition.action = action
  transition.propensity = propensity
  transition.durationS = outcome.latencyS
  transition.cost = objective.cost(outcome, transition.requirements)
  const judged = performance.now()
  agent.learn(transition)
  return performance.now() - judged + chosen - began
}

for (let k = 0; k < 1000; k++) decide()
const times = Float64Array.from({ length: steps }, decide).sort()
const us = (q: number): string => String(Number((1e3 * quantileSorted(times, q)).toPrecision(3)))
process.stdout.write(
  `${name}: ${points.length} points, act and learn ${us(0.5)} us p50, ${us(0.99)} us p99; state ${(JSON.stringify(agent.save()).length / 1024).toFixed(0)} KiB as JSON\n`,
)
if (globalThis.gc !== undefined && heapSteps > 0) {
  globalThis.gc()
  const before = process.memoryUsage().heapUsed
  for (let k = 0; k < heapSteps; k++) decide()
  globalThis.gc()
  process.stdout.write(`heap after ${heapSteps} decisions: ${((process.memoryUsage().heapUsed - before) / 1024).toFixed(1)} KiB more than before\n`)
}
