import { findAgent } from '../../../agents/index.ts'
import type { Agent, AgentInput, Choice, IncumbentSpec } from '../../../src/core/agent.ts'
import { type Env, makeExpectedOutcome } from '../../../src/core/env.ts'
import { makeObjective, type Objective } from '../../../src/core/objective.ts'
import type { Requirements } from '../../../src/core/outcome.ts'
import type { Mask, Observation, Spaces } from '../../../src/core/spaces.ts'
import { resolvePhases } from '../../../src/run/compare/phases.ts'
import { findGrounds, openGround } from '../../../src/run/grounds/open.ts'
import { priorCostOf } from '../../../src/run/reexecute.ts'
import { defaultWeights } from '../../../src/run/request.ts'
import type { TraceHeader } from '../../../src/trace/header.ts'
import type { TraceEntry } from '../../../src/trace/record.ts'

/** A simulated board whose truth can be asked. */
export interface SimulatedWorld {
  readonly spaces: Spaces
  readonly objective: Objective
  /** What agents are made from; `seed` of their own. */
  input(seed: number): AgentInput
  open(): Env
  header(seed: number, agent: TraceHeader['agent']): TraceHeader
}

/** `sim:BOARD@SCENARIO`, asked as the scenario says. */
export function openWorld(env: string): SimulatedWorld {
  const [spec] = findGrounds([env])
  const ground = openGround(spec as NonNullable<typeof spec>)
  const wish = { percentile: 99, weights: defaultWeights } as Parameters<typeof resolvePhases>[0]
  const { requirements, objective: judged } = resolvePhases(wish, ground)
  const { spaces, nominal, energyScope, id } = ground
  const objective = makeObjective(judged, nominal)
  const first = requirements[0] as Requirements
  return {
    spaces,
    objective,
    input: (seed) => ({ spaces, seed, options: {}, nominal, objective, priorCost: priorCostOf(objective, nominal, first) }),
    open: () => ground.open(requirements),
    header: (seed, agent) => ({
      versions: {},
      seed,
      env: { name: id, options: {} },
      board: { id, fingerprint: '' },
      network: null,
      spaces,
      requirements: first,
      objective: judged,
      nominal,
      agent,
      energyScope,
      startStep: 0,
    }),
  }
}

/** Costs of a policy at a moment, by the plant: mean over the noise and over its own choice. */
function makeTruth({ spaces, objective }: SimulatedWorld) {
  const share = new Float64Array(spaces.points.length)
  const expected = makeExpectedOutcome()
  return ({ truth }: Env, policy: Pick<Agent, 'distribution'>, observation: Observation, mask: Mask): number => {
    if (truth === undefined) throw new Error('this world does not tell the truth')
    policy.distribution(observation, mask, share)
    let cost = 0
    for (let a = 0; a < share.length; a++) {
      if (share[a] === 0) continue
      truth.expected(a, expected)
      cost += (share[a] as number) * objective.expectedCost(expected, truth.requirements)
    }
    return cost
  }
}

export interface SimulatedLog {
  readonly header: TraceHeader
  readonly entries: readonly TraceEntry[]
  readonly actions: readonly number[]
  /** Of each target, its mean expected cost on the states met. */
  readonly truth: readonly number[]
}

/** A log of `explorer` around an incumbent, and what the targets are expected to cost at each of its moments. */
export async function logOf(
  world: SimulatedWorld,
  { seed, steps, epsilon, incumbent }: { seed: number; steps: number; epsilon: number; incumbent?: IncumbentSpec },
  targets: readonly Pick<Agent, 'distribution'>[],
): Promise<SimulatedLog> {
  const env = world.open()
  const options = { epsilon }
  const agent = findAgent('explorer').make({ ...world.input(seed), options, ...(incumbent === undefined ? {} : { incumbent }) })
  const header = world.header(seed, { name: 'explorer', options, frozen: false, initial: agent.save() })
  const costOf = makeTruth(world)
  const entries: TraceEntry[] = []
  const actions: number[] = []
  const sums = targets.map(() => 0)
  let asked = JSON.stringify(header.requirements)
  let { observation, mask } = await env.reset({ seed })
  for (let step = 0; step < steps; step++) {
    const seen = { observation: observation.slice(), mask: mask.slice() }
    targets.forEach((target, t) => {
      sums[t] = (sums[t] as number) + costOf(env, target, seen.observation, seen.mask)
    })
    const { action, propensity, greedy, epsilon: spread } = (await agent.act(seen.observation, seen.mask)) as Choice
    const result = await env.step(action)
    if (JSON.stringify(result.requirements) !== asked) {
      asked = JSON.stringify(result.requirements)
      entries.push({ kind: 'requirements', step, requirements: { ...result.requirements } })
    }
    const { timeS, durationS, outcome } = result
    entries.push({
      kind: 'decision',
      step,
      timeS,
      ...seen,
      action,
      executedAction: action,
      propensity,
      greedy,
      epsilon: spread,
      outcome: { ...outcome },
      durationS,
    })
    actions.push(action)
    ;({ observation, mask } = result)
    if (result.truncated) break
  }
  await env.close()
  return { header, entries, actions, truth: sums.map((sum) => sum / actions.length) }
}

/** Mean expected cost of a policy that is in charge itself, from step `from` of a run whose first actions are given, for `steps` decisions. */
export async function runOf(
  world: SimulatedWorld,
  policy: Agent,
  { seed, steps, actions = [], from = 0 }: { seed: number; steps: number; actions?: readonly number[]; from?: number },
): Promise<number> {
  const env = world.open()
  const costOf = makeTruth(world)
  let { observation, mask } = await env.reset({ seed })
  for (const action of actions.slice(0, from)) ({ observation, mask } = await env.step(action))
  let cost = 0
  for (let step = 0; step < steps; step++) {
    cost += costOf(env, policy, observation, mask)
    const { action } = (await policy.act(observation, mask)) as Choice
    ;({ observation, mask } = await env.step(action))
  }
  await env.close()
  return cost / steps
}

/** A policy that learned in the world for so many decisions, frozen. */
export async function trained(world: SimulatedWorld, name: string, seed: number, steps: number): Promise<Agent> {
  const env = world.open()
  const input = world.input(seed)
  const agent = findAgent(name).make(input)
  let { observation, mask } = await env.reset({ seed })
  for (let step = 0; step < steps; step++) {
    const seen = { observation: observation.slice(), mask: mask.slice() }
    const { action, propensity } = (await agent.act(seen.observation, seen.mask)) as Choice
    const { outcome, requirements, durationS, ...next } = await env.step(action)
    const cost = world.objective.cost(outcome, requirements)
    agent.learn({ ...seen, action, propensity, outcome, requirements, cost, durationS, nextObservation: next.observation, nextMask: next.mask })
    ;({ observation, mask } = next)
  }
  await env.close()
  return findAgent(name).make({ ...input, data: agent.save(), frozen: true })
}
