import type { Agent, Choice, Transition } from '../core/agent.ts'
import type { Clock } from '../core/clock.ts'
import type { Env, MaybePromise, Step } from '../core/env.ts'
import { type CostTerms, makeCostTerms, type Objective } from '../core/objective.ts'
import type { Mask, Observation } from '../core/spaces.ts'
import type { PhaseTimes } from './decision-times.ts'
import type { Tally } from './tally.ts'

/** One decision as the loop saw it, before the agent learns from it. Reused. */
export interface Decision {
  index: number
  observation: Observation
  mask: Mask
  choice: Choice
  step: Step
  terms: CostTerms
}

/** What the first decision sees. */
export interface LoopStart {
  readonly observation: Observation
  readonly mask: Mask
}

export interface LoopInput {
  readonly env: Env
  readonly agent: Agent
  readonly objective: Objective
  readonly clock: Clock
  readonly tally: Pick<Tally, 'add'>
  readonly start: LoopStart
  /** Index of the first decision, and of the one after the last. */
  readonly from: number
  readonly to: number
  /** Called right after the agent has decided; nothing is known yet of what came of it. */
  onChoice?(index: number, observation: Observation, mask: Mask, choice: Choice): void
  /** Called before the agent learns; the trace writes here. */
  onDecision?(decision: Decision): void
  /** Called after the agent has learned; true ends the loop. Checkpoints are saved here. */
  afterStep?(next: { index: number; observation: Observation; mask: Mask }): boolean
}

/** What the decision after the last would have seen. */
export interface LoopEnd extends LoopStart {
  /** Its index. */
  readonly next: number
}

const isPromise = <T>(value: MaybePromise<T>): value is Promise<T> => typeof (value as { then?: unknown }).then === 'function'

/** The loop: act, step, judge, learn. Awaits only promises, so that a simulator runs at its own speed. */
export async function runLoop(input: LoopInput): Promise<LoopEnd> {
  const { env, agent, objective, clock, tally, to } = input
  const monitors = env.spaces.monitors.length
  const actions = env.spaces.points.length
  let observation: Observation = new Float64Array(monitors)
  let mask: Mask = new Uint8Array(actions)
  let nextObservation: Observation = new Float64Array(monitors)
  let nextMask: Mask = new Uint8Array(actions)
  observation.set(input.start.observation)
  mask.set(input.start.mask)

  const terms = makeCostTerms()
  const times: PhaseTimes = { aheadS: 0, senseS: 0, actS: 0, learnS: 0, applyS: 0, changed: false }
  const transition = {} as Transition
  const decision = { terms } as Decision
  const next = {} as { index: number; observation: Observation; mask: Mask }

  let index = input.from
  while (index < to) {
    const beforeS = clock.now()
    const chosen = agent.act(observation, mask)
    const choice = isPromise(chosen) ? await chosen : chosen
    times.actS = clock.now() - beforeS
    input.onChoice?.(index, observation, mask, choice)

    const stepping = env.step(choice.action)
    const step = isPromise(stepping) ? await stepping : stepping
    nextObservation.set(step.observation)
    nextMask.set(step.mask)
    const cost = objective.cost(step.outcome, step.requirements, terms)

    decision.index = index
    decision.observation = observation
    decision.mask = mask
    decision.choice = choice
    decision.step = step
    input.onDecision?.(decision)

    const overridden = step.executedAction !== choice.action
    transition.observation = observation
    transition.mask = mask
    transition.action = step.executedAction
    transition.propensity = overridden ? Number.NaN : choice.propensity
    transition.outcome = step.outcome
    transition.requirements = step.requirements
    transition.cost = cost
    transition.durationS = step.durationS
    transition.nextObservation = nextObservation
    transition.nextMask = nextMask
    const learnS = clock.now()
    agent.learn(transition)
    times.learnS = clock.now() - learnS
    times.aheadS = step.aheadS
    times.senseS = step.senseS
    times.applyS = step.applyS
    times.changed = step.changed
    tally.add(step.outcome, terms, times, step.answered !== undefined)

    const heldObservation = observation
    const heldMask = mask
    observation = nextObservation
    mask = nextMask
    nextObservation = heldObservation
    nextMask = heldMask
    index++
    next.index = index
    next.observation = observation
    next.mask = mask
    if ((input.afterStep?.(next) ?? false) || step.truncated) break
  }
  return { next: index, observation, mask }
}
