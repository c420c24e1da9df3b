import type { Clock } from '../../src/core/clock.ts'
import { type Env, makeStep, type ResetOptions } from '../../src/core/env.ts'
import { makeOutcome, type Requirements } from '../../src/core/outcome.ts'
import { outcomeDigits, quantise } from '../../src/core/quantise.ts'
import { makeRng } from '../../src/core/rng.ts'
import type { Spaces } from '../../src/core/spaces.ts'
import { type ArrivalSpec, type Arrivals, makeArrivals } from './arrivals.ts'
import { type AnytimeSettings, makeEarlyStop, setEarlyStop } from './early-stop.ts'
import { type CoRunnerSpec, type CoRunners, planCoRunners, startCoRunners } from './interfere.ts'
import type { Runtime } from './runtime.ts'

export interface BoardEnvOptions {
  readonly rate: ArrivalSpec
  readonly interfere: readonly CoRunnerSpec[]
  readonly requirements: Requirements
  /** Pictures to answer for, one per request in turn, each of the network's input size. */
  readonly inputs: readonly Float32Array[]
  /** Decide and log, touch nothing: every request runs at the incumbent point, unplaced. */
  readonly advise: boolean
  /** An inference may end before its size is reached; never while profiling or advising. */
  readonly anytime?: AnytimeSettings | undefined
}

/** This machine as an environment: real inference on a stream of requests, real monitors, real knobs. */
export interface BoardEnv extends Env {
  readonly runtime: Runtime
  /** Replaces what is asked from the next decision on. */
  require(requirements: Requirements): void
  /** Requests that were never answered because the queue was full. */
  readonly dropped: number
}

// A core that idled between requests answers the next one several times slower than a hot loop would: a profile must pause as the stream does. At rates
// below this the pause is capped, or profiling some thirty points would take minutes.
const slowestProfileRateHz = 30

export function makeBoardEnv(runtime: Runtime, options: BoardEnvOptions, clock: Clock): BoardEnv {
  const spaces: Spaces = runtime.plan.spaces
  const stream = { queueLength: 0, waitedS: 0, lastLatencyS: Number.NaN }
  const step = makeStep({
    observation: new Float64Array(spaces.monitors.length),
    mask: new Uint8Array(spaces.points.length),
    outcome: makeOutcome(),
    requirements: options.requirements,
  })
  let asked = options.requirements
  let arrivals: Arrivals = makeArrivals(options.rate, makeRng(0))
  let coRunners: CoRunners | undefined
  let startS = 0
  let arrivalS = 0
  let decisionS = 0
  let served = 0
  let idleWork = (): void => {}
  let anytime: AnytimeSettings | undefined
  const early = makeEarlyStop()
  const advised = { action: runtime.incumbent, changed: false }

  // What comes at random comes unforeseen.
  const shortly =
    options.rate.kind === 'poisson'
      ? undefined
      : (): void => {
          const nowS = clock.now()
          runtime.foresee(nowS, arrivalS, stream, asked, step.observation, step.mask)
          step.aheadS = clock.now() - nowS
        }

  /** Waits for the next request, then looks at the board. */
  const sense = async (): Promise<void> => {
    arrivalS = arrivals.head(clock.now())
    step.aheadS = 0
    if (arrivalS > clock.now()) {
      runtime.rest()
      await clock.sleepUntil(arrivalS, shortly)
    }
    const nowS = clock.now()
    stream.queueLength = arrivals.waiting(nowS)
    stream.waitedS = nowS - arrivalS
    runtime.sense(nowS, stream, asked, step.observation, step.mask)
    decisionS = nowS
    step.senseS = clock.now() - nowS
  }

  const disturb = async (seed: number): Promise<void> => {
    const rng = makeRng(seed).fork('co-runners')
    runtime.declareOthers(true)
    coRunners = await startCoRunners(options.interfere.flatMap((spec, i) => planCoRunners(spec, runtime.allowed, rng.fork(`${i}`))))
  }

  return {
    spaces,
    runtime,
    require(requirements) {
      asked = requirements
    },
    whenIdle(work) {
      idleWork = work
    },
    guard: runtime.guard,
    knobEvents: runtime.knobEvents,
    sensorEvents: runtime.sensorEvents,
    get dropped() {
      return arrivals.dropped
    },
    async reset({ seed, quiet = false }: ResetOptions) {
      coRunners?.stop()
      coRunners = undefined
      runtime.declareOthers(false)
      anytime = quiet || options.advise ? undefined : options.anytime
      if (!quiet && options.interfere.length > 0) await disturb(seed)
      arrivals = makeArrivals(quiet ? unhurried(options.rate) : options.rate, makeRng(seed).fork('arrivals'))
      stream.lastLatencyS = Number.NaN
      startS = clock.now()
      arrivals.start(startS)
      await sense()
      runtime.meter.begin(decisionS)
      runtime.guard.skipPower()
      return { observation: step.observation, mask: step.mask }
    },
    async step(chosen) {
      const beganS = clock.now()
      const dispatchS = decisionS
      step.requirements = asked
      const applied = options.advise ? advised : runtime.apply(beganS, chosen)
      const { action } = applied
      step.changed = applied.changed
      step.applyS = clock.now() - beganS
      runtime.lanes.input.set(options.inputs[served++ % options.inputs.length] as Float32Array)
      if (anytime !== undefined) setEarlyStop(early, anytime, step.requirements, arrivalS)
      await runtime.infer(action, step.outcome, anytime === undefined ? undefined : early)
      const { subnet } = runtime.answer
      step.answered = subnet === runtime.plan.planned[action]?.subnet ? undefined : subnet
      const latencyS = clock.now() - arrivalS
      arrivals.pop()
      stream.lastLatencyS = latencyS
      runtime.look(clock.now())
      if (!options.advise) runtime.tend(clock.now())
      idleWork()
      await sense()
      runtime.account(action, latencyS, decisionS, step.requirements, step.outcome)
      step.executedAction = action
      step.timeS = dispatchS - startS
      step.durationS = quantise(decisionS - dispatchS, outcomeDigits)
      return step
    },
    async close() {
      coRunners?.stop()
      coRunners = undefined
      await runtime.close()
    },
  }
}

/** The same pauses as the stream's, but nothing ever waits in the queue. */
function unhurried(rate: ArrivalSpec): ArrivalSpec {
  return rate.kind === 'closed' ? rate : { kind: 'closed', pauseS: 1 / Math.max(rate.rateHz, slowestProfileRateHz) }
}
