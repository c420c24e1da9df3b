import { findAgent } from '../../../agents/index.ts'
import type { BoardEnv } from '../../../envs/board/board-env.ts'
import type { Agent, AgentInput } from '../../../src/core/agent.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { FlyballError } from '../../../src/core/errors.ts'
import type { Objective } from '../../../src/core/objective.ts'
import type { Requirements } from '../../../src/core/outcome.ts'
import type { NominalOutcome, Spaces } from '../../../src/core/spaces.ts'
import { mean } from '../../../src/core/statistics.ts'
import type { RunEvents } from '../../../src/run/events.ts'
import { type Decision, runLoop } from '../../../src/run/loop.ts'
import { priorCostOf } from '../../../src/run/reexecute.ts'
import { makeTally } from '../../../src/run/tally.ts'
import { type Contest, playRounds } from './rounds.ts'
import { roundSeed, sweepOrder } from './world.ts'

/** What every seed has in common. */
export interface Match {
  readonly agent: string
  readonly fromProfile: boolean
  readonly objective: Objective
  readonly requirements: Requirements
  readonly nominal: readonly NominalOutcome[]
  readonly learning: number
  readonly rounds: number
  readonly requests: number
  readonly sweeps: number
  readonly candidates: number
  readonly events: RunEvents
  onDecision?(line: object): void
}

/** Worlds in which points are only looked over; none of them is played. */
const sightSeeds = [101, 102]
// A stall of the machine is not held against the point that it met: of so many times the least it counts no more.
const mostCost = 10

/**
 * The points that a fixed choice could be: the best in sweeps over all points in worlds that are not played, and the best of the idle profile, which is what nobody who measured
 * without a co-runner would pass by.
 */
export async function promisingPoints(match: Match, enter: (seed: number) => BoardEnv): Promise<number[]> {
  const { nominal, objective, requirements, events, candidates } = match
  const priorCost = priorCostOf(objective, nominal, requirements)
  const costs = nominal.map(() => [] as number[])
  const cap = mostCost * Math.min(...priorCost)
  for (const [i, seed] of sightSeeds.entries()) {
    const env = enter(seed)
    const order = sweepOrder(nominal.length, Math.ceil(match.sweeps / sightSeeds.length), seed)
    await env.reset({ seed })
    for (const [done, action] of order.entries()) {
      checkStop(events)
      const { outcome, requirements: asked } = await env.step(action)
      costs[action]?.push(Math.min(cap, objective.cost(outcome, asked)))
      events.progress(`all points, world ${i + 1} of ${sightSeeds.length}`, done + 1, order.length)
    }
    await env.reset({ seed, quiet: true })
  }
  const byCost = (cost: (a: number) => number): number[] => nominal.map((_, a) => a).sort((a, b) => cost(a) - cost(b))
  const [ofProfile] = byCost((a) => priorCost[a] as number) as [number]
  const sighted = byCost((a) => mean(costs[a] as number[])).filter((a) => a !== ofProfile)
  return [ofProfile, ...sighted.slice(0, Math.max(0, candidates - 1))]
}

/** One seed: the agent learns on its own, then goes on in turns with the fixed points. */
export async function playSeed(match: Match, seed: number, fixed: readonly number[], env: BoardEnv): Promise<Contest[]> {
  const { objective, events, onDecision } = match
  const learner = learnerOf(match, env.spaces, seed)
  const write = (name: string, round: number, decision: Decision): void => onDecision?.(lineOf(seed, name, round, decision))
  const contenders = [
    { name: 'learner', agent: learner },
    ...fixed.map((point) => ({ name: `fixed ${point}`, agent: fixedAgent(env.spaces, point) })),
  ]
  const stopped = (): boolean => events.stopped() !== undefined
  await runLoop({
    ...{ env, agent: learner, objective, clock: systemClock, tally: makeTally(match.learning), from: 0, to: match.learning },
    start: await env.reset({ seed }),
    onDecision: (decision) => write('learning', 0, decision),
    afterStep: stopped,
  })
  const contest = await playRounds({
    ...{ env, objective, clock: systemClock, contenders, rounds: match.rounds, requests: match.requests, stopped },
    seedOf: (round) => roundSeed(seed, round),
    onDecision: write,
    onBlock: (done, of) => events.progress(`seed ${seed}, blocks`, done, of),
  })
  checkStop(events)
  return contest
}

function learnerOf({ agent, fromProfile, nominal, objective, requirements }: Match, spaces: Spaces, seed: number): Agent {
  // What a network scores is known from its manifest.
  const known: Partial<AgentInput> = fromProfile
    ? { nominal, priorCost: priorCostOf(objective, nominal, requirements) }
    : { nominal: nominal.map(({ accuracy }) => ({ latencyS: Number.NaN, energyJ: Number.NaN, accuracy })) }
  return findAgent(agent).make({ spaces, seed, options: {}, objective, ...known })
}

const fixedAgent = (spaces: Spaces, point: number): Agent => findAgent('static').make({ spaces, seed: 0, options: { point } })

function checkStop(events: RunEvents): void {
  if (events.stopped() !== undefined) throw new FlyballError('ERR_INTERRUPTED', 'interrupted')
}

const lineOf = (seed: number, name: string, round: number, { index, observation, choice, step, terms }: Decision): object => ({
  ...{
    seed,
    name,
    round,
    index,
    action: choice.action,
    latencyS: step.outcome.latencyS,
    energyJ: step.outcome.energyJ,
    met: step.outcome.deadlineMet,
  },
  ...{ cost: terms.total, durationS: step.durationS, observation: Array.from(observation) },
})
