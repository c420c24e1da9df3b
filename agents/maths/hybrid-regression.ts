import { choleskyInto } from './cholesky.ts'

/** What is saved of a regression. */
export interface HybridRegressionData {
  /** Lower triangle by rows. */
  readonly covariance: readonly number[]
  readonly theta: readonly (readonly number[])[]
  readonly base: readonly (readonly number[])[]
  readonly spread: readonly number[]
  readonly cross: readonly number[]
  /** Points looked at: index, precision of the looks, their mean value for each output, mean contexts. */
  readonly seen: readonly (readonly number[])[]
}

export interface HybridRegressionSettings {
  /** Features of every point, scaled so that each coefficient is believed to be N(0, 1): n * width, rows. A multiple of four columns. */
  readonly rows: Float64Array
  readonly width: number
  /** By point: variance of what found no room among its features. */
  readonly left: Float64Array
  /** By point: which coefficients its contexts have, n * contexts, numbered from 0; and their prior variances. */
  readonly contextOf: Int32Array
  readonly contextVariance: Float64Array
  /** What an older look at a point still counts for after each newer one. */
  readonly forgetting: number
}

/** Contexts that a point has. */
export const contexts = 3
/** Numbers that are predicted of a point. */
export const outputs = 2

// Share of its own variance that a look must take from the shared coefficients, for them to be told.
const patience = 2e-3

/** Belief about two numbers per point that features and a context explain in part. Arrays are by point. */
export interface HybridRegression {
  /** Variance of what is believed of the points at hand, as of the last `predict`; and the means, for each output. */
  readonly mean: readonly [Float64Array, Float64Array]
  readonly variance: Float64Array
  /** Precision of what was seen at each point: 0 where nothing was. */
  readonly precision: Float64Array
  /** Variance of every point's own residual, beside what found no room among the features. May be set at any time. */
  residual: number
  /** Brings mean and variance of all points up to date: `context` by coefficient. No allocation. */
  predict(context: Float64Array): void
  /** The same of one point. No allocation. */
  predictOne(point: number, context: Float64Array): void
  /** One look at a point; a value of NaN was not measured. No allocation. */
  look(point: number, context: Float64Array, values: Float64Array, noiseVariance: number): void
  /** Draws coefficients: then `deviation(i)` is by how much the draw moves what `predict` said of point i, its residual left out. `normal` yields standard normal numbers. No allocation. */
  draw(normal: () => number): void
  deviation(point: number, context: Float64Array): number
  /** Standard deviation of the point's own residual. */
  own(point: number): number
  save(): HybridRegressionData
}

/**
 * Hybrid linear models (Li, Chu, Langford, Schapire, WWW 2010, algorithm 2) with an intercept of each point's own, as Bayesian regression with one design for both outputs:
 *
 *     y = z^T theta + r_i + noise      z = (phi_i, context)      r_i ~ N(0, rho_i)
 *
 * Blockwise elimination of r_i leaves a regression on deviations. With N = 1 / rho_i + sum g over the looks at i, of precision g each, and the means m = sum g z / N, ybar = sum g y / N, a further
 * look adds to the normal equations of theta exactly (Welford's step)
 *
 *     N g / (N + g) (z - m) (z - m)^T      N g / (N + g) (z - m) (y - ybar)
 *
 * and what is predicted of i is ybar + (z - m)^T theta with variance 1 / N + (z - m)^T P (z - m). The points' part of z - m is phi_i times (1 / rho_i) / N, so that phi_i^T theta (base), phi_i^T P phi_i
 * (spread) and phi_i^T P_k (cross, one for each context) can be held for all points and brought up to date by one pass: O(width^2 + n width).
 */
export function makeHybridRegression(
  { rows, width, left, contextOf, contextVariance, forgetting }: HybridRegressionSettings,
  data?: HybridRegressionData,
): HybridRegression {
  const n = left.length
  let residual = 0
  const size = width + contextVariance.length
  const covariance = new Float64Array(size * size)
  const theta = [new Float64Array(size), new Float64Array(size)] as const
  const base = [new Float64Array(n), new Float64Array(n)] as const
  const spread = new Float64Array(n)
  const cross = new Float64Array(n * contexts)
  const precision = new Float64Array(n)
  const seen = [new Float64Array(n), new Float64Array(n)] as const
  const seenContext = new Float64Array(n * contexts)
  const mean = [new Float64Array(n), new Float64Array(n)] as const
  const variance = new Float64Array(n)
  const x = new Float64Array(size)
  const u = new Float64Array(size)
  const factor = new Float64Array(size * size)
  const z = new Float64Array(size)
  const drawn = new Float64Array(size)
  let factored = false

  if (data === undefined) {
    for (let k = 0; k < size; k++) covariance[k * size + k] = k < width ? 1 : (contextVariance[k - width] as number)
    for (let i = 0; i < n; i++) for (let k = 0; k < width; k++) spread[i] = (spread[i] as number) + (rows[i * width + k] as number) ** 2
  } else {
    let at = 0
    for (let k = 0; k < size; k++)
      for (let m = 0; m <= k; m++) {
        const value = data.covariance[at++] as number
        covariance[k * size + m] = value
        covariance[m * size + k] = value
      }
    for (let j = 0; j < outputs; j++) {
      theta[j]?.set(data.theta[j] as number[])
      base[j]?.set(data.base[j] as number[])
    }
    spread.set(data.spread)
    cross.set(data.cross)
    for (const [point, looks, first, second, ...means] of data.seen as [number, number, number, number, ...number[]][]) {
      precision[point] = looks
      seen[0][point] = first
      seen[1][point] = second
      seenContext.set(means, point * contexts)
    }
  }

  /** What of a point's features is not in the mean of its own looks. */
  const share = (i: number): number => 1 / (1 + (residual + (left[i] as number)) * (precision[i] as number))

  const [first, second] = theta
  const [base0, base1] = base
  const [seen0, seen1] = seen
  const [mean0, mean1] = mean
  const foresee = (i: number, context: Float64Array): void => {
    const rho = residual + (left[i] as number)
    const s = 1 / (1 + rho * (precision[i] as number))
    const known = 1 - s
    let m0 = known * (seen0[i] as number) + s * (base0[i] as number)
    let m1 = known * (seen1[i] as number) + s * (base1[i] as number)
    let v = rho * s + s * s * (spread[i] as number)
    // Unrolled: it runs for every point at every decision.
    const cell = i * contexts
    const ia = contextOf[cell] as number
    const ib = contextOf[cell + 1] as number
    const ic = contextOf[cell + 2] as number
    const a = (context[ia] as number) - known * (seenContext[cell] as number)
    const b = (context[ib] as number) - known * (seenContext[cell + 1] as number)
    const c = (context[ic] as number) - known * (seenContext[cell + 2] as number)
    if (a !== 0 || b !== 0 || c !== 0) {
      const ra = width + ia
      const rb = width + ib
      const rc = width + ic
      m0 += a * (first[ra] as number) + b * (first[rb] as number) + c * (first[rc] as number)
      m1 += a * (second[ra] as number) + b * (second[rb] as number) + c * (second[rc] as number)
      const rowA = ra * size
      const rowB = rb * size
      v +=
        2 * s * (a * (cross[cell] as number) + b * (cross[cell + 1] as number) + c * (cross[cell + 2] as number)) +
        a * (a * (covariance[rowA + ra] as number) + 2 * (b * (covariance[rowA + rb] as number) + c * (covariance[rowA + rc] as number))) +
        b * (b * (covariance[rowB + rb] as number) + 2 * c * (covariance[rowB + rc] as number)) +
        c * c * (covariance[rc * size + rc] as number)
    }
    mean0[i] = m0
    mean1[i] = m1
    variance[i] = v > 0 ? v : 0
  }

  return {
    mean,
    variance,
    precision,
    get residual() {
      return residual
    },
    set residual(variance) {
      residual = variance
    },
    predict(context) {
      for (let i = 0; i < n; i++) foresee(i, context)
    },
    predictOne: foresee,
    look(point, context, values, noiseVariance) {
      const gained = 1 / noiseVariance
      const s = share(point)
      const known = 1 - s
      const before = 1 / (residual + (left[point] as number)) + (precision[point] as number)
      const weight = (before * gained) / (before + gained)
      for (let k = 0; k < width; k++) x[k] = s * (rows[point * width + k] as number)
      x.fill(0, width)
      for (let k = 0; k < contexts; k++) {
        const index = contextOf[point * contexts + k] as number
        x[width + index] = (x[width + index] as number) + (context[index] as number) - known * (seenContext[point * contexts + k] as number)
      }
      let quad = 0
      for (let k = 0; k < size; k++) {
        let sum = 0
        for (let m = 0; m < size; m++) sum += (covariance[k * size + m] as number) * (x[m] as number)
        u[k] = sum
        quad += sum * (x[k] as number)
      }
      const scale = weight / (1 + weight * quad)
      const old = forgetting * (precision[point] as number)
      const fresh = gained / (old + gained)
      let steps0 = 0
      let steps1 = 0
      for (let j = 0; j < outputs; j++) {
        const own = seen[j] as Float64Array
        const coefficients = theta[j] as Float64Array
        let predicted = known * (own[point] as number)
        for (let k = 0; k < size; k++) predicted += (x[k] as number) * (coefficients[k] as number)
        const value = Number.isNaN(values[j]) ? predicted : (values[j] as number)
        const step = scale * (value - predicted)
        if (j === 0) steps0 = step
        else steps1 = step
        own[point] = (own[point] as number) + fresh * (value - (own[point] as number))
      }
      for (let k = 0; k < contexts; k++) {
        const cell = point * contexts + k
        const now = context[contextOf[cell] as number] as number
        seenContext[cell] = (seenContext[cell] as number) + fresh * (now - (seenContext[cell] as number))
      }
      precision[point] = old + gained
      if (scale * quad < patience && (steps0 * steps0 + steps1 * steps1) * quad < patience * scale) return
      factored = false
      for (let k = 0; k < size; k++) {
        const uk = u[k] as number
        first[k] = (first[k] as number) + uk * steps0
        second[k] = (second[k] as number) + uk * steps1
        const shrink = uk * scale
        for (let m = 0; m <= k; m++) {
          const value = (covariance[k * size + m] as number) - shrink * (u[m] as number)
          covariance[k * size + m] = value
          covariance[m * size + k] = value
        }
      }
      for (let i = 0; i < n; i++) {
        const row = i * width
        // Four sums: the next product need not wait for the last.
        let c0 = 0
        let c1 = 0
        let c2 = 0
        let c3 = 0
        for (let k = 0; k < width; k += 4) {
          c0 += (rows[row + k] as number) * (u[k] as number)
          c1 += (rows[row + k + 1] as number) * (u[k + 1] as number)
          c2 += (rows[row + k + 2] as number) * (u[k + 2] as number)
          c3 += (rows[row + k + 3] as number) * (u[k + 3] as number)
        }
        const c = c0 + c1 + (c2 + c3)
        base0[i] = (base0[i] as number) + c * steps0
        base1[i] = (base1[i] as number) + c * steps1
        const left = (spread[i] as number) - scale * c * c
        spread[i] = left > 0 ? left : 0
        const shift = scale * c
        const cell = i * contexts
        cross[cell] = (cross[cell] as number) - shift * (u[width + (contextOf[cell] as number)] as number)
        cross[cell + 1] = (cross[cell + 1] as number) - shift * (u[width + (contextOf[cell + 1] as number)] as number)
        cross[cell + 2] = (cross[cell + 2] as number) - shift * (u[width + (contextOf[cell + 2] as number)] as number)
      }
    },
    draw(normal) {
      if (!factored) choleskyInto(factor, covariance, size)
      factored = true
      for (let k = 0; k < size; k++) z[k] = normal()
      for (let k = 0; k < size; k++) {
        let sum = 0
        for (let m = 0; m <= k; m++) sum += (factor[k * size + m] as number) * (z[m] as number)
        drawn[k] = sum
      }
    },
    deviation(point, context) {
      const row = point * width
      let sum = 0
      for (let k = 0; k < width; k++) sum += (rows[row + k] as number) * (drawn[k] as number)
      const s = share(point)
      sum *= s
      for (let k = 0; k < contexts; k++) {
        const index = contextOf[point * contexts + k] as number
        sum += ((context[index] as number) - (1 - s) * (seenContext[point * contexts + k] as number)) * (drawn[width + index] as number)
      }
      return sum
    },
    own: (point) => Math.sqrt((residual + (left[point] as number)) * share(point)),
    save() {
      const triangle: number[] = []
      for (let k = 0; k < size; k++) for (let m = 0; m <= k; m++) triangle.push(covariance[k * size + m] as number)
      const looked: number[][] = []
      precision.forEach((looks, i) => {
        if (looks > 0) looked.push([i, looks, seen[0][i] as number, seen[1][i] as number, ...seenContext.subarray(i * contexts, (i + 1) * contexts)])
      })
      return {
        covariance: triangle,
        theta: theta.map((one) => Array.from(one)),
        base: base.map((one) => Array.from(one)),
        spread: Array.from(spread),
        cross: Array.from(cross),
        seen: looked,
      }
    },
  }
}
