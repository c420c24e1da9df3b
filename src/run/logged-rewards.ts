import type { MaybePromise } from '../core/env.ts'
import type { Objective } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import type { TraceLog } from '../trace/log.ts'
import type { DecisionRecord, SegmentEndEntry } from '../trace/record.ts'

/** What happened in a trace, as estimators need it. */
export interface RewardVisitor {
  /** A decision that they can use, `round` counting such decisions from 0, `index` all. Rewards are -cost. */
  decision(record: DecisionRecord, reward: number, requirements: Requirements, round: number, index: number): MaybePromise<void>
  /** An orderly end: what follows is another run. */
  endRun?(end: SegmentEndEntry, requirements: Requirements): void
}

/** One pass over a trace, judged by `objective`. Returns how many decisions cannot be used: without a propensity, as an override took them, or without a cost. */
export async function visitRewards(
  log: Pick<TraceLog, 'header' | 'entries'>,
  objective: Objective,
  visitor: RewardVisitor,
): Promise<{ rounds: number; dropped: number }> {
  let { requirements } = log.header
  let rounds = 0
  let dropped = 0
  let index = 0
  for await (const entry of log.entries()) {
    if (entry.kind === 'requirements') requirements = entry.requirements
    else if (entry.kind === 'segmentEnd') visitor.endRun?.(entry, requirements)
    else if (entry.kind === 'decision') {
      const reward = -objective.cost(entry.outcome, requirements)
      if (Number.isNaN(entry.propensity) || Number.isNaN(reward)) dropped++
      else {
        const done = visitor.decision(entry, reward, requirements, rounds++, index)
        if (done instanceof Promise) await done
      }
      index++
    }
  }
  return { rounds, dropped }
}
