import { findAgent } from '../../../agents/index.ts'
import type { Agent, AgentInput } from '../../../src/core/agent.ts'
import type { Clock } from '../../../src/core/clock.ts'
import { makeObjective, type Objective, type ObjectiveSpec } from '../../../src/core/objective.ts'
import type { Requirements } from '../../../src/core/outcome.ts'
import { resolvePhases } from '../../../src/run/compare/phases.ts'
import { parseExplore } from '../../../src/run/explore.ts'
import type { Ground } from '../../../src/run/grounds/ground.ts'
import { runLoop } from '../../../src/run/loop.ts'
import { priorCostOf } from '../../../src/run/reexecute.ts'
import type { Wish } from '../../../src/run/request.ts'
import { headerOf } from '../../../src/run/session.ts'
import type { TraceLog } from '../../../src/trace/log.ts'
import type { TraceEntry } from '../../../src/trace/record.ts'

/** A ground with what is asked of it. */
export interface Asked {
  readonly ground: Ground
  readonly requirements: readonly Requirements[]
  readonly spec: ObjectiveSpec
  readonly objective: Objective
}

export function ask(ground: Ground, wish: Wish): Asked {
  const { requirements, objective } = resolvePhases(wish, ground)
  return { ground, requirements, spec: objective, objective: makeObjective(objective, ground.nominal) }
}

/** Nothing here hangs on time. */
const stopped: Clock = { now: () => 0, wall: () => '', sleepUntil: async () => {} }

export function inputOf({ ground, requirements, objective }: Asked, seed: number): AgentInput {
  const { nominal, spaces } = ground
  return { spaces, seed, options: {}, nominal, objective, priorCost: priorCostOf(objective, nominal, requirements[0] as Requirements) }
}

/** An agent that explores around the best point of the profile, as `flyball record --explore` does. */
export const explorer = (asked: Asked, explore: string, seed: number): Agent =>
  findAgent('explorer').make({ ...inputOf(asked, seed), options: parseExplore(explore), incumbent: { agent: 'static', options: {}, frozen: true } })

/** Drives an agent through the ground; `each` hears of every decision. Returns the mean cost. */
async function drive(asked: Asked, agent: Agent, seed: number, steps: number, each?: (entry: TraceEntry) => void): Promise<number[]> {
  const env = asked.ground.open(asked.requirements)
  const costs: number[] = []
  await runLoop({
    env,
    agent,
    objective: asked.objective,
    clock: stopped,
    tally: { add: (_, terms) => void costs.push(terms.total) },
    start: await env.reset({ seed }),
    from: 0,
    to: steps,
    onDecision({ index, observation, mask, choice, step }) {
      const { action, propensity, greedy, epsilon } = choice
      const { executedAction, timeS, durationS, outcome } = step
      const seen = { observation: observation.slice(), mask: mask.slice() }
      each?.({
        kind: 'decision',
        step: index,
        timeS,
        ...seen,
        action,
        executedAction,
        propensity,
        greedy,
        epsilon,
        outcome: { ...outcome },
        durationS,
      })
    },
  })
  await env.close()
  return costs
}

/** A log as `flyball record --explore` writes it, held in memory. */
export async function logOf(asked: Asked, explore: string, seed: number, steps: number): Promise<Pick<TraceLog, 'header' | 'entries'>> {
  const { ground, requirements, spec, objective } = asked
  const entries: TraceEntry[] = []
  const agent = explorer(asked, explore, seed)
  const initial = agent.save()
  await drive(asked, agent, seed, steps, (entry) => entries.push(entry))
  const session = {
    settings: {
      seed,
      agent: { name: 'explorer', options: {} },
      requirements: requirements[0] as never,
      objective: spec,
      nominal: [...ground.nominal],
    },
    env: ground.open(requirements),
    objective,
    open: { boardId: { id: ground.id, fingerprint: '' }, networkId: null, runtime: { meter: { scope: ground.energyScope } } },
  }
  return { header: headerOf(session, { name: ground.id, options: {} }, { frozen: false, initial }, 0), entries: () => entries }
}

/** What a policy costs where it is run: mean and its standard error, over batches. */
export async function truthOf(asked: Asked, policy: Agent, seed: number, steps: number): Promise<{ cost: number; standardError: number }> {
  const costs = await drive(asked, policy, seed, steps)
  const batches = 50
  const size = Math.floor(costs.length / batches)
  const means = Array.from({ length: batches }, (_, b) => costs.slice(b * size, (b + 1) * size).reduce((sum, cost) => sum + cost, 0) / size)
  const cost = means.reduce((sum, mean) => sum + mean, 0) / batches
  const variance = means.reduce((sum, mean) => sum + (mean - cost) ** 2, 0) / (batches - 1)
  return { cost, standardError: Math.sqrt(variance / batches) }
}

/** A learner after a run of its own, frozen. */
export async function learned(asked: Asked, name: string, seed: number, steps: number): Promise<Agent> {
  const kind = findAgent(name)
  const agent = kind.make(inputOf(asked, seed))
  await drive(asked, agent, seed, steps)
  return kind.make({ ...inputOf(asked, seed), data: agent.save(), frozen: true })
}
