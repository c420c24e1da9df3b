import { type Env, makeStep, type ResetOptions, type Step, type Truth } from '../../src/core/env.ts'
import { FlyballError } from '../../src/core/errors.ts'
import { logNormalExceeds } from '../../src/core/normal.ts'
import { makeOutcome, type Requirements } from '../../src/core/outcome.ts'
import { observationDigits, outcomeDigits, quantise } from '../../src/core/quantise.ts'
import { makeRng, type Rng } from '../../src/core/rng.ts'
import { type Mask, monitorIndex, type Observation } from '../../src/core/spaces.ts'
import type { MeasuredTable } from '../../src/table/table.ts'
import { constants } from '../sim/constants.ts'
import { makeRequestQueue } from '../sim/queue.ts'
import { makeSensors } from '../sim/sensors.ts'
import { makeQuietWorld, makeWorldState, type World, type WorldState } from '../world/world.ts'
import { pointNeeds, slownessOf } from './overlay.ts'
import { tableSpaces } from './table-spaces.ts'

export interface TableEnvOptions {
  readonly table: MeasuredTable
  /** `requirements[i]` holds in phase i of the world; where there are fewer, the first. At least one. */
  readonly requirements: readonly Requirements[]
  /** Standard deviation of a latency over its mean. Default 0: every inference takes what the table says. */
  readonly noiseRatio?: number | undefined
  /** What disturbs the points, over the table's clusters. Default: nothing, requests back to back. */
  readonly world?: World | undefined
}

/** Answers at once, and knows the truth. */
export interface TableEnv extends Env {
  reset(options: ResetOptions): { observation: Observation; mask: Mask }
  step(action: number): Step
  readonly truth: Truth
  /** Requests that were never answered because the queue was full. */
  readonly dropped: number
}

/**
 * A measured table as an environment: the outcome of an action is its row, and the truth is known exactly. On top, where asked for:
 *
 * - noise: a log-normal factor of mean 1 on the latency. Energy has the same factor, as power stays what it is.
 * - a world: others' share s of a cluster stretches its points by 1 / (1 - s), drift and bandwidth stretch all; lost cores mask points; requests wait in a
 *   queue, and waiting adds to latency. Energy grows with the time of the inference (constant power); waiting costs none, as a table knows no idle power.
 *   Sensors are those of the simulator: late, rounded and noisy.
 *
 * There is no heat: `tempC` is absent. As many random numbers are drawn in every step, whatever the action.
 */
export function makeTableEnv({ table, requirements, noiseRatio = 0, world }: TableEnvOptions): TableEnv {
  const [first] = requirements
  if (first === undefined) throw new FlyballError('ERR_RANGE', 'a table environment needs the requirements of at least one phase')
  const { latencyS, energyJ, accuracy, clusters } = table
  const spaces = tableSpaces(table)
  const needs = pointNeeds(table)
  const quiet = makeQuietWorld(clusters)
  const state = makeWorldState(clusters)
  const slowness = new Float64Array(clusters.length).fill(1)
  const masked = new Int32Array(clusters.length).fill(-1)
  const earlier = makeWorldState(clusters)
  const sensors = makeSensors(clusters.length)
  const quietQueue = makeRequestQueue(quiet)
  const worldQueue = world === undefined ? quietQueue : makeRequestQueue(world)
  const periodS = constants.monitorPeriodS.value
  // Of the logarithm, so that the factor has mean 1 and standard deviation noiseRatio.
  const sigma = Math.sqrt(Math.log1p(noiseRatio ** 2))
  const mu = -(sigma ** 2) / 2

  const observation = new Float64Array(spaces.monitors.length).fill(Number.NaN)
  const mask = new Uint8Array(spaces.points.length)
  const outcome = makeOutcome()
  outcome.latencyQuality = table.quality.latencyS
  outcome.energyQuality = table.quality.energyJ
  outcome.accuracyQuality = table.quality.accuracy
  const at = {
    availableCores: clusters.length,
    pressure: monitorIndex(spaces, 'pressure'),
    queueLength: monitorIndex(spaces, 'queueLength'),
    waitedS: monitorIndex(spaces, 'waitedS'),
    latencyRatio: monitorIndex(spaces, 'latencyRatio'),
    deadlineS: monitorIndex(spaces, 'deadlineS'),
    energyBudgetJ: monitorIndex(spaces, 'energyBudgetJ'),
    accuracyFloor: monitorIndex(spaces, 'accuracyFloor'),
  }
  let inForce = world ?? quiet
  let asked: Requirements = first
  let noise: Rng = makeRng(0)
  let queue = worldQueue
  let nowS = 0
  let lastLatencyS = Number.NaN

  const step = makeStep({ observation, mask, outcome, requirements: asked })

  const fillMask = (): void => {
    let changed = false
    for (let c = 0; c < masked.length; c++) {
      if (masked[c] === state.availableCores[c]) continue
      masked[c] = state.availableCores[c] as number
      changed = true
    }
    if (!changed) return
    let open = 0
    for (let a = 0; a < mask.length; a++) {
      mask[a] = (masked[needs.cluster[a] as number] as number) >= (needs.cores[a] as number) ? 1 : 0
      open += mask[a] as number
    }
    if (open === 0) mask[needs.safe] = 1
  }

  /** Takes up the next request once the server is free, and looks at the world. `cluster`: where inference ran. */
  const sense = (beganS: number, freeS: number, cluster: number): void => {
    nowS = queue.next(freeS)
    let before: WorldState | undefined
    if (nowS - beganS >= periodS) {
      inForce.at(nowS - periodS, earlier)
      before = earlier
    }
    inForce.at(nowS, state)
    for (let c = 0; c < slowness.length; c++) slowness[c] = slownessOf(state, c)
    asked = requirements[state.phase] ?? first
    fillMask()
    if (inForce !== quiet) sensors.read(nowS, nowS, Number.NaN, state, before, cluster, observation)
    for (let c = 0; c < clusters.length; c++) observation[at.availableCores + c] = state.availableCores[c] as number
    observation[at.queueLength] = queue.waiting(nowS)
    observation[at.waitedS] = quantise(nowS - queue.arrivalS, observationDigits)
    observation[at.latencyRatio] = quantise(lastLatencyS / (asked.deadlineS ?? Number.NaN), observationDigits)
    observation[at.deadlineS] = asked.deadlineS ?? Number.NaN
    observation[at.energyBudgetJ] = asked.energyBudgetJ ?? Number.NaN
    observation[at.accuracyFloor] = asked.accuracyFloor ?? Number.NaN
  }

  const meanS = (action: number): number => (latencyS[action] as number) * (slowness[needs.cluster[action] as number] as number)
  const meanJ = (action: number): number => (energyJ[action] as number) * (slowness[needs.cluster[action] as number] as number)

  return {
    spaces,
    reset({ seed, step: taken = 0, quiet: undisturbed = false }) {
      const rng = makeRng(seed).fork('table')
      noise = rng.fork('noise')
      for (let k = 0; k < taken; k++) noise.normal()
      inForce = undisturbed || world === undefined ? quiet : world
      queue = inForce === quiet ? quietQueue : worldQueue
      inForce.reset(seed)
      queue.reset()
      sensors.reset(rng.fork('sensors'), Number.NaN)
      lastLatencyS = Number.NaN
      observation.fill(0, 0, clusters.length)
      observation[at.pressure] = 0
      sense(0, 0, 0)
      return { observation, mask }
    },
    step(action) {
      const beganS = nowS
      const waitedS = nowS - queue.arrivalS
      const factor = sigma === 0 ? 1 : Math.exp(mu + sigma * noise.normal())
      const serviceS = meanS(action) * factor
      lastLatencyS = waitedS + serviceS
      outcome.latencyS = quantise(lastLatencyS, outcomeDigits)
      outcome.energyJ = quantise(meanJ(action) * factor, outcomeDigits)
      outcome.accuracy = accuracy[action] as number
      outcome.deadlineMet = asked.deadlineS === undefined || outcome.latencyS <= asked.deadlineS
      step.requirements = asked
      step.executedAction = action
      step.timeS = beganS
      sense(beganS, beganS + serviceS, needs.cluster[action] as number)
      step.durationS = quantise(nowS - beganS, outcomeDigits)
      step.truncated = nowS >= inForce.endS
      return step
    },
    truth: {
      get requirements() {
        return asked
      },
      expected(action, out) {
        const waitS = nowS - queue.arrivalS
        const serviceS = meanS(action)
        const ownJ = meanJ(action)
        const { deadlineS, energyBudgetJ } = asked
        out.latencyS = waitS + serviceS
        out.energyJ = ownJ
        out.accuracy = accuracy[action] as number
        out.confidence = Number.NaN
        // Latency and energy have one factor: what breaks the tighter of the two limits breaks either.
        const toDeadline = deadlineS === undefined ? Number.POSITIVE_INFINITY : (deadlineS - waitS) / serviceS
        const toBudget = energyBudgetJ === undefined || Number.isNaN(ownJ) ? Number.POSITIVE_INFINITY : energyBudgetJ / ownJ
        out.missRatio = exceeds(toDeadline, out.latencyS, deadlineS)
        out.brokenRatio = Math.max(out.missRatio, exceeds(toBudget, ownJ, energyBudgetJ))
      },
    },
    get dropped() {
      return queue.dropped
    },
    close() {},
  }

  /** P(factor > limit); without noise the outcome is certain, and counted in its own digits. */
  function exceeds(limit: number, value: number, asked: number | undefined): number {
    if (asked === undefined) return 0
    return sigma === 0 ? (quantise(value, outcomeDigits) > asked ? 1 : 0) : logNormalExceeds(limit, mu, sigma)
  }
}
