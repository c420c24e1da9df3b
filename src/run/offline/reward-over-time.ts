import { makeObjective } from '../../core/objective.ts'
import type { TraceLog } from '../../trace/log.ts'
import { type RewardVisitor, visitRewards } from '../logged-rewards.ts'
import type { LogShape } from './shape.ts'

/** Mean reward of decisions in a row. */
export interface RewardStretch {
  /** Of the first decision, counted over the log. */
  readonly from: number
  readonly decisions: number
  readonly reward: number
}

const mostStretches = 100

/** The log's mean reward over up to a hundred stretches of equal length. */
export async function rewardOverTime(
  log: Pick<TraceLog, 'header' | 'entries'>,
  { decisions, propensities }: Pick<LogShape, 'decisions' | 'propensities'>,
): Promise<RewardStretch[]> {
  const { header } = log
  const size = Math.max(1, Math.ceil(decisions / mostStretches))
  const stretches: { from: number; decisions: number; reward: number }[] = []
  const visitor: RewardVisitor = {
    decision(_, reward, __, round) {
      if (round % size === 0) stretches.push({ from: round, decisions: 0, reward: 0 })
      const last = stretches.at(-1) as (typeof stretches)[number]
      last.decisions++
      last.reward += reward
    },
  }
  await visitRewards(log, makeObjective(header.objective, header.nominal), visitor, propensities)
  return stretches.map(({ from, decisions: count, reward }) => ({ from, decisions: count, reward: reward / count }))
}
