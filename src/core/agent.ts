import type { MaybePromise, Truth } from './env.ts'
import type { Objective } from './objective.ts'
import type { Outcome, Quality, Requirements } from './outcome.ts'
import type { RngState } from './rng.ts'
import type { Mask, NominalOutcome, Observation, Spaces } from './spaces.ts'

/** A chosen action and the probability with which it was chosen. Reused by the agent. */
export interface Choice {
  action: number
  propensity: number
  /** Sparse description of the distribution for the trace: greedy action and the probability mass spread uniformly over the mask. Epsilon is NaN where the distribution has another form; greedy is then the likeliest action. */
  greedy: number
  epsilon: number
  /** Limits that not even the best allowed point is believed to keep, as bits (core/limits.ts); left out by agents that predict no outcomes. */
  relaxed?: number
}

/** One decision and what came of it. Reused by the loop. */
export interface Transition {
  observation: Observation
  mask: Mask
  action: number
  propensity: number
  outcome: Outcome
  requirements: Requirements
  cost: number
  durationS: number
  nextObservation: Observation
  nextMask: Mask
}

/** What an agent needs to go on as if never stopped. Plain JSON. */
export interface CheckpointData {
  /** Version of the agent's own layout. */
  readonly version: number
  readonly rng: RngState
  readonly [key: string]: unknown
}

/** Chooses actions and learns. Synchronous and free of allocation in `act` and `learn`; `dqn` alone may have the loop wait for its training library. */
export interface Agent {
  act(observation: Observation, mask: Mask): MaybePromise<Choice>
  /** The probabilities `act` samples from; sums to 1 over the mask, 0 elsewhere. Does not advance the generator. */
  distribution(observation: Observation, mask: Mask, out: Float64Array): void
  learn(transition: Transition): void
  /** Work that can wait, such as training: called after an answer, while no request waits, where an environment has such times. What it does, `learn` does otherwise. */
  idle?(): void
  /** The policy as an ONNX file, of agents whose policy is a network. */
  onnx?(): Uint8Array
  /** Energy that a slow sensor delivered later. */
  amend?(step: number, energyJ: number, quality: Quality): void
  /** Why `act` would choose what it chooses here, or what is to be said of `action` where chance took that. Changes nothing; may allocate. */
  explain?(observation: Observation, mask: Mask, action?: number): Explanation
  /** Expected cost of every point at an observation, masked ones too, in the objective's unit; NaN where nothing is known. Of agents that predict costs. Changes nothing that decisions rest on. */
  costs?(observation: Observation, out: Float64Array): void
  /** Lasting changes of the board that were detected, the last ones, oldest first. */
  changes?(): readonly DetectedChange[]
  save(): CheckpointData
}

/** What an agent predicts of one point. NaN is unknown: not every agent predicts every quantity. */
export interface PredictedPoint {
  readonly action: number
  /** Median, s; `latencyHighS` is what the asked percentile of requests stays below. */
  readonly latencyS: number
  readonly latencyHighS: number
  /** Median, J. */
  readonly energyJ: number
  /** Expected top-1 of its sub-network. */
  readonly accuracy: number
  /** P(deadline missed), what is not known of the point included. */
  readonly missRatio: number
  /** Expected, in the objective's unit. */
  readonly cost: number
  /** Whether it was ever tried, or profiled. */
  readonly tried: boolean
}

export type Limit = 'deadlineS' | 'energyBudgetJ' | 'accuracyFloor'

/** A value for some of the limits, SI. */
export type LimitValues = { readonly [limit in Limit]?: number | undefined }

/** Why a point is chosen. */
export interface Explanation {
  readonly chosen: PredictedPoint
  /** The best first; the chosen one left out. Empty where an agent follows a rule that compares no points. */
  readonly runnersUp: readonly PredictedPoint[]
  /** The chosen point is not the one believed best: it is tried for what it may teach. */
  readonly trial: boolean
  /** Requirements without which another point would be taken. */
  readonly binding: readonly Limit[]
  /** Requirements that no allowed point is believed to keep, so that the best is expected to break them. Empty where missRatio is unknown, too. */
  readonly relaxed: readonly Limit[]
  /** Of each relaxed requirement, what could be asked instead while the others hold; left out where nothing could. */
  readonly feasible: LimitValues
  /** Monitors that, were they quiet (no load, no queue, all cores there, cool), would make it take another point, and which. */
  readonly movedBy: readonly { readonly monitor: string; readonly insteadOf: number }[]
  /** The point that would be taken if none were masked; left out where that is the same. */
  readonly barred?: number
  /** How heat to come moved the choice; left out where it did not, or is not planned for. */
  readonly planned?: PlannedHeat
}

/** Heat that is planned for, degC. */
export interface PlannedHeat {
  /** Believed now, and the temperature at which the board is believed to throttle. */
  readonly tempC: number
  readonly tripC: number
  /** The point that would cost least if heat did not matter, and where that and the best one lead to if they are held. */
  readonly insteadOf: number
  readonly insteadSettledC: number
  readonly settledC: number
}

/** A lasting change that an agent detected, and the evidence for it. */
export interface DetectedChange {
  /** Decisions learned from before. */
  readonly decision: number
  readonly what: 'latency' | 'power'
  /** Cluster on which it showed. */
  readonly cluster: string
  /** Error of the last prediction, in standard deviations: above 0 it took longer, or drew more. */
  readonly z: number
}

/**
 * What the same kind of agent learned elsewhere: on another board, with another network, under other knobs. Its points are not the points here; what holds for both the agent has to find out
 * from knobs and features.
 */
export interface Transfer {
  readonly spaces: Spaces
  /** Hyperparameters that it learned under. */
  readonly options: Readonly<Record<string, number | boolean>>
  /** State that it saved there. */
  readonly data: CheckpointData
}

/** An agent as another one carries it: by name, with what it is made from. */
export interface IncumbentSpec {
  readonly agent: string
  readonly options: Readonly<Record<string, number | boolean>>
  /** It does not learn. */
  readonly frozen: boolean
  /** Its saved state; absent: it begins anew. */
  readonly data?: CheckpointData
}

/** What every agent is made from. Priors are data that `run` hands over, so that agents never see environments. */
export interface AgentInput {
  readonly spaces: Spaces
  readonly seed: number
  /** Hyperparameters by name; unknown names throw ERR_UNKNOWN_OPTION. */
  readonly options: Readonly<Record<string, number | boolean>>
  /** Expected cost of every point on an idle board, from a profile; absent when nothing was measured. */
  readonly priorCost?: Float64Array
  /** Expected outcome of every point on an idle board; NaN where it is not known: without a profile, all but what the networks score. */
  readonly nominal?: readonly NominalOutcome[]
  /** How outcomes are judged, for agents that weigh predicted outcomes themselves; absent when a checkpoint is looked at without its run. */
  readonly objective?: Objective
  /** What only the oracle may know; handed over by a comparison. */
  readonly truth?: Truth
  /** Expected cost of every point over the whole run with hindsight, for `static`; handed over by a comparison. */
  readonly hindsightCost?: Float64Array
  /** What the planner worked out for this run: the action at this moment, or -1 where it has none; handed over by a comparison. */
  readonly plan?: () => number
  /** Whom `explorer` explores around; absent: the best point of the profile. */
  readonly incumbent?: IncumbentSpec
  /** State saved by the same agent with the same spaces and options. */
  readonly data?: CheckpointData
  /** What it may take over as a prior, of kinds with `takesTransfer`; of no use beside `data`, which holds what was taken over. */
  readonly transfer?: Transfer
  /** A frozen agent does not explore: it is the greedy policy of what was learned. Agents that learn nothing but steer by what they measure go on doing so. */
  readonly frozen?: boolean
}

/** One hyperparameter: from these the command line's options and the docs are made. */
export interface OptionSpec {
  readonly name: string
  readonly description: string
  readonly unit?: string
  readonly default: number | boolean
  readonly low?: number
  readonly high?: number
}

export interface AgentKind {
  readonly name: string
  readonly description: string
  readonly options: readonly OptionSpec[]
  /** What it cannot work without; such an agent is left out where that is not there. Default: nothing. */
  readonly needs?: 'profile' | 'truth'
  /** It can do without a profile but begins better with one: a comparison runs it both ways. */
  readonly takesProfile?: boolean
  /** It can begin from what it learned on another board or with another network. */
  readonly takesTransfer?: boolean
  /** Times that a log is gone through in offline learning. Default 1: who weighs evidence must see it once. */
  readonly passes?: number
  /** It decides by rule and learns nothing: by the state alone, or by what its own choices cause, which a log of others' choices cannot tell. Left out by learners. */
  readonly rule?: 'state' | 'own effects'
  /** What it learns are costs under one objective: under another it must learn anew. Others weigh predicted outcomes, or follow a rule. */
  readonly learnsCosts?: boolean
  make(input: AgentInput): Agent
}
