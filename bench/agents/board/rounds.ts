import type { Agent } from '../../../src/core/agent.ts'
import type { Clock } from '../../../src/core/clock.ts'
import type { Env } from '../../../src/core/env.ts'
import type { Objective } from '../../../src/core/objective.ts'
import { type Decision, runLoop } from '../../../src/run/loop.ts'
import { makeTally, type Tally } from '../../../src/run/tally.ts'

export interface Contender {
  readonly name: string
  readonly agent: Agent
}

export interface RoundsInput {
  readonly env: Env
  readonly objective: Objective
  readonly clock: Clock
  readonly contenders: readonly Contender[]
  readonly rounds: number
  /** Requests of a block. */
  readonly requests: number
  /** The world of a round begins anew for everyone who takes part in it. */
  readonly seedOf: (round: number) => number
  readonly stopped: () => boolean
  onDecision?(name: string, round: number, decision: Decision): void
  onBlock?(done: number, of: number): void
}

/** What became of one contender. */
export interface Contest {
  readonly name: string
  /** Mean cost of each block, in order. */
  readonly costs: readonly number[]
  readonly tally: Tally
}

/** In every round all contenders meet the same world, one after the other, in turned order from round to round: what drifts falls on all of them alike. A round that was broken off is left out. */
export async function playRounds(input: RoundsInput): Promise<Contest[]> {
  const { env, objective, clock, contenders, rounds, requests } = input
  const costs = contenders.map(() => [] as number[])
  const tallies = contenders.map(() => makeTally(rounds * requests))
  for (let round = 0; round < rounds; round++) {
    const means = new Float64Array(contenders.length)
    for (let turn = 0; turn < contenders.length; turn++) {
      const i = round % 2 === 0 ? turn : contenders.length - 1 - turn
      const { name, agent } = contenders[i] as Contender
      const block = makeTally(requests)
      const whole = tallies[i] as Tally
      const start = await env.reset({ seed: input.seedOf(round) })
      await runLoop({
        env,
        agent,
        objective,
        clock,
        tally: {
          add(outcome, terms, times) {
            block.add(outcome, terms, times)
            whole.add(outcome, terms, times)
          },
        },
        start,
        from: 0,
        to: requests,
        onDecision: (decision) => input.onDecision?.(name, round, decision),
        afterStep: input.stopped,
      })
      if (input.stopped()) return finish(contenders, costs, tallies)
      means[i] = block.meanCost
      input.onBlock?.(round * contenders.length + turn + 1, rounds * contenders.length)
    }
    for (let i = 0; i < contenders.length; i++) costs[i]?.push(means[i] as number)
  }
  return finish(contenders, costs, tallies)
}

const finish = (contenders: readonly Contender[], costs: readonly (readonly number[])[], tallies: readonly Tally[]): Contest[] =>
  contenders.map(({ name }, i) => ({ name, costs: costs[i] as readonly number[], tally: tallies[i] as Tally }))
