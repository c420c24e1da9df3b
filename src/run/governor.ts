import { agentOf } from '../../agents/index.ts'
import { type AnytimeSettings, makeEarlyStop, setEarlyStop } from '../../envs/board/early-stop.ts'
import { checkFits } from '../checkpoint/fits.ts'
import { readCheckpoint } from '../checkpoint/reader.ts'
import { saveCheckpoint } from '../checkpoint/writer.ts'
import type { Agent, Choice, Transition } from '../core/agent.ts'
import { systemClock } from '../core/clock.ts'
import { FlyballError } from '../core/errors.ts'
import type { GuardSettings } from '../core/guard.ts'
import type { ObjectiveSpec } from '../core/objective.ts'
import { makeOutcome, type Outcome, type Requirements } from '../core/outcome.ts'
import type { OperatingPoint, Spaces } from '../core/spaces.ts'
import type { AnytimeStop } from '../network/anytime.ts'
import type { OutputTensor } from '../network/ends.ts'
import type { RgbImage } from '../network/preprocess.ts'
import type { EventEntry } from '../trace/event.ts'
import { type ExplainedDecision, explainDecision } from './explained.ts'
import { runFolder } from './folder.ts'
import { readGeneration } from './generation.ts'
import { type GovernedInputs, makeGovernedInputs } from './governed-inputs.ts'
import { checkpointOf } from './learn.ts'
import { defaultGuard, leastWatchdogS } from './open-board.ts'
import { agentInput, openSession, type Session } from './session.ts'
import { readSettings } from './settings.ts'
import { makeWatch, type Watch } from './watch.ts'

export interface GovernorOptions {
  /** Folder of the dynamic network; default: the one it was trained with. */
  readonly network?: string
  /** The generation of the checkpoint before the newest, where that is broken. Default false. */
  readonly previous?: boolean
  /** Go on learning; what was learned is saved by `close`. Default false. */
  readonly learn?: boolean
  /** Stop an inference early: at this confidence, or when the deadline is at hand; false: never. Default: as it was trained. */
  readonly anytime?: AnytimeSettings | false
  /** Over what the guard kept to in training; a field that is there and undefined is switched off. */
  readonly guard?: Partial<GuardSettings>
  /** A lasting change that was detected, a clock that somebody else set or heat holds down, a sensor that is doubted or believed again, what the guard took away or gave back, or that no point is believed to keep what is asked, or does so again. */
  onEvent?(event: EventEntry): void
  /**
   * A process of its own puts clocks back when this one does not move for `limitS` (default: as trained, 20 s), or is killed. `ends: true` ends this process as well, with
   * status 14; by default it goes on, is told by `onProblem`, and leaves clocks to the kernel. False: none.
   */
  readonly watchdog?: { readonly limitS?: number; readonly ends?: boolean } | false
  /** What went wrong without ending anything, each message once. */
  onProblem?(message: string): void
}

/** A governed answer. Both parts are the caller's own to keep. */
export interface GovernedAnswer {
  readonly output: {
    /** Of a network whose outputs are no class scores empty, the label -1 and the name ''. */
    readonly logits: Float32Array
    /** Index of the likeliest class. */
    readonly label: number
    readonly name: string
    /** Outputs by name, of a network whose outputs are no class scores. */
    readonly tensors?: Readonly<Record<string, OutputTensor>>
  }
  /** Its energy runs to the answer; what follows until the next call is booked then. */
  readonly outcome: Outcome
  /** The operating point that was used. */
  readonly point: OperatingPoint
  /** Sub-network that answered, and what ended the inference: without anytime always the point's own and 'size'. */
  readonly answered: { readonly subnet: string; readonly stop: AnytimeStop }
}

/** Throws ERR_RANGE. */
function watchedFor(watchdog: NonNullable<GovernorOptions['watchdog']>): { watchdogS?: number } {
  if (watchdog === false) return { watchdogS: 0 }
  if (watchdog.limitS === undefined) return {}
  if (!(watchdog.limitS >= leastWatchdogS))
    throw new FlyballError('ERR_RANGE', `watchdog.limitS is ${watchdog.limitS}, expected at least ${leastWatchdogS} s`)
  return { watchdogS: watchdog.limitS }
}

/** Governs an application's own inference in its process: the application calls `infer`, the governor picks the operating point. */
export class Governor {
  readonly spaces: Spaces
  readonly #session: Session
  readonly #agent: Agent
  readonly #learns: boolean
  readonly #checkpointFolder: string
  readonly #outcome = makeOutcome()
  readonly #early = makeEarlyStop()
  readonly #anytime: AnytimeSettings | undefined
  readonly #inputs: GovernedInputs
  readonly #stream = { queueLength: 0, waitedS: 0, lastLatencyS: Number.NaN }
  readonly #now: { observation: Float64Array; mask: Uint8Array }
  readonly #before: { observation: Float64Array; mask: Uint8Array }
  readonly #transition = {} as Transition
  readonly #watch: Watch
  readonly #onEvent: (event: EventEntry) => void
  #pending: (Pick<Choice, 'action' | 'propensity' | 'greedy'> & { latencyS: number; dispatchS: number; requirements: Requirements }) | undefined
  #requirements: Requirements
  #step: number
  #turn: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #inFlight = 0
  #closed = false

  private constructor(session: Session, agent: Agent, step: number, learns: boolean, checkpointFolder: string, onEvent: (event: EventEntry) => void) {
    const { spaces } = session.env
    this.spaces = spaces
    this.#session = session
    this.#inputs = makeGovernedInputs(session.open.runtime, session.open.network)
    this.#anytime = session.settings.env.anytime
    this.#agent = agent
    this.#learns = learns
    this.#checkpointFolder = checkpointFolder
    this.#step = step
    this.#requirements = session.settings.requirements as Requirements
    this.#onEvent = onEvent
    const governor = this
    this.#watch = makeWatch({
      agent,
      guard: session.env.guard,
      context: {
        spaces,
        objective: session.settings.objective as ObjectiveSpec,
        get requirements() {
          return governor.#requirements
        },
      },
      event: onEvent,
    })
    const buffers = () => ({ observation: new Float64Array(spaces.monitors.length), mask: new Uint8Array(spaces.points.length) })
    this.#now = buffers()
    this.#before = buffers()
  }

  /**
   * Opens the run in `folder` (made by `flyball train`). Throws ERR_RUN_MISSING, and whatever a checkpoint or network can be wrong with.
   * Nothing of the board is touched before the first `infer`.
   */
  static async open(
    folder: string,
    { network, previous = false, learn = false, anytime, guard, watchdog = {}, onEvent = () => {}, onProblem = () => {} }: GovernorOptions = {},
  ): Promise<Governor> {
    const files = runFolder(folder)
    const settings = readSettings(files)
    const checkpoint = readGeneration(files, previous) ?? readCheckpoint(files.checkpoint)
    const env = {
      ...settings.env,
      anytime: anytime === false ? undefined : (anytime ?? settings.env.anytime),
      ...watchedFor(watchdog),
      guard: { ...(settings.env.guard ?? defaultGuard), ...guard },
    }
    const session = await openSession(
      { ...settings, env, network: network ?? settings.network },
      { advise: false, guest: watchdog === false || watchdog.ends !== true, onProblem },
    )
    try {
      checkFits(checkpoint, { spaces: session.env.spaces, board: session.open.boardId, network: session.open.networkId })
      const agent = agentOf(checkpoint.agent.name, { ...agentInput(session, !learn), data: checkpoint.agent.data }, files.checkpoint)
      return new Governor(session, agent, checkpoint.step, learn, files.checkpoint, onEvent)
    } catch (error) {
      await session.env.close()
      throw error
    }
  }

  /** What is asked now. */
  get requirements(): Requirements {
    return this.#requirements
  }

  /** Changes what is asked from the next decision on. Undefined takes a requirement back. Throws ERR_RANGE. */
  require(changes: Partial<Requirements>): void {
    const next = { ...this.#requirements, ...changes }
    for (const name of ['deadlineS', 'energyBudgetJ'] as const)
      if (next[name] !== undefined && !(next[name] > 0)) throw new FlyballError('ERR_RANGE', `${name} is ${next[name]}, expected a number above 0`)
    for (const name of ['accuracyFloor', 'leastConfidence'] as const)
      if (next[name] !== undefined && !(next[name] >= 0 && next[name] <= 1))
        throw new FlyballError('ERR_RANGE', `${name} is ${next[name]}, expected 0 to 1`)
    if (!(next.percentile > 0 && next.percentile < 100))
      throw new FlyballError('ERR_RANGE', `percentile is ${next.percentile}, expected between 0 and 100`)
    this.#requirements = next
  }

  /**
   * One governed inference. `input` is an image, which is prepared for the sub-network that answers, or the prepared numbers: normalised and of the network's
   * input size; variants that differ in their inputs take images alone. Calls are served one at a time, in order; the latency
   * counts from the call. Throws ERR_NETWORK_SHAPE or ERR_INFERENCE.
   */
  infer(input: Float32Array | RgbImage): Promise<GovernedAnswer> {
    const arrivalS = systemClock.now()
    if (this.#closed) return Promise.reject(new FlyballError('ERR_INFERENCE', 'this governor is closed'))
    try {
      this.#inputs.check(input)
    } catch (error) {
      return Promise.reject(error)
    }
    this.#waiting++
    const answer = this.#turn.then(() => this.#serve(input, arrivalS))
    this.#turn = answer.catch(() => {})
    this.#inFlight++
    const done = (): void => {
      this.#inFlight--
      // Also after a failure: nothing is stuck that is not at work.
      if (this.#inFlight === 0) this.#session.open.runtime.rest()
      // What can wait runs after the answer was handed over.
      setImmediate(() => this.#idle())
    }
    answer.then(done, done)
    return answer
  }

  /**
   * Why the last answer ran at its point: what was predicted of it and of the runners-up, what bound the choice and what moved it. Waits for the calls before it; undefined before the first answer, and from
   * agents that explain nothing. Asked before the next `infer`, it is what the agent believed when it decided (dqn trains in between).
   */
  explain(): Promise<ExplainedDecision | undefined> {
    const explained = this.#turn.then(() =>
      this.#pending === undefined
        ? undefined
        : explainDecision(this.#agent, this.#step - 1, this.#before.observation, this.#before.mask, this.#pending, {
            spaces: this.spaces,
            objective: this.#session.settings.objective as ObjectiveSpec,
            requirements: this.#pending.requirements,
          }),
    )
    this.#turn = explained.catch(() => {})
    return explained
  }

  /** Puts the board back; saves what was learned. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#turn
    this.#watch.work()
    await this.#session.env.close()
    if (this.#learns) saveCheckpoint(this.#checkpointFolder, checkpointOf(this.#session, this.#agent, this.#step), this.#agent.onnx?.())
  }

  #idle(): void {
    if (this.#closed || this.#inFlight > 0) return
    this.#watch.work()
    const { runtime } = this.#session.open
    runtime.tend(systemClock.now())
    for (const knob of runtime.knobEvents()) this.#onEvent({ kind: 'knob', step: this.#step, ...knob })
    for (const sensor of runtime.sensorEvents()) this.#onEvent({ kind: 'sensor', step: this.#step, ...sensor })
    this.#agent.idle?.()
  }

  async #serve(input: Float32Array | RgbImage, arrivalS: number): Promise<GovernedAnswer> {
    const { runtime, network } = this.#session.open
    const { observation, mask } = this.#now
    this.#waiting--
    this.#stream.queueLength = this.#waiting
    const dispatchS = systemClock.now()
    this.#stream.waitedS = dispatchS - arrivalS
    const requirements = this.#requirements
    runtime.sense(dispatchS, this.#stream, requirements, observation, mask)
    this.#learnFromLast(dispatchS)
    const chosen = this.#agent.act(observation, mask)
    const choice = chosen instanceof Promise ? await chosen : chosen
    const { greedy } = choice
    const { action } = runtime.apply(systemClock.now(), choice.action)
    const propensity = action === choice.action ? choice.propensity : Number.NaN
    this.#inputs.write(input, action)
    if (this.#anytime !== undefined) setEarlyStop(this.#early, this.#anytime, requirements, arrivalS)
    await runtime.infer(action, this.#outcome, this.#anytime === undefined ? undefined : this.#early)
    const answerS = systemClock.now()
    const latencyS = answerS - arrivalS
    this.#stream.lastLatencyS = latencyS
    runtime.estimate(action, latencyS, answerS, requirements, this.#outcome)
    runtime.look(answerS)
    this.#before.observation.set(observation)
    this.#before.mask.set(mask)
    this.#pending = { action, propensity, greedy, latencyS, dispatchS, requirements }
    this.#watch.chosen(this.#step, this.#before.observation, this.#before.mask, choice)
    this.#step++
    if (this.#waiting === 0) runtime.rest()
    const { logits, label, subnet, stop } = runtime.answer
    return {
      output: {
        ...{ logits: logits.slice(), label, name: network.manifest.output.labels[label] ?? '' },
        ...(label < 0 ? { tensors: this.#inputs.tensors(subnet) } : {}),
      },
      outcome: { ...this.#outcome },
      point: this.spaces.points[action] as OperatingPoint,
      answered: { subnet: network.manifest.subnets[subnet]?.name as string, stop },
    }
  }

  /** Closes the books of the last decision now that it is known what it led to. */
  #learnFromLast(nowS: number): void {
    const { runtime } = this.#session.open
    if (this.#pending === undefined) {
      runtime.meter.begin(nowS)
      return
    }
    const { action, propensity, latencyS, dispatchS, requirements } = this.#pending
    this.#pending = undefined
    this.#watch.work()
    runtime.account(action, latencyS, nowS, requirements, this.#outcome)
    // A frozen agent learns nothing from it, but it may steer by what was measured.
    const t = this.#transition
    t.observation = this.#before.observation
    t.mask = this.#before.mask
    t.action = action
    t.propensity = propensity
    t.outcome = this.#outcome
    t.requirements = requirements
    t.cost = this.#session.objective.cost(this.#outcome, requirements)
    t.durationS = nowS - dispatchS
    t.nextObservation = this.#now.observation
    t.nextMask = this.#now.mask
    this.#agent.learn(t)
    this.#watch.learned(this.#step)
  }
}
