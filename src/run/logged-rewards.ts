import type { MaybePromise } from '../core/env.ts'
import type { Objective } from '../core/objective.ts'
import type { Outcome, Requirements } from '../core/outcome.ts'
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
  const told = measured.filter((name) => log.header.nominal.some((point) => Number.isFinite(point[name])))
  for await (const entry of log.entries()) {
    if (entry.kind === 'requirements') requirements = entry.requirements
    else if (entry.kind === 'segmentEnd' || entry.kind === 'run') visitor.endRun?.(entry.kind === 'run' ? undefined : entry, requirements)
    else if (entry.kind === 'decision') {
      const reward = hangsOnAbsent(entry.outcome, told, objective, requirements) ? Number.NaN : -objective.cost(entry.outcome, requirements)
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

const measured = ['latencyS', 'energyJ'] as const

/**
 * True where the cost would be another if something that was not measured were 0, or large: a governor has to take some figure for it, a log must not. What no
 * point of the board has (not in `told`) is not missed in a single decision.
 */
function hangsOnAbsent(outcome: Outcome, told: readonly (typeof measured)[number][], objective: Objective, requirements: Requirements): boolean {
  for (const name of told) {
    if (!Number.isNaN(outcome[name])) continue
    const none = objective.cost({ ...outcome, [name]: 0 }, requirements)
    if (objective.cost({ ...outcome, [name]: 1e9 }, requirements) !== none) return true
  }
  return false
}
