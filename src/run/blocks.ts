import type { BoardEnv } from '../../envs/board/board-env.ts'
import type { Agent } from '../core/agent.ts'
import { systemClock } from '../core/clock.ts'
import type { Objective } from '../core/objective.ts'
import { type Interval, interval95, mean } from '../core/statistics.ts'
import type { RunEvents } from './events.ts'
import { type LoopStart, runLoop } from './loop.ts'
import { makeTally, type RunSummary, type Tally } from './tally.ts'

export interface Contestant {
  readonly name: string
  /** Frozen: a block must not change the next one. */
  readonly agent: Agent
}

export interface BlockResult {
  readonly name: string
  /** Mean cost of each block, in order. */
  readonly costs: readonly number[]
  readonly summary: RunSummary
}

export interface BlocksInput {
  readonly env: BoardEnv
  readonly objective: Objective
  readonly contestants: readonly Contestant[]
  readonly blocks: number
  /** Decisions of a block; best a whole number of the co-runner's cycles. */
  readonly steps: number
  readonly events: RunEvents
  readonly label: string
}

/**
 * Contestants take turns in short blocks on one running environment, the order turning over from round to round, so that drift of the
 * machine falls on all of them alike. Block i of one is paired with block i of another.
 */
export async function interleave(
  { env, objective, contestants, blocks, steps, events, label }: BlocksInput,
  start: LoopStart,
): Promise<{ results: BlockResult[]; end: LoopStart }> {
  const costs = contestants.map(() => [] as number[])
  const whole = contestants.map(() => makeTally(blocks * steps))
  let now = start
  for (let block = 0; block < blocks && events.stopped() === undefined; block++)
    for (let turn = 0; turn < contestants.length; turn++) {
      const i = block % 2 === 0 ? turn : contestants.length - 1 - turn
      const tally = makeTally(steps)
      now = await runLoop({
        env,
        agent: (contestants[i] as Contestant).agent,
        objective,
        clock: systemClock,
        tally: bothOf(tally, whole[i] as Tally),
        start: now,
        from: 0,
        to: steps,
        afterStep: () => events.stopped() !== undefined,
      })
      costs[i]?.push(tally.meanCost)
      events.progress(label, block * contestants.length + turn + 1, blocks * contestants.length)
    }
  const scope = env.runtime.meter.scope
  const results = contestants.map(({ name }, i) => ({ name, costs: costs[i] as number[], summary: (whole[i] as Tally).summary(scope) }))
  return { results, end: now }
}

/** One tally that adds to two. */
function bothOf(first: Tally, second: Tally): Pick<Tally, 'add'> {
  return {
    add(outcome, terms, times) {
      first.add(outcome, terms, times)
      second.add(outcome, terms, times)
    },
  }
}

/** Mean paired difference of block costs, a - b, with its 95 % interval. */
export function pairedDifference(a: BlockResult, b: BlockResult): Interval {
  const n = Math.min(a.costs.length, b.costs.length)
  return interval95(Array.from({ length: n }, (_, i) => (a.costs[i] as number) - (b.costs[i] as number)))
}

/** The contestant with the least mean cost. */
export function bestOf(results: readonly BlockResult[]): BlockResult {
  return results.reduce((best, result) => (mean(result.costs) < mean(best.costs) ? result : best))
}
