import { type Env, makeStep, type ResetOptions, type Step } from '../../src/core/env.ts'
import { makeOutcome, type Requirements } from '../../src/core/outcome.ts'
import { observationDigits, outcomeDigits, quantise } from '../../src/core/quantise.ts'
import { makeRng } from '../../src/core/rng.ts'
import type { Mask } from '../../src/core/spaces.ts'
import { makeQuietWorld, makeWorldState, type World, type WorldState } from '../world/world.ts'
import { constants } from './constants.ts'
import { makeNoise } from './noise.ts'
import { makePlant, type Plant } from './plant.ts'
import type { PlantSpec } from './plant-spec.ts'
import { makeLoad, makeSpent, type PlantState } from './plant-state.ts'
import { makeRequestQueue } from './queue.ts'
import { makeSensors } from './sensors.ts'

export interface SimEnvOptions {
  readonly spec: PlantSpec
  readonly world: World
  /** `requirements[i]` holds in phase i of the world; where there are fewer, the first. */
  readonly requirements: readonly Requirements[]
}

/** A simulated board in a world. */
export interface SimEnv extends Env {
  readonly truth: NonNullable<Env['truth']>
  /** The plant of the present seed, and its hidden state: for planners. Look, and copy what is to be changed. */
  readonly plant: Plant
  readonly state: Readonly<PlantState>
  /** Of the last reset. */
  readonly seed: number
  /** The moment that the next step is about: s of requests since reset, how long its request has waited, the world, and what is possible. */
  readonly timeS: number
  readonly waitS: number
  readonly now: Readonly<WorldState>
  readonly mask: Mask
  /** Requests that were never answered because the queue was full. */
  readonly dropped: number
  close(): void
  step(action: number): Step
  reset(options: ResetOptions): { observation: Step['observation']; mask: Step['mask'] }
}

/** The simulated board: a pure plant, chance drawn from the seed alone, a fixed number of draws a step, so that all agents meet the same noise. */
export function makeSimEnv({ spec, world, requirements }: SimEnvOptions): SimEnv {
  const { spaces, points } = spec.plan
  const { clusters } = spec.board
  const count = clusters.length
  const quietWorld = makeQuietWorld(clusters)
  const now = makeWorldState(clusters)
  const earlier = makeWorldState(clusters)
  const load = makeLoad()
  const looked = makeLoad()
  const spent = makeSpent(world.timeScale)
  const accuracy = Float64Array.from(spec.network.subnets, (subnet) => subnet.accuracy)
  const sensors = makeSensors(count)
  const noise = makeNoise()
  const openQueue = makeRequestQueue(world)
  const closedQueue = makeRequestQueue(quietWorld)
  const pointCluster = Int32Array.from(points, ({ cluster }) => cluster)
  const pointCores = Int32Array.from(points, ({ cores }) => cores)
  const pointOpp = Int32Array.from(points, ({ opp }) => opp)
  const monitorPeriodS = constants.monitorPeriodS.value
  const cores = new Int32Array(count)
  const observation = new Float64Array(spaces.monitors.length)
  const mask = new Uint8Array(points.length)
  const outcome = makeOutcome()
  outcome.latencyQuality = 'measured'
  outcome.energyQuality = spec.energyQuality
  outcome.accuracyQuality = 'estimated'
  const step = makeStep({ observation, mask, outcome, requirements: requirements[0] as Requirements })

  let plant = makePlant(spec, 0)
  let plantSeed = 0
  const state = plant.makeState()
  let quiet = false
  let seedNow = 0
  let queue = closedQueue
  let asked = requirements[0] as Requirements
  let phase = -1
  // Numbers that change at every step are fields: a variable that a closure keeps gets a new box each time.
  const moment = { nowS: Number.NaN, latencyS: Number.NaN, deadlineS: Number.NaN }
  let masked = false

  const fillMask = (): void => {
    let open = 0
    for (let a = 0; a < mask.length; a++) {
      const c = pointCluster[a] as number
      const free = (cores[c] as number) >= (pointCores[a] as number) && (pointOpp[a] as number) <= (state.visibleCaps[c] as number) ? 1 : 0
      mask[a] = free
      open += free
    }
    // Somewhere the answer must come from: the smallest point of the first cluster.
    if (open === 0) mask[0] = 1
    masked = true
  }

  /** Looks at the world at the moment of a decision and fills observation and mask. */
  const sense = (earlierState: WorldState | undefined, waiting: number, cluster: number): void => {
    for (let c = 0; c < count; c++) {
      const available = now.availableCores[c] as number
      if (cores[c] !== available) masked = false
      cores[c] = observation[count + c] = available
    }
    if (!masked) fillMask()
    sensors.read(moment.nowS, moment.nowS * world.timeScale, state.dieTempC, now, earlierState, cluster, observation)
    const at = 2 * count + 2
    observation[at] = waiting
    observation[at + 1] = quantise(moment.nowS - queue.arrivalS, observationDigits)
    if (now.phase !== phase) {
      phase = now.phase
      asked = (requirements[phase] ?? requirements[0]) as Requirements
      moment.deadlineS = asked.deadlineS ?? Number.NaN
      observation[at + 3] = quantise(moment.deadlineS, observationDigits)
      observation[at + 4] = quantise(asked.energyBudgetJ ?? Number.NaN, observationDigits)
      observation[at + 5] = quantise(asked.accuracyFloor ?? Number.NaN, observationDigits)
    }
    observation[at + 2] = quantise(moment.latencyS / moment.deadlineS, observationDigits)
  }

  return {
    spaces,
    get plant() {
      return plant
    },
    state,
    get seed() {
      return seedNow
    },
    get timeS() {
      return moment.nowS
    },
    get waitS() {
      return moment.nowS - queue.arrivalS
    },
    now,
    mask,
    get dropped() {
      return queue.dropped
    },
    reset({ seed, boardSeed = seed, quiet: still = false, step: from = 0 }) {
      if (spec.kind === 'perturbed' && boardSeed !== plantSeed) {
        plant = makePlant(spec, boardSeed)
        plantSeed = boardSeed
      }
      // What is hidden cannot be resumed without the actions that led there: a resumed run meets other noise.
      const rng = makeRng(seed).fork(from === 0 ? 'sim' : `sim ${from}`)
      noise.begin(rng.fork('noise'))
      quiet = still
      seedNow = seed
      queue = quiet ? closedQueue : openQueue
      const around = quiet ? quietWorld : world
      around.reset(seed)
      queue.reset()
      phase = -1
      moment.latencyS = Number.NaN
      masked = false
      around.at(0, now)
      plant.settle(state, now.ambientTempC)
      sensors.reset(rng.fork('sensors'), state.dieTempC)
      moment.nowS = queue.next(0)
      around.at(moment.nowS, now)
      sense(undefined, queue.waiting(moment.nowS), 0)
      return step
    },
    step(action) {
      const z = noise.normal()
      const luck = noise.uniform()
      const waitS = moment.nowS - queue.arrivalS
      plant.load(state, now, action, quiet, load)
      const { sigma, serviceS, switchS } = load
      const jitter = Math.exp(sigma * z - (sigma * sigma) / 2)
      const activeS = switchS + serviceS * jitter * (luck < load.tailShare ? plant.tailFactor : 1)
      const switchedJ = load.busyJ * jitter + load.switchJ
      moment.latencyS = quantise(waitS + activeS, outcomeDigits)
      outcome.latencyS = moment.latencyS
      outcome.energyJ = quantise(switchedJ + load.staticW * activeS, outcomeDigits)
      outcome.accuracy = accuracy[load.subnet] as number
      outcome.deadlineMet = !(moment.latencyS > moment.deadlineS)
      step.requirements = asked
      step.executedAction = action
      step.timeS = moment.nowS
      step.changed = switchS > 0
      const startS = moment.nowS
      moment.nowS = queue.next(startS + activeS)
      step.durationS = quantise(moment.nowS - startS, outcomeDigits)
      step.truncated = moment.nowS >= world.endS && !quiet
      // A profile rests between its inferences until the board is cool.
      if (quiet) {
        state.action = action
        sense(undefined, 0, load.cluster)
        return step
      }
      spent.switchedJ = switchedJ
      spent.activeS = activeS
      spent.idleS = moment.nowS - startS - activeS
      if (plant.advance(state, now, action, load, spent)) masked = false
      let before: WorldState | undefined
      if (moment.nowS - startS >= monitorPeriodS) {
        world.at(moment.nowS - monitorPeriodS, earlier)
        before = earlier
      }
      world.at(moment.nowS, now)
      sense(before, queue.waiting(moment.nowS), load.cluster)
      return step
    },
    truth: {
      get requirements() {
        return asked
      },
      expected(action, out) {
        plant.load(state, now, action, quiet, looked)
        plant.expect(looked, moment.nowS - queue.arrivalS, asked, out)
      },
    },
    close() {},
  }
}
