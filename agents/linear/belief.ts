import type { AgentInput, Transition } from '../../src/core/agent.ts'
import { monitorIndex, type Observation } from '../../src/core/spaces.ts'
import { makeAxes } from '../bayes/axes.ts'
import { type Load, levels, makeLoad } from '../bayes/load.ts'
import { latencyPrior, powerPrior, priorMean } from '../bayes/prior.ts'
import { makeWaiting, type Waiting } from '../bayes/waiting.ts'
import { contexts, type HybridRegression, type HybridRegressionData, makeHybridRegression } from '../maths/hybrid-regression.ts'
import { makeNoiseVariance, type NoiseVariance } from '../maths/noise-variance.ts'
import { makeShift, type Shift } from '../maths/shift.ts'
import { makeSurface } from './surface.ts'

/** What is saved of a belief. */
export interface LinearBeliefData {
  readonly looks: number
  readonly energyKnown: boolean
  readonly regression: HybridRegressionData
  readonly noise: readonly (readonly number[])[]
  readonly residual: readonly number[]
  /** By output, then by cluster. */
  readonly shifts: readonly (readonly number[])[]
  readonly load: readonly (readonly number[])[]
}

/** Linear models of the logarithms of latency and of energy of every point. Arrays are by point or by cluster, as of the last `read`. */
export interface LinearBelief {
  readonly regression: HybridRegression
  /** Index of the cluster that computes at each point. */
  readonly cluster: Int32Array
  /** What physics says before anything is measured, and what is added to it and to the regression's mean: by point, for latency and energy. */
  readonly prior: readonly [Float64Array, Float64Array]
  /** By cluster: what moves all of its points, its variance, and the variance of the noise. */
  readonly offset: readonly [Float64Array, Float64Array]
  readonly doubt: Float64Array
  readonly noise: Float64Array
  /** Coefficients' inputs at what was last read. */
  readonly context: Float64Array
  /** Decisions learned from, and points of a profile. */
  readonly looks: number
  readonly energyKnown: boolean
  readonly waiting: Waiting
  /** Brings everything up to what is seen, all points included. No allocation. */
  read(observation: Observation): void
  /** No allocation. */
  learn(transition: Transition): void
  save(): LinearBeliefData
}

export interface LinearBeliefSettings {
  /** Most features of a point. */
  readonly features: number
  /** Standard deviation of what features do not explain, each point's own. */
  readonly residual: number
  readonly forgetting: number
  /** Variance by which the level of all points moves between two decisions. */
  readonly drift: number
}

// Exponents of the stretch that others cause, in latency and in energy: the clock goes on drawing power for less of the time. Standard deviations of the coefficients of stretch, heat and others' load.
const stretchSlopes = [1, 0.7] as const
const stretchSpread = 0.25
const heatSpread = 0.15
const othersSpread = 0.1
// Below this leakage and throttling do not matter.
const coolC = 50
const noise = 0.03
const noiseOfLoad = 0.15
const noiseWeight = 6
const leastNoise = 1e-6
// Looks that the residual as it is believed at first counts for.
const residualWeight = 10
const leastResidual = 1e-6
const mostShift = 0.2
// Variance below which a prediction is good enough for its error to say how far points are from what features explain.
const surveyed = 0.05
// Weight of an error in units of its standard deviation: as of a Student distribution with so many degrees of freedom.
const freedom = 5

/**
 * The logarithms of latency and energy of a point are its prior, a hybrid linear model over the features of surface.ts and three contexts, and a shift that all points share:
 *
 *     y = prior(point) + (phi, stretch of its cluster, heat, others' load)^T theta + r(point) + slope * stretch + shift(cluster) + noise(level of load)
 *
 * Energy has the noise of latency in it, as it is power over time, so that one design serves both.
 */
export function makeLinearBelief({ spaces, nominal }: AgentInput, settings: LinearBeliefSettings, data?: LinearBeliefData): LinearBelief {
  const n = spaces.points.length
  const axes = makeAxes(spaces)
  const { cluster, clusters } = axes
  const count = Math.max(1, clusters.length)
  const surface = makeSurface(axes, n, settings.features)
  const load: Load = makeLoad(spaces, clusters, data?.load)
  const waiting: Waiting = makeWaiting(spaces)
  const latency = priorMean(axes, latencyPrior, n, axes.logSpeed)
  const power = priorMean(axes, powerPrior, n, axes.logPower)
  const prior = [latency, latency.map((value, i) => value + (power[i] as number))] as const
  // Coefficients of contexts: the stretch of each cluster, heat, others' load.
  const heatAt = count
  const othersAt = count + 1
  const contextOf = new Int32Array(n * contexts)
  for (let i = 0; i < n; i++) contextOf.set([cluster[i] as number, heatAt, othersAt], i * contexts)
  const regression = makeHybridRegression(
    {
      rows: surface.rows,
      width: surface.width,
      left: surface.left,
      contextOf,
      contextVariance: Float64Array.from(
        { length: count + 2 },
        (_, k) => (k < count ? stretchSpread : k === heatAt ? heatSpread : othersSpread) ** 2,
      ),
      forgetting: settings.forgetting,
    },
    data?.regression,
  )
  const noises: NoiseVariance[] = Array.from({ length: levels }, (_, level) =>
    makeNoiseVariance(noise ** 2 + (noiseOfLoad * (level / levels)) ** 2, noiseWeight, leastNoise, data?.noise[level]),
  )
  const residual: NoiseVariance = makeNoiseVariance(settings.residual ** 2, residualWeight, leastResidual, data?.residual)
  regression.residual = residual.value
  const shifts = Array.from({ length: 2 * count }, (_, k): Shift => makeShift(settings.drift, mostShift, data?.shifts[k]))
  const shiftOf = (output: number, c: number): Shift => shifts[output * count + c] as Shift
  const offset = [new Float64Array(count), new Float64Array(count)] as const
  const doubt = new Float64Array(count)
  const noiseOf = new Float64Array(count)
  const context = new Float64Array(count + 2)
  const values = new Float64Array(2)
  const temperature = monitorIndex(spaces, 'tempC')
  const pressure = clusters.length === 0 ? monitorIndex(spaces, 'pressure') : -1
  let looks = data?.looks ?? 0
  let energyKnown = data?.energyKnown ?? false

  const readContext = (observation: Observation): void => {
    let all = 0
    for (let c = 0; c < count; c++) {
      context[c] = load.stretch[c] as number
      all += load.stretch[c] as number
    }
    const heat = temperature < 0 ? 0 : ((observation[temperature] as number) - coolC) / 50
    context[heatAt] = heat > 0 ? heat : 0
    const pressed = pressure < 0 ? 0 : (observation[pressure] as number)
    // Of one cluster there are no others.
    context[othersAt] = clusters.length > 1 ? all : pressed > 0 ? pressed : 0
  }

  const fill = (): void => {
    for (let c = 0; c < count; c++) {
      const h = load.stretch[c] as number
      for (let j = 0; j < 2; j++) (offset[j] as Float64Array)[c] = (stretchSlopes[j] as number) * h + shiftOf(j, c).mean
      doubt[c] = shiftOf(0, c).variance
      noiseOf[c] = (noises[load.level[c] as number] as NoiseVariance).value + (load.doubt[c] as number)
    }
  }

  const predicted = (j: number, i: number): number => (prior[j]?.[i] as number) + (regression.mean[j]?.[i] as number)

  if (data === undefined) {
    nominal?.forEach(({ latencyS, energyJ }, i) => {
      if (!(latencyS > 0)) return
      values[0] = Math.log(latencyS) - (prior[0][i] as number)
      values[1] = energyJ > 0 ? Math.log(energyJ) - (prior[1][i] as number) : Number.NaN
      if (energyJ > 0) energyKnown = true
      const known = (noises[0] as NoiseVariance).value
      regression.predictOne(i, context)
      const own = regression.variance[i] as number
      for (let j = 0; j < 2 && own < surveyed; j++)
        if (!Number.isNaN(values[j])) residual.update((values[j] as number) - (regression.mean[j]?.[i] as number), own + known - regression.residual)
      regression.residual = residual.value
      regression.look(i, context, values, known)
      looks++
    })
  }

  return {
    regression,
    cluster,
    prior,
    offset,
    doubt,
    noise: noiseOf,
    context,
    waiting,
    get looks() {
      return looks
    },
    get energyKnown() {
      return energyKnown
    },
    read(observation) {
      load.read(observation)
      readContext(observation)
      fill()
      regression.predict(context)
      waiting.read(observation)
    },
    learn({ observation, nextObservation, action, outcome }) {
      load.readBetween(observation, nextObservation)
      load.remember(observation, nextObservation)
      readContext(observation)
      fill()
      regression.predictOne(action, context)
      const c = cluster[action] as number
      const foreseen = predicted(0, action) + (offset[0][c] as number)
      const serviceS = waiting.serviceS(observation, outcome.latencyS)
      const measured = outcome.energyJ > 0
      const level = noises[load.level[c] as number] as NoiseVariance
      const known = noiseOf[c] as number
      const own = regression.variance[action] as number
      const total = own + (doubt[c] as number) + known
      const error = Math.log(serviceS) - foreseen
      const errorOfEnergy = measured && energyKnown ? Math.log(outcome.energyJ) - predicted(1, action) - (offset[1][c] as number) : 0
      const z2 = Math.max(error * error, errorOfEnergy * errorOfEnergy) / total
      const firstLook = regression.precision[action] === 0
      // What is far off is noise from a tail: it counts for less.
      const robust = firstLook ? known : known * Math.max(1, (freedom + z2) / (freedom + 1))
      if (!firstLook) level.update(error, total - level.value)
      for (let j = 0; j < 2; j++) {
        values[j] = Number.NaN
        if (j === 1 && !measured) continue
        const value = j === 0 ? Math.log(serviceS) : Math.log(outcome.energyJ)
        for (let k = 0; k < count; k++) shiftOf(j, k).drift()
        const shift = shiftOf(j, c)
        const before = shift.mean
        const expected = predicted(j, action) + (offset[j]?.[c] as number)
        const expectedError = value - expected
        if (firstLook && own < surveyed) residual.update(expectedError, total - regression.residual)
        const step = shift.update(expectedError + before, own + robust)
        // What moves slowly moves the whole board.
        for (let k = 0; k < count; k++) if (k !== c) shiftOf(j, k).move(step)
        values[j] = value - (prior[j]?.[action] as number) - (stretchSlopes[j] as number) * (load.stretch[c] as number) - shift.mean
      }
      regression.look(action, context, values, robust + shiftOf(0, c).variance)
      regression.residual = residual.value
      if (measured) energyKnown = true
      looks++
    },
    save: () => ({
      looks,
      energyKnown,
      regression: regression.save(),
      noise: noises.map((one) => one.save()),
      residual: residual.save(),
      shifts: shifts.map((one) => one.save()),
      load: load.save(),
    }),
  }
}
