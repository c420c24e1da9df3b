import { solveCholesky } from './models/cholesky.ts'
import { makeCrossFit } from './models/cross-fit.ts'
import type { ActionFeatures } from './models/ridge.ts'

/** Whether actions move a monitor, as far as a log tells. */
export interface StateMoved {
  readonly monitor: string
  /** How far what is seen next depends on the action, given what was seen before: a chi-square in standard deviations of a normal number. NaN where the log does not vary it, or the actions. */
  readonly z: number
}

export interface StateTestSettings {
  /** What an action may move the state by: few columns, one row per action. */
  readonly features: ActionFeatures
  readonly contextSize: number
  readonly monitors: readonly string[]
  /** Steps of the log, as far as known. */
  readonly steps: number
}

export interface StateTest {
  /** First pass. `possible`: actions that were allowed; `next`: by monitor, NaN where it was not there. Steps in the order of time, counted from 0. */
  learn(step: number, context: Float64Array, action: number, propensity: number, possible: number, next: ArrayLike<number>): void
  /** Second pass, over the same steps. */
  test(step: number, context: Float64Array, action: number, propensity: number, possible: number, next: ArrayLike<number>): void
  result(): StateMoved[]
}

// An action that was hardly ever taken must not outweigh the log.
const mostWeight = 10
const single: ActionFeatures = { actions: 1, size: 0, values: new Float64Array(0) }

/**
 * Do actions move the state? Regresses what is seen next, and the features of the action, on what was seen before, both cross-fitted, and asks whether what is left of the one goes with what
 * is left of the other (Robinson, "Root-N-consistent semiparametric regression", Econometrica 1988; cross-fitting: Chernozhukov et al. 2018). Steps are weighted by 1 / propensity, which makes
 * the action hang less on what was seen. Each term has mean 0, given all before, when actions move nothing and either regression is right, so that terms need not be independent:
 *
 *     g = sum_i e_i c_i,   chi2 = g' (sum_i e_i^2 c_i c_i')^-1 g
 */
export function makeStateTest({ features, contextSize, monitors, steps }: StateTestSettings): StateTest {
  const { size, values } = features
  const regression = () => makeCrossFit({ features: single, contextSize, rounds: steps })
  const ofMonitor = monitors.map(regression)
  const ofFeature = Array.from({ length: size }, regression)
  // The weight itself hangs on what was seen, where fewer actions are possible at some times than at others.
  const ofWeight = regression()
  const columns = size + 1
  const gradient = monitors.map(() => new Float64Array(columns))
  const products = monitors.map(() => new Float64Array(columns * columns))
  const weighted = new Float64Array(columns)
  const left = new Float64Array(columns)
  const out = new Float64Array(1)
  let fitted: { monitor: ReturnType<ReturnType<typeof regression>['fit']>[]; column: ReturnType<ReturnType<typeof regression>['fit']>[] } | undefined

  const weigh = (action: number, propensity: number, possible: number): void => {
    const weight = Math.min(mostWeight, 1 / (propensity * possible))
    for (let j = 0; j < size; j++) weighted[j] = weight * (values[action * size + j] as number)
    weighted[size] = weight
  }

  return {
    learn(step, context, action, propensity, possible, next) {
      weigh(action, propensity, possible)
      ofFeature.forEach((fit, j) => {
        fit.learn(step, context, 0, weighted[j] as number)
      })
      ofWeight.learn(step, context, 0, weighted[size] as number)
      ofMonitor.forEach((fit, m) => {
        if (!Number.isNaN(next[m] as number)) fit.learn(step, context, 0, next[m] as number)
      })
    },
    test(step, context, action, propensity, possible, next) {
      fitted ??= { monitor: ofMonitor.map((fit) => fit.fit()), column: [...ofFeature, ofWeight].map((fit) => fit.fit()) }
      weigh(action, propensity, possible)
      for (let j = 0; j < columns; j++) {
        fitted.column[j]?.predict(step, context, out)
        left[j] = (weighted[j] as number) - (out[0] as number)
      }
      for (let m = 0; m < monitors.length; m++) {
        const seen = next[m] as number
        if (Number.isNaN(seen)) continue
        fitted.monitor[m]?.predict(step, context, out)
        const error = seen - (out[0] as number)
        const g = gradient[m] as Float64Array
        const p = products[m] as Float64Array
        for (let i = 0; i < columns; i++) {
          g[i] = (g[i] as number) + error * (left[i] as number)
          for (let j = 0; j < columns; j++)
            p[i * columns + j] = (p[i * columns + j] as number) + error * error * (left[i] as number) * (left[j] as number)
        }
      }
    },
    result: () => monitors.map((monitor, m) => ({ monitor, z: standardised(gradient[m] as Float64Array, products[m] as Float64Array) })),
  }
}

/** A chi-square as a standard normal number (Wilson and Hilferty, PNAS 1931), over the columns that vary. */
function standardised(gradient: Float64Array, products: Float64Array): number {
  const all = gradient.length
  const largest = Math.max(...Array.from(gradient, (_, i) => products[i * all + i] as number))
  // What rounding leaves is no variation.
  const used = Array.from(gradient.keys()).filter((i) => (products[i * all + i] as number) > 1e-9 * largest)
  const k = used.length
  if (k === 0 || !(largest > 0)) return Number.NaN
  const a = Float64Array.from({ length: k * k }, (_, at) => products[(used[Math.floor(at / k)] as number) * all + (used[at % k] as number)] as number)
  const g = Float64Array.from(used, (i) => gradient[i] as number)
  const solved = solveCholesky(a, g.slice())
  const chi2 = solved.reduce((sum, x, i) => sum + x * (g[i] as number), 0)
  const spread = 2 / (9 * k)
  return ((chi2 / k) ** (1 / 3) - (1 - spread)) / Math.sqrt(spread)
}
