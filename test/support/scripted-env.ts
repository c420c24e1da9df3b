import { type Env, makeStep, type ResetOptions, type Step } from '../../src/core/env.ts'
import { logNormalExceeds } from '../../src/core/normal.ts'
import { makeOutcome, type Outcome, type Requirements } from '../../src/core/outcome.ts'
import { observationDigits, outcomeDigits, quantise } from '../../src/core/quantise.ts'
import { makeRng, type Rng } from '../../src/core/rng.ts'
import { makeSpaces, monitorIndex, type NominalOutcome, type Spaces } from '../../src/core/spaces.ts'

/** A co-runner that takes `share` of one cluster from step `from` to before step `to`, again every `everySteps`. */
export interface ScriptedCoRunner {
  readonly cluster: 'little' | 'big'
  readonly share: number
  readonly from: number
  readonly to: number
  readonly everySteps?: number
}

export interface ScriptedOptions {
  readonly coRunners?: readonly ScriptedCoRunner[]
  /** Requirements by the step from which they hold; the first entry holds from the start. */
  readonly requirements?: readonly { readonly from: number; readonly requirements: Requirements }[]
  /** Standard deviation of the logarithm of the latency. Default 0.05. */
  readonly noise?: number
  /** Steps at which the fastest cluster's points are masked. */
  readonly bigOffline?: (step: number) => boolean
  /** The environment ends after so many steps. */
  readonly steps?: number
}

/** A step as a test wants to see it: plus the override that the environment was told to make. */
export interface ScriptedEnv extends Env {
  readonly nominal: readonly NominalOutcome[]
  /** Executes another action than the chosen one at the next step: an emergency override. */
  overrideNext(action: number): void
  /** What the step before this one was asked; undefined for the first. */
  requirementsBefore(step: number): Requirements | undefined
}

const periodS = 0.033
const subnets = [25, 50, 75, 100]
const accuracies: Readonly<Record<number, number>> = { 25: 0.55, 50: 0.63, 75: 0.67, 100: 0.69 }
const clusterNames = ['little', 'big'] as const
const frequenciesHz = { little: [600e6, 1200e6], big: [1000e6, 2000e6] }
// Seconds of the full network at 1 GHz, and watts at 1 GHz: round numbers near those of a Cortex-A7 and an A15 on an Odroid-XU3.
const fullLatencyS = { little: 0.03, big: 0.012 }
const unitPowerW = { little: 0.25, big: 1.2 }
export const defaultRequirements: Requirements = { deadlineS: 0.012, percentile: 99 }

export function makeScriptedSpaces(): Spaces {
  const points = subnets.flatMap((subnet) =>
    clusterNames.flatMap((cluster) =>
      frequenciesHz[cluster].map((freqHz) => ({
        subnet,
        cluster,
        'little.freqHz': cluster === 'little' ? freqHz : (frequenciesHz.little[0] as number),
        'big.freqHz': cluster === 'big' ? freqHz : (frequenciesHz.big[0] as number),
      })),
    ),
  )
  return makeSpaces({
    knobs: [
      { name: 'subnet', kind: 'subnet', unit: '%', values: subnets },
      { name: 'cluster', kind: 'cluster', values: clusterNames },
      { name: 'little.freqHz', kind: 'frequency', unit: 'Hz', domain: 'little', values: frequenciesHz.little },
      { name: 'big.freqHz', kind: 'frequency', unit: 'Hz', domain: 'big', values: frequenciesHz.big },
    ],
    points,
    featureNames: ['latencyS'],
    features: points.map((_, a) => [nominalOf(a).latencyS]),
    monitors: [
      { name: 'little.interference', low: 0, high: 1 },
      { name: 'big.interference', low: 0, high: 1 },
      { name: 'little.availableCores', low: 0, high: 4 },
      { name: 'big.availableCores', low: 0, high: 4 },
      { name: 'pressure', low: 0, high: 1 },
      { name: 'tempC', low: 20, high: 100 },
      { name: 'queueLength', low: 0, high: 8 },
      { name: 'latencyRatio', low: 0, high: 4 },
      { name: 'deadlineS', low: 0, high: 1 },
      { name: 'energyBudgetJ', low: 0, high: 1 },
      { name: 'accuracyFloor', low: 0, high: 1 },
    ],
  })
}

/** Points in the order subnet, cluster, frequency: 4 x 2 x 2. */
function pointOf(a: number): { subnet: number; cluster: 'little' | 'big'; freqHz: number } {
  const cluster = clusterNames[(a >> 1) & 1] as 'little' | 'big'
  return { subnet: subnets[a >> 2] as number, cluster, freqHz: frequenciesHz[cluster][a & 1] as number }
}

function nominalOf(a: number): NominalOutcome {
  const { subnet, cluster, freqHz } = pointOf(a)
  const latencyS = (fullLatencyS[cluster] * (subnet / 100) * 1e9) / freqHz
  const powerW = unitPowerW[cluster] * (freqHz / 1e9) ** 2
  return { latencyS, energyJ: powerW * latencyS, accuracy: accuracies[subnet] as number }
}

/**
 * A world whose answers are known: 16 points, a latency model, co-runners by schedule. Nothing in it hangs on earlier actions, and the
 * noise of step k is drawn from a generator forked by k, so that `reset({ seed, step })` stands exactly where step k would be.
 * A co-runner's share s slows its cluster to 1 - s.
 */
export function makeScriptedEnv(options: ScriptedOptions = {}): ScriptedEnv {
  const spaces = makeScriptedSpaces()
  const nominal = spaces.points.map((_, a) => nominalOf(a))
  const noise = options.noise ?? 0.05
  const schedule = options.requirements ?? [{ from: 0, requirements: defaultRequirements }]
  const observation = new Float64Array(spaces.monitors.length)
  const mask = new Uint8Array(spaces.points.length)
  const outcome = makeOutcome()
  const truly = makeOutcome()
  let root = makeRng(0)
  let index = 0
  let start = 0
  let override: number | undefined

  const shareOf = (cluster: 'little' | 'big', step: number): number => {
    let share = 0
    for (const coRunner of options.coRunners ?? []) {
      const at = coRunner.everySteps === undefined ? step : step % coRunner.everySteps
      if (coRunner.cluster === cluster && at >= coRunner.from && at < coRunner.to) share = Math.max(share, coRunner.share)
    }
    return share
  }
  const requirementsAt = (step: number): Requirements =>
    (schedule.findLast((entry) => entry.from <= step) ?? { requirements: defaultRequirements }).requirements

  const rngAt = (step: number, purpose: string): Rng => root.fork(`${purpose} ${step}`)

  const observe = (step: number): void => {
    const rng = rngAt(step, 'sensors')
    const { deadlineS, energyBudgetJ, accuracyFloor } = requirementsAt(step)
    const set = (name: string, value: number): void => {
      observation[monitorIndex(spaces, name)] = quantise(value, observationDigits)
    }
    for (const cluster of clusterNames) {
      const share = shareOf(cluster, step)
      set(`${cluster}.interference`, Math.min(1, Math.max(0, share + 0.03 * rng.normal())))
      set(`${cluster}.availableCores`, cluster === 'big' && (options.bigOffline?.(step) ?? false) ? 0 : 4)
    }
    set('pressure', rng.next() * 0.1)
    set('tempC', Number.NaN)
    set('queueLength', 0)
    set('latencyRatio', rng.next())
    set('deadlineS', deadlineS ?? Number.NaN)
    set('energyBudgetJ', energyBudgetJ ?? Number.NaN)
    set('accuracyFloor', accuracyFloor ?? Number.NaN)
    for (let a = 0; a < mask.length; a++) mask[a] = pointOf(a).cluster === 'big' && (options.bigOffline?.(step) ?? false) ? 0 : 1
  }

  const fill = (out: Outcome, a: number, step: number, jitter: number): void => {
    const point = nominal[a] as NominalOutcome
    const slowdown = jitter / (1 - shareOf(pointOf(a).cluster, step))
    const { deadlineS } = requirementsAt(step)
    out.latencyS = quantise(point.latencyS * slowdown, outcomeDigits)
    out.energyJ = quantise(point.energyJ * slowdown, outcomeDigits)
    out.accuracy = point.accuracy
    out.confidence = Number.NaN
    out.deadlineMet = deadlineS === undefined || out.latencyS <= deadlineS
    out.latencyQuality = 'measured'
    out.energyQuality = 'estimated'
    out.accuracyQuality = 'measured'
    out.confidenceQuality = 'absent'
  }

  const step: Step = { ...makeStep({ observation, mask, outcome, requirements: defaultRequirements }), durationS: periodS }

  return {
    spaces,
    nominal,
    overrideNext(action) {
      override = action
    },
    requirementsBefore: (index) => (index === 0 ? undefined : requirementsAt(index - 1)),
    reset(reset: ResetOptions) {
      root = makeRng(reset.seed).fork('env')
      index = reset.step ?? 0
      start = index
      observe(index)
      return { observation, mask }
    },
    step(action) {
      step.executedAction = override ?? action
      override = undefined
      fill(outcome, step.executedAction, index, Math.exp(noise * rngAt(index, 'plant').normal()))
      step.requirements = requirementsAt(index)
      step.timeS = quantise((index - start) * periodS, outcomeDigits)
      index++
      step.truncated = index === options.steps
      observe(index)
      return step
    },
    truth: {
      get requirements() {
        return requirementsAt(index)
      },
      expected(a, out) {
        // The mean of the log-normal jitter is not 1: it is part of the truth.
        fill(truly, a, index, Math.exp(noise ** 2 / 2))
        const { latencyS, energyJ, accuracy, confidence } = truly
        const { deadlineS } = requirementsAt(index)
        const medianS = (nominal[a] as NominalOutcome).latencyS / (1 - shareOf(pointOf(a).cluster, index))
        out.latencyS = latencyS
        out.energyJ = energyJ
        out.accuracy = accuracy
        out.confidence = confidence
        out.missRatio = deadlineS === undefined ? 0 : logNormalExceeds(deadlineS, Math.log(medianS), noise)
        out.brokenRatio = out.missRatio
      },
    },
    close() {},
  }
}
