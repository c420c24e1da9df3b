import { type ChangePoint, makeChangePoint } from '../maths/change-point.ts'
import { type Lasting, makeLasting } from '../maths/lasting.ts'
import { makeNoiseVariance, type NoiseVariance } from '../maths/noise-variance.ts'
import { pivotedCholesky } from '../maths/pivoted-cholesky.ts'
import { makePointField, type PointField, type PointFieldData } from '../maths/point-field.ts'
import { makeScale, type Scale } from '../maths/scale.ts'
import { makeShift, type Shift } from '../maths/shift.ts'
import { makeSlope, type Slope } from '../maths/slope.ts'
import type { Axes } from './axes.ts'
import { levels } from './load.ts'
import { type FieldPrior, makeCovariance, priorMean } from './prior.ts'

/** What is saved of one quantity. */
export interface QuantityData {
  readonly field: PointFieldData
  readonly scale: readonly number[]
  readonly noise: readonly (readonly number[])[]
  readonly shifts: readonly (readonly number[])[]
  readonly slopes: readonly (readonly number[])[]
  readonly changes: readonly (readonly number[])[]
  readonly lasting: readonly (readonly number[])[]
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
  readonly field: PointField
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
}

const leastNoise = 1e-6
/** Variance that a change adds to a shift, and the most that there is. */
const jump = 0.3 ** 2
const threshold = 6
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
  const { prior, rank, drift } = settings
  const count = Math.max(1, axes.clusters.length)
  const { cluster } = axes
  const field = makePointField(
    priorMean(axes, prior, points, settings.told),
    pivotedCholesky(points, makeCovariance(axes, prior, settings.told !== undefined), rank),
    prior.residual ** 2,
    data?.field,
  )
  const scale: Scale = makeScale(scaleWeight, data?.scale)
  const noises: NoiseVariance[] = Array.from({ length: levels }, (_, level) => {
    const start = settings.noise ** 2 + (settings.noiseOfLoad * (level / levels)) ** 2
    return makeNoiseVariance(start, settings.noiseWeight, leastNoise, data?.noise[level])
  })
  const shifts: Shift[] = Array.from({ length: count }, (_, c) => makeShift(drift, 2 * jump, data?.shifts[c]))
  const slopes: Slope[] = Array.from({ length: count }, (_, c) => makeSlope(settings.slope, settings.slopeSpread, data?.slopes[c]))
  const changes: ChangePoint[] = Array.from({ length: count }, (_, c) => makeChangePoint(threshold, data?.changes[c]))
  const lasting: Lasting = makeLasting(count, data?.lasting)
  const offset = new Float64Array(count)
  const doubt = new Float64Array(count)
  const noise = new Float64Array(count)
  const unsettled = new Float64Array(count)
  const fork = new Float64Array(count)
  const chance = new Float64Array(count)
  const stretched = new Float64Array(count)
  const stretchedDoubt = new Float64Array(count)
  const stretch = new Float64Array(count)
  const stretchDoubt = new Float64Array(count)
  const level = new Int32Array(count)
  const look: Look = { z: 0, changed: false, stretch: 0 }

  const fill = (c: number): void => {
    const slope = slopes[c] as Slope
    const shift = shifts[c] as Shift
    const h = stretch[c] as number
    const shown = slope.mean * h
    const ofRest = lasting.variance(c, shown)
    stretched[c] = Math.max(0, shown + lasting.mean(c, shown))
    stretchedDoubt[c] = slope.mean * slope.mean * (stretchDoubt[c] as number) + ofRest
    offset[c] = shown + shift.mean + lasting.mean(c, shown)
    doubt[c] = slope.variance * h * h + slope.mean * slope.mean * (stretchDoubt[c] as number) + shift.variance + ofRest
    unsettled[c] = shift.variance + ofRest
    noise[c] = (noises[level[c] as number] as NoiseVariance).value
  }

  return {
    field,
    offset,
    doubt,
    noise,
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
        const read = jumped === undefined ? 0 : (jumped[c] as number)
        if (read !== 0) {
          fork[c] = (slopes[c] as Slope).mean * read
          chance[c] = trust
        } else {
          fork[c] = lasting.left(c, (slopes[c] as Slope).mean * (stretch[c] as number))
          chance[c] = lasting.chance(c)
        }
      }
    },
    look(point, value, seen) {
      const c = cluster[point] as number
      for (let k = 0; k < count; k++) (shifts[k] as Shift).drift()
      const shift = shifts[c] as Shift
      const slope = slopes[c] as Slope
      const noiseHere = noises[level[c] as number] as NoiseVariance
      const h = seen ?? (stretch[c] as number)
      const fresh = field.precision[point] === 0
      const own = (field.variance[point] as number) * (fresh ? scale.value : 1)
      const ofSlope = slope.variance * h * h
      const ofLoad = seen === undefined ? slope.mean * slope.mean * (stretchDoubt[c] as number) : 0
      const n = noiseHere.value
      const error = value - (field.mean[point] as number) - slope.mean * h - shift.mean
      const known = n + ofLoad
      const total = own + ofSlope + shift.variance + known
      const z = error / Math.sqrt(total)
      // What is far off is noise from a tail: it counts for less.
      const robust = fresh ? known : known * Math.max(1, (freedom + z * z) / (freedom + 1))
      look.z = z
      look.stretch = Math.max(0, slope.mean * h + (fresh ? 0 : (error * z * z) / (z * z + clear * clear)))
      // A point never looked at says more about the field than about the board.
      lasting.pass()
      lasting.look(c, error, z, slope.mean * h, !fresh)
      const change = changes[c] as ChangePoint
      look.changed = !fresh && change.update(z, error + shift.mean)
      if (look.changed) {
        shift.widen(jump)
        lasting.clear(c)
      }
      else if (fresh) scale.update((error * error) / total)
      else noiseHere.update(error, total - n)
      // Nor is a point that is far from its neighbours a guide to them.
      if (fresh && own < surveyed && z * z > odd * odd) field.setApart(point, error * error - odd * odd * total)
      const before = shift.mean
      const beforeSpread = shift.variance
      const step = look.changed ? shift.update(change.level, own + ofSlope + known) : shift.update(error + before, own + ofSlope + robust)
      for (let k = 0; k < count; k++) {
        if (k === c) continue
        const other = shifts[k] as Shift
        // What moves slowly moves the whole board; a jump is the cluster's own.
        if (!look.changed && beforeSpread < 0.01) other.move(step)
      }
      if (h > 0) slope.update(h, error + slope.mean * h, own + beforeSpread + robust)
      field.look(point, value - slope.mean * h - shift.mean, robust + ofSlope + shift.variance)
      return look
    },
    profile(point, value) {
      field.look(point, value, (noises[0] as NoiseVariance).value)
    },
    save: () => ({
      field: field.save(),
      scale: scale.save(),
      noise: noises.map((one) => one.save()),
      shifts: shifts.map((one) => one.save()),
      slopes: slopes.map((one) => one.save()),
      changes: changes.map((one) => one.save()),
      lasting: lasting.save(),
    }),
  }
}
