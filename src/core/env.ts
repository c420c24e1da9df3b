import type { GuardWatch } from './guard.ts'
import type { KnobEvent } from './knob-event.ts'
import type { Outcome, Requirements } from './outcome.ts'
import type { SensorEvent } from './sensor-event.ts'
import type { Mask, Observation, Spaces } from './spaces.ts'

/** Simulators answer at once, a real board later; the loop awaits only promises. */
export type MaybePromise<T> = T | Promise<T>

/** What one step of an environment gives. The object and its arrays are reused: copy what must be kept. */
export interface Step {
  observation: Observation
  mask: Mask
  outcome: Outcome
  /** Requirements that held for this step. */
  requirements: Requirements
  /** The action that was executed: differs from the chosen one only when an emergency override came between. */
  executedAction: number
  /** Sub-network that answered, an index into its knob's values, where the inference ended before the action's own was reached. */
  answered?: number | undefined
  /** Time of the decision since reset, s. */
  timeS: number
  /** From this decision to the next, s. */
  durationS: number
  /** The environment ends here (a scenario is over); a governor's task never terminates. */
  truncated: boolean
  /** The governor's own time in this step, s; `aheadS` before the request was due, while nobody waited; `changed` when apply moved a knob. */
  aheadS: number
  senseS: number
  applyS: number
  changed: boolean
}

/** A step to be reused; nothing has happened yet. */
export const makeStep = (parts: Pick<Step, 'observation' | 'mask' | 'outcome' | 'requirements'>): Step => ({
  ...parts,
  executedAction: 0,
  timeS: 0,
  durationS: 0,
  truncated: false,
  aheadS: 0,
  senseS: 0,
  applyS: 0,
  changed: false,
})

export interface ResetOptions {
  seed: number
  /** Seed of the board itself, where seeds differ in more than chance (a perturbed plant): the same board in another world. Default: `seed`. */
  boardSeed?: number
  /** Steps already taken, so that a resumed run meets the world where it stopped. Default 0. */
  step?: number
  /** No disturbances: for profiling. Default false. */
  quiet?: boolean
}

/** What a point is expected to give at the next step: means over the noise, at the current hidden state. */
export interface ExpectedOutcome {
  /** Waiting in the queue included, s. */
  latencyS: number
  /** J; NaN where energy is unknown. */
  energyJ: number
  accuracy: number
  /** NaN where unknown. */
  confidence: number
  /** P(latency > deadline); 0 without a deadline. */
  missRatio: number
  /** P(deadline, energy budget or least confidence broken); the accuracy floor is no matter of chance and is left to the objective. */
  brokenRatio: number
}

export const makeExpectedOutcome = (): ExpectedOutcome => ({
  latencyS: Number.NaN,
  energyJ: Number.NaN,
  accuracy: Number.NaN,
  confidence: Number.NaN,
  missRatio: 0,
  brokenRatio: 0,
})

/** What is hidden from agents. Looking changes nothing. */
export interface Truth {
  /** Requirements that hold for the next step. */
  readonly requirements: Requirements
  /** Fills `out` with what `action` is expected to give at the next step, masked or not. No allocation. */
  expected(action: number, out: ExpectedOutcome): void
}

/** A world in which actions have outcomes. Rewards are never baked in: the objective makes them. */
export interface Env {
  readonly spaces: Spaces
  reset(options: ResetOptions): MaybePromise<{ observation: Observation; mask: Mask }>
  step(action: number): MaybePromise<Step>
  /**
   * Registers work that can wait, such as logging: called after each answer, before the next request is waited for, so that it adds to nobody's latency.
   * An environment that never waits leaves this out.
   */
  whenIdle?(work: () => void): void
  /** What became of knobs since this was asked last; empty most of the time. Left out where nobody else writes them. */
  knobEvents?(): readonly KnobEvent[]
  /** What became of sensors since this was asked last; empty most of the time. Left out where there are none that could fail. */
  sensorEvents?(): readonly SensorEvent[]
  /** The truth about a simulated or measured world; a real board has none. For oracle, static and planner, through run/compare only. */
  readonly truth?: Truth
  /** Requests since reset that were never answered because the queue was full; left out where none can wait. */
  readonly dropped?: number
  /** What stands between agents and a board: it narrows the mask, and no agent gets past it. Left out where nothing is guarded. */
  readonly guard?: GuardWatch | undefined
  /** Idempotent; puts the board back. */
  close(): MaybePromise<void>
}
