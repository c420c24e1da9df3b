import { findAgent } from '../../agents/index.ts'
import type { Checkpoint } from '../../src/checkpoint/schema.ts'
import type { AgentInput, CheckpointData, Transition } from '../../src/core/agent.ts'
import { systemClock } from '../../src/core/clock.ts'
import { makeObjective } from '../../src/core/objective.ts'
import { parseDeadline } from '../../src/core/units.ts'
import { tableGround } from '../../src/run/grounds/table-ground.ts'
import { runLoop } from '../../src/run/loop.ts'
import { priorCostOf } from '../../src/run/reexecute.ts'
import { defaultWeights, resolveWish } from '../../src/run/request.ts'
import { makeTally } from '../../src/run/tally.ts'
import { parseTable } from '../../src/table/read.ts'
import { formatEvent } from '../../src/trace/event.ts'
import type { TraceHeader } from '../../src/trace/header.ts'
import { formatDecision, formatRequirements, formatSegmentEnd } from '../../src/trace/record.ts'

/** The halves of a made-up table: two sub-networks on two clusters. */
export const sampleTable = {
  json: `{"schema":"measured-table/1","name":"sample","device":"a made-up board","rows":8,"energyScope":"rail","units":{"latencyS":"s"},
"knobs":[{"name":"subnet","values":["large","small"]},{"name":"cluster","values":["little","big"]},{"name":"freqHz","values":[600000000,1200000000,1800000000]}],
"outcomes":["accuracy","latencyS","energyJ"],"quality":{"latencyS":"measured","energyJ":"estimated"},"clusters":[{"id":"little","cores":4},{"id":"big","cores":4}]}`,
  csv: `subnet,cluster,freqHz,accuracy,latencyS,energyJ,note
small,little,600000000,0.6,0.06,0.06,a
small,little,1200000000,0.6,0.03,0.061,"b, c"
small,big,600000000,0.6,0.02,0.062,
small,big,1800000000,0.6,0.01,6.3e-2,
large,little,600000000,0.7,0.24,0.24,
large,little,1200000000,0.7,0.12,0.241,
large,big,600000000,0.7,0.08,0.242,
large,big,1800000000,0.7,0.04,0.243,
`,
}

/** The least that has two networks and two clocks: where an agent's state is tried, most of a larger one would be numbers of its matrices. */
const leastTable = {
  json: sampleTable.json
    .replace('"rows":8', '"rows":4')
    .replace(/\{"name":"cluster"[^}]*\},/, '')
    .replace(/,"clusters":.*\]/, ''),
  csv: sampleTable.csv
    .split('\n')
    .filter((line) => !line.includes('big') && !line.includes(',1800000000'))
    .map((line) => line.replace('little,', '').replace('cluster,', ''))
    .join('\n'),
}

/** The same with power, and both of what can be compared. */
export const poweredTable = {
  json: sampleTable.json.replace('"energyJ"]', '"energyJ","powerW"]'),
  csv: sampleTable.csv
    .split('\n')
    .filter(Boolean)
    .map((line, i) => `${line},${i === 0 ? 'powerW' : (Number(line.split(',')[5]) / Number(line.split(',')[4])).toPrecision(6)}\n`)
    .join(''),
}

export interface SampleRun {
  readonly header: TraceHeader
  /** Lines after the header, of every kind. */
  readonly lines: readonly string[]
  readonly checkpoint: Checkpoint
  /** What the agent was made from, but for its data. */
  readonly input: AgentInput
  readonly data: CheckpointData
  /** The last that the agent learned from. */
  readonly transition: Transition
}

interface SampleOptions {
  readonly least?: boolean
  readonly options?: AgentInput['options']
}

const steps = 60
const seed = 5

/** A short run of an agent on the made-up table, or on the least there is: a few milliseconds. */
export async function sampleRun(agentName: string, { least = false, options = {} }: SampleOptions = {}): Promise<SampleRun> {
  const table = parseTable({ ...(least ? leastTable : sampleTable), jsonPath: 'sample.json', csvPath: 'sample.csv', name: 'sample' })
  const ground = tableGround({ table, noiseRatio: 0.05 })
  const { nominal, energyScope } = ground
  const { requirements, objective: spec } = resolveWish(
    { deadline: parseDeadline('2x', 'deadline'), percentile: 99, objective: 'weighted', weights: defaultWeights },
    nominal,
  )
  const env = ground.open([requirements])
  const { spaces } = env
  const objective = makeObjective(spec, nominal)
  const input: AgentInput = { spaces, seed, options, nominal, objective, priorCost: priorCostOf(objective, nominal, requirements) }
  const agent = findAgent(agentName).make(input)
  const board = { id: 'sample', fingerprint: '0' }
  const start = await env.reset({ seed })
  const lines: string[] = []
  let transition: Transition | undefined
  const end = await runLoop({
    env,
    agent: {
      ...agent,
      learn(given) {
        transition = structuredClone(given)
        return agent.learn(given)
      },
    },
    objective,
    clock: systemClock,
    tally: makeTally(steps),
    start,
    from: 0,
    to: steps,
    onDecision({ index, observation, mask, choice, step: { executedAction, timeS, durationS, outcome } }) {
      lines.push(formatDecision({ step: index, timeS, observation, mask, ...choice, executedAction, outcome, durationS }))
    },
  })
  await env.close()
  const data = agent.save()
  const parts = { spaces, board, network: null, objective: spec, requirements, nominal, seed } as const
  const limits = { deadlineS: 0.1 }
  return {
    header: { ...parts, versions: { flyball: '0' }, env: { name: 'table', options: {} }, energyScope, startStep: 0, agent: headerAgent(agentName) },
    lines: [
      formatRequirements(0, requirements),
      ...lines.slice(0, 12),
      formatEvent({ kind: 'change', step: 12, what: 'latency', cluster: 'big', z: 4 }),
      formatEvent({ kind: 'relaxed', step: 12, since: 9, limits, feasible: limits }),
      formatSegmentEnd(12, end.observation, end.mask),
    ],
    checkpoint: {
      ...parts,
      flyball: '0',
      agent: { name: agentName, options: {}, data },
      step: steps,
      next: { observation: end.observation, mask: end.mask },
    },
    input,
    data,
    transition: transition as Transition,
  }
}

const headerAgent = (name: string): TraceHeader['agent'] => ({ name, options: {}, frozen: false, initial: null })
