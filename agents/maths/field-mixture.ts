import type { PointField, PointFieldData } from './point-field.ts'

/** What is saved of a mixture: logarithms of weights, and the fields that are still in it. */
export interface FieldMixtureData {
  readonly logWeights: readonly (number | null)[]
  readonly fields: readonly (PointFieldData | null)[]
}

// A hypothesis less likely than this beside the best one is dropped for good.
const hopeless = Math.log(1e-3)
// One look counts for three standard deviations at most: it may have met a tail.
const most = 9

/**
 * One field out of several that start from other priors and see the same looks: Bayesian model averaging (Hoeting et al., Statistical Science 14, 1999). Each first look at a point weighs every
 * field by how likely it thought the value,
 *
 *     log w <- log w - log(v) / 2 - z^2 / 2      mean = sum w mean      variance = sum w (variance + (mean of the field - mean)^2)
 *
 * so that a prior which misleads is out after a few looks, and what is left costs no more than one field.
 */
export function mixFields(fields: readonly PointField[], logPriors: readonly number[], data?: FieldMixtureData): PointField<FieldMixtureData> {
  const [first] = fields as [PointField]
  const n = first.mean.length
  const mean = new Float64Array(n)
  const variance = new Float64Array(n)
  const precision = new Float64Array(n)
  const logWeights = Float64Array.from(data?.logWeights ?? logPriors, (value) => value ?? Number.NEGATIVE_INFINITY)
  const weights = new Float64Array(fields.length)
  const alive = (k: number): boolean => (logWeights[k] as number) > Number.NEGATIVE_INFINITY

  const weigh = (): void => {
    let best = Number.NEGATIVE_INFINITY
    for (let k = 0; k < logWeights.length; k++) best = Math.max(best, logWeights[k] as number)
    let sum = 0
    for (let k = 0; k < logWeights.length; k++) {
      const rest = (logWeights[k] as number) - best
      logWeights[k] = rest < hopeless ? Number.NEGATIVE_INFINITY : rest
      weights[k] = rest < hopeless ? 0 : Math.exp(rest)
      sum += weights[k] as number
    }
    for (let k = 0; k < weights.length; k++) weights[k] = (weights[k] as number) / sum
  }

  const mix = (): void => {
    mean.fill(0)
    variance.fill(0)
    for (let k = 0; k < fields.length; k++) {
      const w = weights[k] as number
      if (w === 0) continue
      const field = fields[k] as PointField
      if (w === 1) {
        mean.set(field.mean)
        variance.set(field.variance)
        break
      }
      const { mean: m, variance: v } = field
      for (let i = 0; i < n; i++) {
        const value = m[i] as number
        mean[i] = (mean[i] as number) + w * value
        variance[i] = (variance[i] as number) + w * ((v[i] as number) + value * value)
      }
    }
    if (weights.includes(1)) return
    for (let i = 0; i < n; i++) variance[i] = Math.max(0, (variance[i] as number) - (mean[i] as number) * (mean[i] as number))
  }
  weigh()
  mix()
  for (let k = 0; k < fields.length; k++) if (alive(k)) precision.set((fields[k] as PointField).precision)

  return {
    mean,
    variance,
    precision,
    look(point, value, noiseVariance) {
      const fresh = precision[point] === 0
      for (let k = 0; k < fields.length; k++) {
        if (!alive(k)) continue
        const field = fields[k] as PointField
        if (fresh) {
          const v = (field.variance[point] as number) + noiseVariance
          const error = value - (field.mean[point] as number)
          logWeights[k] = (logWeights[k] as number) - Math.log(v) / 2 - Math.min(most, (error * error) / v) / 2
        }
        field.look(point, value, noiseVariance)
        precision[point] = field.precision[point] as number
      }
      if (fresh) weigh()
      mix()
    },
    setApart(point, value, noiseVariance, odd, scale) {
      for (let k = 0; k < fields.length; k++) if (alive(k)) (fields[k] as PointField).setApart(point, value, noiseVariance, odd, scale)
    },
    seenAt: (point) => (fields[logWeights.findIndex((value) => value > Number.NEGATIVE_INFINITY)] as PointField).seenAt(point),
    save: () => ({
      logWeights: Array.from(logWeights, (value) => (Number.isFinite(value) ? value : null)),
      fields: fields.map((field, k) => (alive(k) ? field.save() : null)),
    }),
  }
}
