import { type ChangePoint, makeChangePoint } from '../maths/change-point.ts'
import { type FieldMixtureData, mixFields } from '../maths/field-mixture.ts'
import { type Lasting, makeLasting } from '../maths/lasting.ts'
import { type LoadResponse, makeLoadResponse } from '../maths/load-response.ts'
import { makeNoiseVariance, type NoiseVariance } from '../maths/noise-variance.ts'
import { pivotedCholesky } from '../maths/pivoted-cholesky.ts'
import { makePointField, type PointField, type PointFieldData } from '../maths/point-field.ts'
import { makeScale, type Scale } from '../maths/scale.ts'
import { makeSurprise, type Surprise } from '../maths/surprise.ts'
import type { Axes } from './axes.ts'
import { type Carried, carrySlope } from './carried.ts'
import { levels } from './load.ts'
import { type FieldPrior, makeCovariance, priorMean } from './prior.ts'

/** What is saved of one quantity. */
export interface QuantityData {
  readonly field: PointFieldData | FieldMixtureData
  readonly scale: readonly number[]
  readonly noise: readonly (readonly number[])[]
  readonly responses: readonly (readonly number[])[]
  readonly changes: readonly (readonly number[])[]
  readonly surprises: readonly (readonly number[])[]
  readonly lasting?: readonly (readonly number[])[]
}

/** How one look went. Reused. */
export interface Look {
  /** Standardised error of the prediction. */
  z: number
  changed: boolean
  /** By how much others stretched it, as far as the error is no noise. */
  stretch: number
}

/**
 * The logarithm of latency or of power: a field over points, what others' load does to it, a shift per cluster, and noise that depends on the load.
 *
 *     y = field(point) + slope(cluster) * stretch(cluster) + shift(cluster) + noise(level)
 */
export interface Quantity {
  readonly field: PointField<PointFieldData | FieldMixtureData>
  /** By cluster: what is added to the field's mean and variance at the load that was last read. */
  readonly offset: Float64Array
  readonly doubt: Float64Array
  /** Variance of the noise at the load that was last read, by cluster. */
  readonly noise: Float64Array
  /** By cluster: what others add at the load that was last read, and its variance. */
  readonly stretched: Float64Array
  readonly stretchedDoubt: Float64Array
  /** By cluster: two things may hold now, the second of which adds so much to the first, and its probability. Both are in offset and doubt as their mean and variance. */
  readonly fork: Float64Array
  readonly chance: Float64Array
  /** Whether the last look surprised, and the next one at a known point will tell what it meant. */
  readonly puzzled: boolean
  /** Factor on the field's variance where nothing was looked at yet. */
  readonly scale: number
  /** By cluster: the part of the doubt that one look at the cluster takes away. */
  readonly unsettled: Float64Array
  /** Brings offset, doubt and noise up to date. No allocation. */
  read(stretch: Float64Array, doubt: Float64Array, level: Int32Array, fork?: Float64Array, trust?: number): void
  /** One look at a point under the load that was last read, or at the stretch that was seen. No allocation. */
  look(point: number, value: number, seen?: number): Look
  /** A look of a profile: on the quiet board. */
  profile(point: number, value: number): void
  save(): QuantityData
}

export interface QuantitySettings {
  readonly prior: FieldPrior
  /** What features say of the quantity's logarithm, or of its inverse. */
  readonly told: Float64Array | undefined
  readonly rank: number
  /** Standard deviation of the noise as it is believed at first, and the looks that this counts for. */
  readonly noise: number
  readonly noiseWeight: number
  /** What full load adds to that standard deviation. */
  readonly noiseOfLoad: number
  /** Exponent of the stretch that others cause, and its standard deviation. */
  readonly slope: number
  readonly slopeSpread: number
  /** Variance by which a shift moves between two decisions. */
  readonly drift: number
  /** What an earlier checkpoint of another network or board says. */
  readonly carried?: Carried | undefined
}

const leastNoise = 1e-6
/** Variance that a change adds to a shift, and the most that there is. */
const jump = 0.3 ** 2
const leap = 0.5 ** 2
const threshold = 6
// Shifts better known than this, as a variance, move with those of other clusters.
const settled = 0.01
const scaleWeight = 10
// Standard deviations from which an error is rather something that happened than noise.
const clear = 3
// Weight of an error in units of its standard deviation: as of a Student distribution with so many degrees of freedom.
const freedom = 5
// Standard deviations beyond which a first look is the point's own.
const odd = 2
// Variance of what is believed of a point below which its neighbours are known well enough to say so.
const surveyed = 0.1

export function makeQuantity(axes: Axes, points: number, settings: QuantitySettings, data?: QuantityData): Quantity {
  const { drift, carried } = settings
  const count = Math.max(1, axes.clusters.length)
  const { cluster } = axes
  const field = makeField(axes, points, settings, data?.field)
  const scale: Scale = makeScale(scaleWeight, data?.scale)
  const noises: NoiseVariance[] = Array.from({ length: levels }, (_, level) => {
    const variance = settings.noise ** 2 + (settings.noiseOfLoad * (level / levels)) ** 2
    return makeNoiseVariance(variance, settings.noiseWeight, leastNoise, (data ?? carried)?.noise[level])
  })
  const responses: LoadResponse[] = Array.from({ length: count }, (_, c) => {
    const [slope, variance] = carrySlope(carried, c, settings.slope, settings.slopeSpread) ?? [settings.slope, settings.slopeSpread ** 2]
    return makeLoadResponse({ drift, most: 2 * leap, slope: slope as number, slopeVariance: variance as number }, data?.responses[c])
  })
  const changes: ChangePoint[] = Array.from({ length: count }, (_, c) => makeChangePoint(threshold, data?.changes[c]))
  // Of several clusters one that seems slow is left, and nobody looks whether it is.
  const surprises: Surprise[] = count === 1 ? [makeSurprise(data?.surprises[0])] : []
  // Of one cluster the next look tells at once.
  const lasting: Lasting | undefined = count > 1 ? makeLasting(count, data?.lasting) : undefined
  const offset = new Float64Array(count)
  const doubt = new Float64Array(count)
  const noise = new Float64Array(count)
  const unsettled = new Float64Array(count)
  const stretched = new Float64Array(count)
  const stretchedDoubt = new Float64Array(count)
  const fork = new Float64Array(count)
  const chance = new Float64Array(count)
  const stretch = new Float64Array(count)
  const stretchDoubt = new Float64Array(count)
  const level = new Int32Array(count)
  const look: Look = { z: 0, changed: false, stretch: 0 }

  const fill = (c: number): void => {
    const response = responses[c] as LoadResponse
    const h = stretch[c] as number
    const shown = response.slope * h
    const rest = lasting === undefined ? 0 : lasting.mean(c, shown)
    const ofRest = lasting === undefined ? 0 : lasting.variance(c, shown)
    const ofLoad = response.slope * response.slope * (stretchDoubt[c] as number)
    stretched[c] = Math.max(0, shown + rest)
    stretchedDoubt[c] = ofLoad + ofRest
    offset[c] = shown + response.shift + rest
    unsettled[c] = response.variance(h) + ofRest
    doubt[c] = (unsettled[c] as number) + ofLoad
    noise[c] = (noises[level[c] as number] as NoiseVariance).value
  }

  return {
    field,
    offset,
    doubt,
    noise,
    get puzzled() {
      return surprises[0]?.open === true
    },
    get scale() {
      return scale.value
    },
    unsettled,
    stretched,
    stretchedDoubt,
    fork,
    chance,
    read(byOthers, doubtful, levels, jumped, trust = 1) {
      stretch.set(byOthers)
      stretchDoubt.set(doubtful)
      level.set(levels)
      for (let c = 0; c < count; c++) {
        fill(c)
        const { slope } = responses[c] as LoadResponse
        const apart = jumped === undefined ? 0 : slope * (jumped[c] as number)
        fork[c] = apart !== 0 ? apart : (lasting?.left(c, slope * (stretch[c] as number)) ?? 0)
        chance[c] = apart !== 0 ? trust : (lasting?.chance(c) ?? 0)
      }
    },
    look(point, value, seen) {
      const c = cluster[point] as number
      for (let k = 0; k < count; k++) (responses[k] as LoadResponse).drift()
      const response = responses[c] as LoadResponse
      const noiseHere = noises[level[c] as number] as NoiseVariance
      const h = seen ?? (stretch[c] as number)
      const fresh = field.precision[point] === 0
      const factor = fresh ? scale.value : 1
      const own = (field.variance[point] as number) * factor
      const ofLoad = seen === undefined ? response.slope * response.slope * (stretchDoubt[c] as number) : 0
      const n = noiseHere.value
      const error = value - (field.mean[point] as number) - response.slope * h - response.shift
      const known = n + ofLoad
      const before = response.shiftVariance
      const total = own + response.variance(h) + known
      const z = error / Math.sqrt(total)
      const change = changes[c] as ChangePoint
      const surprise = surprises[c]
      const jumped = surprise?.update(z, !fresh) === true
      if (jumped) change.clear()
      look.z = z
      look.stretch = Math.max(0, response.slope * h + (fresh ? 0 : (error * z * z) / (z * z + clear * clear)))
      lasting?.pass()
      lasting?.look(c, error, z, response.slope * h, !fresh)
      // A point never looked at says more about the field than about the board.
      look.changed = jumped || (!fresh && change.update(z, error + response.shift))
      // What is far off is noise from a tail: it counts for less.
      const robust = fresh || jumped ? known : known * Math.max(1, (freedom + z * z) / (freedom + 1))
      if (look.changed) {
        response.widen(jumped ? leap : jump)
        lasting?.clear(c)
      } else if (fresh) scale.update((error * error) / total)
      // A stall is no noise, nor is the first error after a jump.
      else if (surprise?.far !== true) noiseHere.update(error, total - n)
      // Nor is a point that is far from its neighbours a guide to them.
      if (fresh && !jumped && own < surveyed)
        field.setApart(point, value - response.slope * h - response.shift, known + response.variance(h), odd, factor)
      const step = look.changed && !jumped ? response.update(change.level - response.shift, h, own + known) : response.update(error, h, own + robust)
      // What moves slowly moves the whole board; a jump is the cluster's own.
      if (!look.changed && before < settled) for (let k = 0; k < count; k++) if (k !== c) (responses[k] as LoadResponse).move(step)
      // What others do here, and what no monitor shows, is what a cluster that nobody has tried is believed to meet as well.
      for (let k = 0; k < count; k++) if (k !== c) (responses[k] as LoadResponse).resemble(response.shift, response.slope, settings.slopeSpread ** 2)
      field.look(point, value - response.slope * h - response.shift, robust + response.variance(h))
      return look
    },
    profile(point, value) {
      field.look(point, value, (noises[0] as NoiseVariance).value)
    },
    save: () => ({
      field: field.save(),
      scale: scale.save(),
      noise: noises.map((one) => one.save()),
      responses: responses.map((one) => one.save()),
      changes: changes.map((one) => one.save()),
      surprises: surprises.map((one) => one.save()),
      ...(lasting === undefined ? {} : { lasting: lasting.save() }),
    }),
  }
}

/** From nothing one field; else that one and those that were carried over, of which the looks make a choice. */
function makeField(
  axes: Axes,
  points: number,
  { prior, told, rank, carried }: QuantitySettings,
  data: QuantityData['field'] | undefined,
): Quantity['field'] {
  const fieldOf = (mean: Float64Array, covariance: (i: number, j: number) => number, saved: PointFieldData | null | undefined): PointField =>
    makePointField(mean, pivotedCholesky(points, covariance, rank), prior.residual ** 2, saved ?? undefined)
  const mean = priorMean(axes, prior, points, told)
  const covariance = makeCovariance(axes, prior, told !== undefined)
  if (carried === undefined) return fieldOf(mean, covariance, data as PointFieldData | undefined)
  const saved = data as FieldMixtureData | undefined
  return mixFields(
    [
      fieldOf(mean, covariance, saved?.fields[0]),
      ...carried.beliefs.map((belief, k) => fieldOf(belief.mean, belief.covariance, saved?.fields[k + 1])),
    ],
    [carried.logDoubt, ...carried.beliefs.map(({ logTrust }) => logTrust)],
    saved,
  )
}
