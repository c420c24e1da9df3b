import type { Agent, AgentInput, Transition } from '../core/agent.ts'
import { makeObjective, type Objective } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import type { Mask, NominalOutcome, Observation } from '../core/spaces.ts'
import { isEvent } from '../trace/event.ts'
import type { TraceHeader } from '../trace/header.ts'
import type { DecisionRecord, TraceEntry } from '../trace/record.ts'

/** What an agent answered at one step. */
export interface Decided {
  readonly action: number
  readonly propensity: number
}

export interface Mismatch {
  readonly step: number
  readonly logged: Decided
  readonly replayed: Decided
}

export interface Reexecution {
  /** Decisions in the log. */
  readonly decisions: number
  /** Decisions that came out the same to the last bit, up to the first that did not. */
  readonly reproduced: number
  /** Decisions that an emergency override replaced: their action is compared, their propensity was not logged. */
  readonly overridden: number
  readonly firstMismatch?: Mismatch
}

/** Prior cost of every point under the requirements of the start. */
export function priorCostOf(objective: Objective, nominal: readonly NominalOutcome[], requirements: Requirements): Float64Array {
  return Float64Array.from(nominal, (point) => objective.nominalCost(point, requirements))
}

/** What the agent of a trace was made from. */
export function agentInputOf(header: TraceHeader): AgentInput {
  const { spaces, seed, agent, nominal, requirements } = header
  const objective = makeObjective(header.objective, nominal)
  return {
    spaces,
    seed,
    options: agent.options,
    nominal,
    priorCost: priorCostOf(objective, nominal, requirements),
    objective,
    frozen: agent.frozen,
    ...(agent.initial === null ? {} : { data: agent.initial }),
  }
}

/**
 * Runs the agent of a trace again, from the header's seed and initial state, over the logged observations, masks, outcomes and
 * requirements, and compares action and propensity of every decision exactly. Stops at the first that differs: what follows it
 * follows from another past.
 */
export async function reexecute(
  header: TraceHeader,
  entries: Iterable<TraceEntry> | AsyncIterable<TraceEntry>,
  makeAgent: (input: AgentInput) => Agent,
): Promise<Reexecution> {
  const objective = makeObjective(header.objective, header.nominal)
  const follower = follow(makeAgent(agentInputOf(header)), objective, header.requirements)
  let firstMismatch: Mismatch | undefined
  let decisions = 0
  let reproduced = 0
  let overridden = 0
  for await (const entry of entries) {
    if (entry.kind === 'decision') {
      decisions++
      overridden += entry.executedAction === entry.action ? 0 : 1
    }
    if (firstMismatch !== undefined) continue
    firstMismatch = await follower.next(entry)
    if (entry.kind === 'decision' && firstMismatch === undefined) reproduced++
  }
  return { decisions, reproduced, overridden, ...(firstMismatch === undefined ? {} : { firstMismatch }) }
}

/** An agent in the middle of a log, right after a decision and before it learned from it. */
export interface Relived {
  readonly agent: Agent
  readonly record: DecisionRecord
  /** What was asked then. */
  readonly requirements: Requirements
  /** Set when the agent decided otherwise than the log says, there or before: it is not the agent that wrote the log. */
  readonly mismatch?: Mismatch
}

/** Runs the agent of a trace again up to the decision of a step; undefined where the trace does not hold that. */
export async function reliveTo(
  header: TraceHeader,
  entries: Iterable<TraceEntry> | AsyncIterable<TraceEntry>,
  makeAgent: (input: AgentInput) => Agent,
  step: number,
): Promise<Relived | undefined> {
  const agent = makeAgent(agentInputOf(header))
  const follower = follow(agent, makeObjective(header.objective, header.nominal), header.requirements)
  let { requirements } = header
  let mismatch: Mismatch | undefined
  for await (const entry of entries) {
    if (entry.kind === 'requirements') requirements = entry.requirements
    mismatch ??= await follower.next(entry)
    if (entry.kind === 'decision' && entry.step === step)
      return { agent, record: entry, requirements, ...(mismatch === undefined ? {} : { mismatch }) }
  }
  return undefined
}

export interface CatchUpInput {
  readonly agent: Agent
  readonly objective: Objective
  /** What was asked when the agent's state was saved. */
  readonly requirements: Requirements
  /** Entries from that step on. */
  readonly entries: Iterable<TraceEntry>
  /** What the resumed environment sees first: what the last logged decision is judged to have led to, unless the segment had an orderly end. */
  readonly next: { readonly observation: Observation; readonly mask: Mask }
}

export interface CaughtUp {
  /** Decisions that were relived. */
  readonly decisions: number
  /** Set when the agent decided otherwise than the log says: it is not the agent that wrote the log. */
  readonly mismatch?: Mismatch
}

/** Brings an agent from an earlier checkpoint to the end of the trace by living through the logged tail again: after kill -9 the log knows more than the checkpoint. */
export async function catchUp({ agent, objective, requirements, entries, next }: CatchUpInput): Promise<CaughtUp> {
  const follower = follow(agent, objective, requirements)
  let decisions = 0
  for (const entry of entries) {
    const mismatch = await follower.next(entry)
    if (mismatch !== undefined) return { decisions, mismatch }
    if (entry.kind === 'decision') decisions++
  }
  follower.learnPending(next.observation, next.mask)
  return { decisions }
}

interface Follower {
  /** Lives through one entry; the mismatch if the agent decides otherwise than logged. */
  next(entry: TraceEntry): Promise<Mismatch | undefined>
  /** The last decision led to this. */
  learnPending(observation: Observation, mask: Mask): void
}

/** The loop again, with the log in place of the environment: a decision is learned from once it is known what followed it. */
function follow(agent: Agent, objective: Objective, startRequirements: Requirements): Follower {
  let requirements = startRequirements
  let pending: { record: DecisionRecord; requirements: Requirements } | undefined

  const learnPending = (nextObservation: Observation, nextMask: Mask): void => {
    if (pending === undefined) return
    const { record, requirements: held } = pending
    pending = undefined
    agent.learn(transitionOf(record, held, objective, nextObservation, nextMask))
  }

  return {
    learnPending,
    async next(entry) {
      if (entry.kind === 'requirements') {
        // They hold from the next decision on; the pending one was judged by the old ones.
        requirements = entry.requirements
        return undefined
      }
      // What the agent noticed follows from the rest, and what the guard did and became of knobs and sensors stands in masks and observations.
      if (isEvent(entry) || entry.kind === 'run') return undefined
      learnPending(entry.observation, entry.mask)
      if (entry.kind === 'segmentEnd') return undefined
      const choice = await agent.act(entry.observation, entry.mask)
      pending = { record: entry, requirements }
      const overridden = entry.executedAction !== entry.action
      if (choice.action === entry.action && (overridden || choice.propensity === entry.propensity)) return undefined
      return {
        step: entry.step,
        logged: { action: entry.action, propensity: entry.propensity },
        replayed: { action: choice.action, propensity: choice.propensity },
      }
    },
  }
}

/** What an agent learns from a logged decision. */
export function transitionOf(
  record: DecisionRecord,
  requirements: Requirements,
  objective: Objective,
  nextObservation: Observation,
  nextMask: Mask,
): Transition {
  const { observation, mask, executedAction, propensity, outcome, durationS } = record
  // An agent learns from what was executed, as in the loop.
  return {
    observation,
    mask,
    action: executedAction,
    propensity,
    outcome,
    requirements,
    cost: objective.cost(outcome, requirements),
    durationS,
    nextObservation,
    nextMask,
  }
}
