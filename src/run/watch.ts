import type { Agent, Choice, DetectedChange } from '../core/agent.ts'
import type { GuardWatch } from '../core/guard.ts'
import { limitsOf } from '../core/limits.ts'
import type { Mask, Observation } from '../core/spaces.ts'
import type { ChangeEntry, EventEntry, GuardEntry, RelaxedEntry } from '../trace/event.ts'
import { type ExplainedDecision, type ExplainedWith, explainDecision } from './explained.ts'

/** Which decisions are explained: those in which the point changes that the policy takes, or one in so many. */
export type ExplainWhen = 'change' | number

/** What was noticed in a run, the last hundred of each. */
export interface Noticed {
  readonly changes: readonly Omit<ChangeEntry, 'kind'>[]
  /** Decisions `from` to before `to` (null: to the end) in which no point was believed to keep the limits. */
  readonly relaxed: readonly (Pick<RelaxedEntry, 'limits' | 'feasible'> & { readonly from: number; readonly to: number | null })[]
  /** When the guard took points away or gave some back. */
  readonly guarded: readonly Omit<GuardEntry, 'kind'>[]
}

/** Where a watch is in noticing what is relaxed. Plain data. */
export interface WatchState {
  readonly bits: number
  readonly seen: number
  readonly since: number
  readonly count: number
}

export interface WatchInput {
  readonly agent: Agent
  /** Of the watch that it goes on for. */
  readonly state?: WatchState | undefined
  /** Of the environment. */
  readonly guard?: GuardWatch | undefined
  readonly explain?: ExplainWhen | undefined
  readonly context: ExplainedWith
  /** Before the decision of its step. */
  event(event: EventEntry): void
  explained?(decision: ExplainedDecision): void
}

/** Looks at an agent while it decides: tells what it noticed and what it gave up, and explains. What costs time waits for `work`. */
export interface Watch {
  /** After a decision; what it saw must stay as it is until it is learned from. No allocation. */
  chosen(step: number, observation: Observation, mask: Mask, choice: Choice): void
  /** Once the last decision but one is written and before the last one is learned from, when nothing waits. */
  work(): void
  /** After a decision was learned from. `next`: the one after it. No allocation where nothing changed. */
  learned(next: number): void
  noticed(): Noticed
  /** When nothing waits for `work`. */
  save(): WatchState
}

/** Decisions in a row after which what is relaxed is believed to have changed. */
const settling = 5
/** A summary keeps the last of each, so that it does not grow with the run. */
export const mostNoticed = 100

export function keepLast<T>(list: T[], one: T): void {
  if (list.length === mostNoticed) list.shift()
  list.push(one)
}

export function makeWatch({ agent, guard, state, explain, context, event, explained }: WatchInput): Watch {
  const changes: Omit<ChangeEntry, 'kind'>[] = []
  const relaxed: { from: number; to: number | null; limits: RelaxedEntry['limits']; feasible: RelaxedEntry['feasible'] }[] = []
  const guarded: Omit<GuardEntry, 'kind'>[] = []
  const found: (ChangeEntry | GuardEntry)[] = []
  let lastChange: DetectedChange | undefined = agent.changes?.().at(-1)
  let now: { step: number; observation: Observation; mask: Mask; choice: Choice } | undefined
  const held = {} as NonNullable<typeof now>
  let greedy = -1
  let due = false
  // Limits that are relaxed, and those that have been for `count` decisions, since `since`.
  let { bits, seen, since, count } = state ?? { bits: 0, seen: 0, since: 0, count: 0 }
  let turned = false

  const turn = (step: number, { explanation, requirements }: Partial<ExplainedDecision>): void => {
    const feasible = explanation?.feasible ?? {}
    const last = relaxed.at(-1)
    if (last?.to === null) last.to = since
    const asked = requirements ?? context.requirements
    const limits = Object.fromEntries(limitsOf(bits).map((limit) => [limit, asked[limit]]))
    if (bits !== 0) keepLast(relaxed, { from: since, to: null, limits, feasible })
    event({ kind: 'relaxed', step, since, limits, feasible })
  }

  return {
    chosen(step, observation, mask, choice) {
      const did = guard?.changes()
      if (did !== undefined && did.length > 0) for (const one of did) found.push({ kind: 'guard', step, ...one })
      held.step = step
      held.observation = observation
      held.mask = mask
      held.choice = choice
      now = held
      due = explain === 'change' ? choice.greedy !== greedy : explain !== undefined && step % explain === 0
      greedy = choice.greedy
      const asks = choice.relaxed ?? 0
      if (asks !== seen) {
        seen = asks
        since = step
        count = 0
      }
      count++
      if (seen === bits || count < settling) return
      bits = seen
      turned = true
    },
    work() {
      for (const change of found.splice(0)) {
        if (change.kind === 'guard') {
          const { kind: _kind, ...rest } = change
          keepLast(guarded, rest)
        } else {
          const { kind: _kind, ...rest } = change
          keepLast(changes, rest)
        }
        event(change)
      }
      if (now === undefined) return
      const { step, observation, mask, choice } = now
      now = undefined
      if (!due && !turned) return
      const decision = explainDecision(agent, step, observation, mask, choice, context)
      if (turned) turn(step, decision ?? {})
      turned = false
      if (due && decision !== undefined) explained?.(decision)
    },
    learned(next) {
      now = undefined
      const all = agent.changes?.()
      const newest = all?.at(-1)
      if (all === undefined || newest === undefined || isSame(newest, lastChange)) return
      for (const { what, cluster, z } of all.slice(all.findLastIndex((change) => isSame(change, lastChange)) + 1))
        found.push({ kind: 'change', step: next, what, cluster, z })
      lastChange = newest
    },
    noticed: () => ({ changes, relaxed, guarded }),
    save: () => ({ bits, seen, since, count }),
  }
}

const isSame = (a: DetectedChange, b: DetectedChange | undefined): boolean =>
  a.decision === b?.decision && a.z === b.z && a.what === b.what && a.cluster === b.cluster
