import type { MaybePromise } from '../core/env.ts'
import type { Objective } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import type { TraceLog } from '../trace/log.ts'
import type { DecisionRecord, SegmentEndEntry } from '../trace/record.ts'

/** What happened in a trace, as estimators need it. */
export interface RewardVisitor {
  /** A decision that they can use, `round` counting such decisions from 0, `index` all. Rewards are -cost. */
  decision(record: DecisionRecord, reward: number, requirements: Requirements, round: number, index: number): MaybePromise<void>
  /** What follows is another run. After an orderly end `end` is what the last decision led to; at the border between two logs nobody knows. */
  endRun?(end: SegmentEndEntry | undefined, requirements: Requirements): void
}

/**
 * One pass over a trace, judged by `objective`. Returns how many decisions cannot be used: those that an override took, those without a propensity unless `propensities` says that the log has none at all, and those
 * without a cost.
 */
export async function visitRewards(
  log: Pick<TraceLog, 'header' | 'entries'>,
  objective: Objective,
  visitor: RewardVisitor,
  propensities: 'logged' | 'unknown' = 'logged',
): Promise<{ rounds: number; dropped: number }> {
  let { requirements } = log.header
  let rounds = 0
  let dropped = 0
  let index = 0
  for await (const entry of log.entries()) {
    if (entry.kind === 'requirements') requirements = entry.requirements
    else if (entry.kind === 'segmentEnd' || entry.kind === 'run') visitor.endRun?.(entry.kind === 'run' ? undefined : entry, requirements)
    else if (entry.kind === 'decision') {
      const reward = -objective.cost(entry.outcome, requirements)
      const usable = propensities === 'logged' ? !Number.isNaN(entry.propensity) : entry.executedAction === entry.action
      if (!usable || Number.isNaN(reward)) dropped++
      else {
        const done = visitor.decision(entry, reward, requirements, rounds++, index)
        if (done instanceof Promise) await done
      }
      index++
    }
  }
  return { rounds, dropped }
}
