import type { Agent, AgentInput } from '../../src/core/agent.ts'
import type { Clock } from '../../src/core/clock.ts'
import { makeObjective, type Objective, type ObjectiveSpec } from '../../src/core/objective.ts'
import type { Mask, NominalOutcome, Observation } from '../../src/core/spaces.ts'
import { runLoop } from '../../src/run/loop.ts'
import { agentInputOf, type Decided } from '../../src/run/reexecute.ts'
import { makeTally } from '../../src/run/tally.ts'
import type { TraceHeader } from '../../src/trace/header.ts'
import type { TraceWriter } from '../../src/trace/writer.ts'
import { makeScriptedEnv, type ScriptedEnv, type ScriptedOptions } from './scripted-env.ts'

/** A clock that stands still: nothing in a scripted run may hang on time. */
const stoppedClock: Clock = { now: () => 0, wall: () => '2026-01-01T00:00:00.000Z', sleepUntil: async () => {} }

/** Co-runners on both clusters, a deadline that changes, and cores that go: everything that a log has to hold. */
export const busyScript: ScriptedOptions = {
  noise: 0.1,
  coRunners: [
    { cluster: 'big', share: 0.6, from: 4, to: 9, everySteps: 16 },
    { cluster: 'little', share: 0.6, from: 11, to: 14, everySteps: 16 },
  ],
  requirements: [
    { from: 0, requirements: { deadlineS: 0.012, percentile: 99 } },
    { from: 13, requirements: { deadlineS: 0.006, percentile: 95, accuracyFloor: 0.6 } },
    { from: 21, requirements: { deadlineS: 0.012, percentile: 99 } },
  ],
  bigOffline: (step) => step % 10 === 7,
}

export function scriptedObjective(nominal: readonly NominalOutcome[]): ObjectiveSpec {
  return {
    kind: 'weighted',
    weights: { latency: 1, energy: 0.5, accuracy: 4, confidence: 0 },
    reference: { ...(nominal.at(-1) as NominalOutcome), point: nominal.length - 1 },
  }
}

export function scriptedHeader(agent: string, seed: number, script: ScriptedOptions = busyScript): TraceHeader {
  const { spaces, nominal } = makeScriptedEnv(script)
  return {
    versions: { flyball: '0.0.0-test' },
    seed,
    env: { name: 'scripted', options: {} },
    board: { id: 'scripted', fingerprint: '0' },
    network: null,
    spaces,
    requirements: script.requirements?.[0]?.requirements ?? { deadlineS: 0.012, percentile: 99 },
    objective: scriptedObjective(nominal),
    nominal,
    agent: { name: agent, options: {}, frozen: false, initial: null },
    energyScope: 'cpuTime',
    startStep: 0,
  }
}

export interface ScriptedRunInput {
  readonly header: TraceHeader
  readonly make: (input: AgentInput) => Agent
  readonly from: number
  readonly to: number
  readonly script?: ScriptedOptions
  /** Data to go on from. */
  readonly data?: AgentInput['data']
  readonly writer?: TraceWriter
  /** Called when the environment was reset and before the first decision. */
  readonly begin?: (agent: Agent, start: { observation: Observation; mask: Mask }, objective: Objective) => Promise<void>
  /** Called after every step, with what the next decision will see. */
  readonly afterStep?: (agent: Agent, next: { index: number; observation: Observation; mask: Mask }) => void
  /** Steps at which another action is executed. */
  readonly overrides?: ReadonlyMap<number, number>
  /** Ends in an orderly way: writes the segment's end. Default true. */
  readonly orderly?: boolean
}

export interface ScriptedRun {
  readonly agent: Agent
  readonly env: ScriptedEnv
  readonly decisions: readonly Decided[]
}

/** A run as `src/run` makes it, in the scripted environment. */
export async function runScripted(input: ScriptedRunInput): Promise<ScriptedRun> {
  const { header, from, to, writer } = input
  const env = makeScriptedEnv(input.script ?? busyScript)
  const objective = makeObjective(header.objective, header.nominal)
  const agent = input.make({ ...agentInputOf(header), ...(input.data === undefined ? {} : { data: input.data }) })
  const start = await env.reset({ seed: header.seed, step: from })
  await input.begin?.(agent, start, objective)
  const decisions: Decided[] = []
  let asked = JSON.stringify(env.requirementsBefore(from) ?? header.requirements)
  const override = (index: number): void => {
    const action = input.overrides?.get(index)
    if (action !== undefined) env.overrideNext(action)
  }
  override(from)
  const end = await runLoop({
    env,
    agent,
    objective,
    clock: stoppedClock,
    tally: makeTally(to - from),
    start,
    from,
    to,
    onDecision({ index, observation, mask, choice, step }) {
      decisions.push({ action: choice.action, propensity: choice.propensity })
      if (JSON.stringify(step.requirements) !== asked) {
        asked = JSON.stringify(step.requirements)
        writer?.requirements(index, step.requirements)
      }
      const { executedAction, timeS, durationS, outcome } = step
      writer?.decision({ step: index, timeS, observation, mask, ...choice, executedAction, outcome, durationS })
    },
    afterStep(next) {
      override(next.index)
      input.afterStep?.(agent, next)
      return false
    },
  })
  if (input.orderly !== false) writer?.segmentEnd(end.next, end.observation, end.mask)
  return { agent, env, decisions }
}
