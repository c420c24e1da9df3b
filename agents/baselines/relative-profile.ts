import type { Spaces } from '../../src/core/spaces.ts'
import { makeAxes } from '../bayes/axes.ts'
import { latencyPrior, powerPrior, priorMean } from '../bayes/prior.ts'

/** Points beside each other before anything is measured: ratios to the fastest point, and to some power of which nothing is known. */
export interface RelativeProfile {
  readonly latency: Float64Array
  readonly energy: Float64Array
}

/** The prior mean of `bayes` (bayes/prior.ts) as a profile in units of its own. */
export function relativeProfile(spaces: Spaces): RelativeProfile {
  const axes = makeAxes(spaces)
  const points = spaces.points.length
  const logLatency = priorMean(axes, latencyPrior, points, axes.logSpeed)
  const logPower = priorMean(axes, powerPrior, points, axes.logPower)
  const fastest = Math.min(...logLatency)
  return {
    latency: logLatency.map((log) => Math.exp(log - fastest)),
    energy: logLatency.map((log, a) => Math.exp(log - fastest + (logPower[a] as number))),
  }
}
