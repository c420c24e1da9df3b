import type { Agent, Transition } from '../../core/agent.ts'
import type { Clock } from '../../core/clock.ts'
import { type Env, type MaybePromise, makeExpectedOutcome, type ResetOptions, type Step, type Truth } from '../../core/env.ts'
import { FlyballError } from '../../core/errors.ts'
import type { Objective } from '../../core/objective.ts'
import { makeRng } from '../../core/rng.ts'
import type { Mask, Observation } from '../../core/spaces.ts'

/** One agent's run, step by step. Reused from run to run. */
export interface EpisodeRecord {
  /** Expected cost of what was chosen, at the state that the agent had led to. */
  readonly cost: Float64Array
  readonly latencyS: Float64Array
  /** NaN where absent. */
  readonly energyJ: Float64Array
  /** NaN where unknown. */
  readonly accuracy: Float64Array
  readonly missed: Uint8Array
  /** Requests that were dropped while this one was answered. */
  readonly dropped: Uint32Array
  /** Time of act and learn together, s. */
  readonly decideS: Float64Array
}

export const makeEpisodeRecord = (steps: number): EpisodeRecord => ({
  cost: new Float64Array(steps),
  latencyS: new Float64Array(steps),
  energyJ: new Float64Array(steps),
  accuracy: new Float64Array(steps),
  missed: new Uint8Array(steps),
  dropped: new Uint32Array(steps),
  decideS: new Float64Array(steps),
})

export interface EpisodeInput {
  readonly env: Env
  readonly agent: Pick<Agent, 'act' | 'learn'>
  readonly objective: Objective
  readonly clock: Clock
  readonly seed: number
  readonly steps: number
}

const isPromise = <T>(value: MaybePromise<T>): value is Promise<T> => typeof (value as { then?: unknown }).then === 'function'

/** How a run of `seed` begins its n-th round: where its world ends, another begins, the same for every agent, on the same board. */
export const roundOf = (seed: number, round: number): ResetOptions => ({
  seed: round === 0 ? seed : otherSeed(seed, `round ${round}`),
  boardSeed: seed,
})

/** A seed that has nothing in common with `seed` but hangs on it alone. */
export const otherSeed = (seed: number, name: string): number =>
  makeRng(seed)
    .fork(name)
    .int(2 ** 32)

/** Simulated and measured worlds answer at once. Throws ERR_INTERNAL for one that does not. */
export function atOnce<T>(value: MaybePromise<T>): T {
  if (isPromise(value)) throw new FlyballError('ERR_INTERNAL', 'a comparison met an environment that answers later')
  return value
}

/** The truth about a world. Throws ERR_INTERNAL where there is none. */
export function truthOf(env: Env): Truth {
  if (env.truth === undefined) throw new FlyballError('ERR_INTERNAL', 'a comparison met an environment without a truth')
  return env.truth
}

/** Runs an agent from the start of the world and fills `into`. Awaits nothing but an agent that decides later. */
export async function runEpisode({ env, agent, objective, clock, seed, steps }: EpisodeInput, into: EpisodeRecord): Promise<void> {
  const truth = truthOf(env)
  const expected = makeExpectedOutcome()
  let observation: Observation = new Float64Array(env.spaces.monitors.length)
  let mask: Mask = new Uint8Array(env.spaces.points.length)
  let nextObservation: Observation = observation.slice()
  let nextMask: Mask = mask.slice()
  const transition = {} as Transition
  let round = 0
  let dropped = 0

  const begin = (): void => {
    const start = atOnce(env.reset(roundOf(seed, round++)))
    dropped = 0
    observation.set(start.observation)
    mask.set(start.mask)
  }
  begin()
  for (let k = 0; k < steps; k++) {
    const actS = clock.now()
    const chosen = agent.act(observation, mask)
    const choice = isPromise(chosen) ? await chosen : chosen
    const decidedS = clock.now() - actS
    truth.expected(choice.action, expected)
    into.cost[k] = objective.expectedCost(expected, truth.requirements)

    const step = env.step(choice.action) as Step
    const { outcome } = step
    into.latencyS[k] = outcome.latencyS
    into.energyJ[k] = outcome.energyQuality === 'absent' ? Number.NaN : outcome.energyJ
    into.accuracy[k] = outcome.accuracy
    into.missed[k] = outcome.deadlineMet ? 0 : 1
    into.dropped[k] = (env.dropped ?? 0) - dropped
    dropped = env.dropped ?? 0
    nextObservation.set(step.observation)
    nextMask.set(step.mask)

    transition.observation = observation
    transition.mask = mask
    transition.action = step.executedAction
    transition.propensity = step.executedAction === choice.action ? choice.propensity : Number.NaN
    transition.outcome = outcome
    transition.requirements = step.requirements
    transition.cost = objective.cost(outcome, step.requirements)
    transition.durationS = step.durationS
    transition.nextObservation = nextObservation
    transition.nextMask = nextMask
    const learnS = clock.now()
    agent.learn(transition)
    into.decideS[k] = decidedS + clock.now() - learnS

    const [heldObservation, heldMask] = [observation, mask]
    observation = nextObservation
    mask = nextMask
    nextObservation = heldObservation
    nextMask = heldMask
    if (step.truncated) begin()
  }
}
