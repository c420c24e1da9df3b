import { findAgent } from '../../../agents/index.ts'
import type { Agent, AgentInput } from '../../core/agent.ts'
import type { Clock } from '../../core/clock.ts'
import type { Env, Step } from '../../core/env.ts'
import { makeObjective, type Objective } from '../../core/objective.ts'
import type { Requirements } from '../../core/outcome.ts'
import type { NominalOutcome } from '../../core/spaces.ts'
import type { Ground } from '../grounds/ground.ts'
import { priorCostOf } from '../reexecute.ts'
import { atOnce, type EpisodeRecord, makeEpisodeRecord, otherSeed, runEpisode, truthOf } from './episode.ts'
import { hindsightCosts } from './hindsight.ts'
import type { AgentEntry } from './lineup.ts'
import type { Plan } from './plan.ts'
import { type SeedSummary, summariseEpisode } from './summary.ts'

/** All agents of a plan under one seed. Plain data: it crosses threads. */
export interface SeedResult {
  readonly oracle: SeedSummary
  /** In the order of the plan. */
  readonly agents: readonly SeedSummary[]
}

/** Runs every agent of a plan under one seed: the oracle first, all over the same random numbers. */
export async function runSeed(ground: Ground, plan: Plan, seed: number, clock: Clock): Promise<SeedResult> {
  const { steps } = plan
  const env = ground.open(plan.requirements)
  const record = makeEpisodeRecord(steps)
  const objective = makeObjective(plan.objective, ground.nominal)
  const known = knowledgeOf(env, ground, plan, objective, seed)
  const run = (agent: Agent): Promise<SeedSummary> => summaryOf({ env, agent, objective, clock, seed, steps }, record)
  try {
    const oracle = await run(findAgent('oracle').make({ spaces: env.spaces, seed, options: {}, objective, truth: truthOf(env) }))
    const agents: SeedSummary[] = []
    for (const entry of plan.agents) {
      if (entry.name === 'oracle') {
        agents.push(oracle)
        continue
      }
      const input = { spaces: env.spaces, seed, options: entry.options, objective, frozen: entry.frozen, ...known(entry) }
      agents.push(await run(findAgent(entry.name).make(input)))
    }
    return { oracle, agents }
  } finally {
    await env.close()
  }
}

async function summaryOf(input: Parameters<typeof runEpisode>[0], record: EpisodeRecord): Promise<SeedSummary> {
  await runEpisode(input, record)
  return summariseEpisode(record)
}

/** What an agent of each class may know; what takes runs of its own is worked out once. */
function knowledgeOf(env: Env, ground: Ground, plan: Plan, objective: Objective, seed: number): (entry: AgentEntry) => Partial<AgentInput> {
  const asked = plan.requirements[0] as Requirements
  const { nominal } = ground
  let profile: NominalOutcome[] | undefined
  let hindsight: Float64Array | undefined
  const measured = (outcomes: readonly NominalOutcome[]): Partial<AgentInput> => ({
    nominal: outcomes,
    priorCost: priorCostOf(objective, outcomes, asked),
  })
  // What a network scores is known from its manifest, before anything is measured on the board.
  const scores = (): Partial<AgentInput> => ({ nominal: nominal.map(({ accuracy }) => ({ latencyS: Number.NaN, energyJ: Number.NaN, accuracy })) })
  return ({ name, class: kind, checkpoint, transfer }) => {
    if (checkpoint !== undefined) {
      const learned = makeObjective(checkpoint.objective, checkpoint.nominal)
      const priorCost = priorCostOf(learned, checkpoint.nominal, checkpoint.requirements)
      return { data: checkpoint.data, nominal: checkpoint.nominal, priorCost }
    }
    if (transfer !== undefined) return { ...scores(), transfer }
    if (kind === 'nothing') return scores()
    if (kind === 'profiled') {
      profile ??= profileOnce(env, seed)
      return measured(profile)
    }
    if (name === 'planner' && ground.planner !== undefined) {
      const choose = ground.planner(env, { requirements: plan.requirements, objective, steps: plan.steps })
      return { ...measured(nominal), truth: truthOf(env), plan: choose }
    }
    if (name !== 'static') return { ...measured(nominal), truth: truthOf(env) }
    const known = measured(nominal)
    hindsight ??= hindsightCosts(env, objective, known.priorCost as Float64Array, seed, plan.steps)
    return { ...known, hindsightCost: hindsight }
  }
}

/** One noisy sample of every point on the quiet board, with other noise than the run will meet; NaN where another point was executed. */
export function profileOnce(env: Env, seed: number): NominalOutcome[] {
  atOnce(env.reset({ seed: otherSeed(seed, 'profile'), boardSeed: seed, quiet: true }))
  return env.spaces.points.map((_, a) => {
    const { outcome, executedAction } = env.step(a) as Step
    if (executedAction !== a) return { latencyS: Number.NaN, energyJ: Number.NaN, accuracy: Number.NaN }
    const { latencyS, energyJ, energyQuality, accuracy } = outcome
    return { latencyS, energyJ: energyQuality === 'absent' ? Number.NaN : energyJ, accuracy }
  })
}
