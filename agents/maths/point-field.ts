import type { LowRank } from './pivoted-cholesky.ts'

/** What is saved of a field: the rest follows from the prior. */
export interface PointFieldData {
  readonly weights: readonly number[]
  /** Lower triangle by rows. */
  readonly covariance: readonly number[]
  /** Points looked at: index, precision and mean of what was seen, residual variance, and the lambda and lambda y that neighbours know of. */
  readonly seen: readonly (readonly [number, number, number, number, number, number])[]
  readonly base: readonly number[]
  readonly spread: readonly number[]
}

// Share of a standard deviation by which a look must move its own point before neighbours are told.
const patience = 0.05
// Looks of a noise of one percent: older ones fade, so that a point that has changed is believed in time.
const mostPrecision = 200 / 0.01 ** 2

/** Belief about one number per point. Arrays are by point; D is what is saved of it. */
export interface PointField<D = PointFieldData> {
  readonly mean: Float64Array
  readonly variance: Float64Array
  /** Precision of what was seen at each point: 0 where nothing was. */
  readonly precision: Float64Array
  /** One noisy look at a point. No allocation. */
  look(point: number, value: number, noiseVariance: number): void
  /**
   * Before a point's first look: what is further than `odd` standard deviations from what is believed, its variance times `scale`, is believed to be the point's own, and no guide to others.
   */
  setApart(point: number, value: number, noiseVariance: number, odd: number, scale: number): void
  /** Mean of what was seen at a point. */
  seenAt(point: number): number
  save(): D
}

/**
 * Gaussian process over a finite set of points by Bayesian linear regression on the rows phi_i of a low-rank covariance, with a residual of each point's own:
 *
 *     f_i = mean_i + phi_i^T w + r_i      w ~ N(0, I)      r_i ~ N(0, rho_i)      y = f_i + noise
 *
 * The looks at a point, of precision s in all and mean y, count for w as one look at phi_i^T w with precision lambda = s / (1 + rho_i s), so a point seen often does not
 * outvote its neighbours. A further look is a Sherman-Morrison step with what lambda gains:
 *
 *     u = P phi      D = 1 + dLambda phi^T u      P <- P - dLambda u u^T / D      w <- w + (u / D) (d(lambda y) - dLambda phi^T w)
 *
 * (phi^T w is the cached base), after which one pass over all points brings phi^T w (base) and phi^T P phi (spread) up to date: O(rank^2 + n rank). With k = rho lambda:
 *
 *     mean = base + k (y - base)      variance = (1 - k)^2 spread + rho (1 - k)
 */
export function makePointField(prior: Float64Array, { rank, rows, left }: LowRank, residual: number, data?: PointFieldData): PointField {
  const n = prior.length
  const rho = Float64Array.from(left, (extra) => residual + extra)
  const weights = new Float64Array(rank)
  const covariance = new Float64Array(rank * rank)
  const precision = new Float64Array(n)
  const seen = new Float64Array(n)
  const told = new Float64Array(n)
  const toldSeen = new Float64Array(n)
  const base = new Float64Array(n)
  const spread = new Float64Array(n)
  const mean = new Float64Array(n)
  const variance = new Float64Array(n)
  const u = new Float64Array(rank)

  if (data === undefined) {
    for (let k = 0; k < rank; k++) covariance[k * rank + k] = 1
    for (let i = 0; i < n; i++) for (let k = 0; k < rank; k++) spread[i] = (spread[i] as number) + (rows[i * rank + k] as number) ** 2
  } else {
    weights.set(data.weights)
    let at = 0
    for (let k = 0; k < rank; k++)
      for (let m = 0; m <= k; m++) {
        const value = data.covariance[at++] as number
        covariance[k * rank + m] = value
        covariance[m * rank + k] = value
      }
    base.set(data.base)
    spread.set(data.spread)
    for (const [point, s, y, own, passed, passedOn] of data.seen) {
      precision[point] = s
      seen[point] = y
      rho[point] = own
      told[point] = passed
      toldSeen[point] = passedOn
    }
  }

  const refresh = (i: number): void => {
    const s = precision[i] as number
    const r = rho[i] as number
    const k = s > 0 ? (r * s) / (1 + r * s) : 0
    const b = base[i] as number
    mean[i] = (prior[i] as number) + b + k * ((seen[i] as number) - b)
    variance[i] = (1 - k) * (1 - k) * (spread[i] as number) + r * (1 - k)
  }
  for (let i = 0; i < n; i++) refresh(i)

  return {
    mean,
    variance,
    precision,
    look(point, value, noiseVariance) {
      const before = Math.min(precision[point] as number, mostPrecision)
      const r = rho[point] as number
      const added = 1 / noiseVariance
      const after = before + added
      const lambda = after / (1 + r * after)
      const nowSeen = (before * (seen[point] as number) + added * (value - (prior[point] as number))) / after
      precision[point] = after
      seen[point] = nowSeen
      const gained = lambda - (told[point] as number)
      const news = lambda * nowSeen - (toldSeen[point] as number) - gained * (base[point] as number)
      const own = spread[point] as number
      // What changes next to nothing for the neighbours waits until it has become more.
      if (gained * own < patience && own * news * news < patience * patience) {
        refresh(point)
        return
      }
      told[point] = lambda
      toldSeen[point] = lambda * nowSeen
      const row = point * rank
      let quad = 0
      for (let k = 0; k < rank; k++) {
        const at = k * rank
        let s0 = 0
        let s1 = 0
        let s2 = 0
        let s3 = 0
        for (let m = 0; m < rank; m += 4) {
          s0 += (covariance[at + m] as number) * (rows[row + m] as number)
          s1 += (covariance[at + m + 1] as number) * (rows[row + m + 1] as number)
          s2 += (covariance[at + m + 2] as number) * (rows[row + m + 2] as number)
          s3 += (covariance[at + m + 3] as number) * (rows[row + m + 3] as number)
        }
        const sum = s0 + s1 + (s2 + s3)
        u[k] = sum
        quad += sum * (rows[row + k] as number)
      }
      const scale = 1 / (1 + gained * quad)
      const shrink = gained * scale
      const step = scale * news
      for (let k = 0; k < rank; k++) {
        const uk = u[k] as number
        weights[k] = (weights[k] as number) + uk * step
        const factor = uk * shrink
        const at = k * rank
        for (let m = 0; m <= k; m++) {
          const value = (covariance[at + m] as number) - factor * (u[m] as number)
          covariance[at + m] = value
          covariance[m * rank + k] = value
        }
      }
      for (let i = 0; i < n; i++) {
        const at = i * rank
        // Four sums: the next product need not wait for the last.
        let c0 = 0
        let c1 = 0
        let c2 = 0
        let c3 = 0
        for (let k = 0; k < rank; k += 4) {
          c0 += (rows[at + k] as number) * (u[k] as number)
          c1 += (rows[at + k + 1] as number) * (u[k + 1] as number)
          c2 += (rows[at + k + 2] as number) * (u[k + 2] as number)
          c3 += (rows[at + k + 3] as number) * (u[k + 3] as number)
        }
        const c = c0 + c1 + (c2 + c3)
        base[i] = (base[i] as number) + c * step
        const s = (spread[i] as number) - shrink * c * c
        spread[i] = s > 0 ? s : 0
        refresh(i)
      }
    },
    setApart(point, value, noiseVariance, odd, scale) {
      const error = value - (mean[point] as number)
      const excess = error * error - odd * odd * ((variance[point] as number) * scale + noiseVariance)
      if (excess > 0) rho[point] = (rho[point] as number) + excess
    },
    seenAt: (point) => (prior[point] as number) + (seen[point] as number),
    save() {
      const triangle: number[] = []
      for (let k = 0; k < rank; k++) for (let m = 0; m <= k; m++) triangle.push(covariance[k * rank + m] as number)
      const looked: [number, number, number, number, number, number][] = []
      precision.forEach((s, i) => {
        if (s > 0) looked.push([i, s, seen[i] as number, rho[i] as number, told[i] as number, toldSeen[i] as number])
      })
      return { weights: Array.from(weights), covariance: triangle, seen: looked, base: Array.from(base), spread: Array.from(spread) }
    },
  }
}
