import type { Agent } from '../../core/agent.ts'
import type { Objective } from '../../core/objective.ts'
import type { Requirements } from '../../core/outcome.ts'
import type { Mask, Observation } from '../../core/spaces.ts'
import type { DecisionRecord, TraceEntry } from '../../trace/record.ts'
import { transitionOf } from '../reexecute.ts'

/** What of a log was learned from. */
export interface Learned {
  readonly decisions: number
  /** Left out: overridden, without an outcome, or without what followed. */
  readonly dropped: number
}

/**
 * Has an agent learn from logged decisions, in their order, as if it had made them: what it would have chosen itself is not looked at. `from` and `to` count decisions over the entries. A decision whose
 * successor is not known (the last before a kill) is dropped, as is one that an override took.
 */
export async function learnFromLog(
  agent: Agent,
  objective: Objective,
  entries: Iterable<TraceEntry> | AsyncIterable<TraceEntry>,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Learned> {
  let requirements: Requirements = { percentile: 99 }
  let pending: { readonly record: DecisionRecord; readonly requirements: Requirements } | undefined
  let index = 0
  let decisions = 0
  let dropped = 0

  const learnPending = (nextObservation: Observation, nextMask: Mask): void => {
    if (pending === undefined) return
    const transition = transitionOf(pending.record, pending.requirements, objective, nextObservation, nextMask)
    const overridden = pending.record.executedAction !== pending.record.action
    pending = undefined
    if (overridden || Number.isNaN(transition.cost)) dropped++
    else {
      agent.learn(transition)
      decisions++
    }
  }

  for await (const entry of entries) {
    if (entry.kind === 'requirements') requirements = entry.requirements
    if (entry.kind === 'segmentEnd') learnPending(entry.observation, entry.mask)
    if (pending !== undefined && (entry.kind === 'run' || (entry.kind === 'decision' && entry.step !== pending.record.step + 1))) {
      // Another run begins, and the one before was killed: what its last decision led to is not known.
      pending = undefined
      dropped++
    }
    if (entry.kind !== 'decision') continue
    learnPending(entry.observation, entry.mask)
    if (index >= to) return { decisions, dropped }
    if (index++ < from) continue
    // Acting is where an agent takes note of what is asked, and where dqn trains.
    await agent.act(entry.observation, entry.mask)
    pending = { record: entry, requirements }
  }
  if (pending !== undefined) dropped++
  return { decisions, dropped }
}
