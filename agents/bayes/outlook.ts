import type { PredictedPoint } from '../../src/core/agent.ts'
import type { Requirements } from '../../src/core/outcome.ts'
import { normalBeyond, normalQuantile } from '../maths/normal-table.ts'
import type { Belief } from './belief.ts'

/** What becomes of a point at what the belief last read. */
export interface Outlook {
  /** Logarithm of what is left of a deadline, s; infinite where none is asked. No allocation. */
  logLeft(deadlineS: number | undefined): number
  /** P(late) on a cluster at a margin of the logarithm of latency, with the variance of what is predicted. No allocation. */
  lateBy(cluster: number, margin: number, variance: number): number
  /** P(deadline missed) of a point; 0 where nothing is known yet. No allocation. */
  risk(deadlineS: number | undefined, point: number): number
  /** What is predicted of a point, waiting included. */
  predict(point: number, requirements: Requirements): Omit<PredictedPoint, 'action' | 'accuracy' | 'cost'>
}

export function makeOutlook(belief: Belief): Outlook {
  const { axes, latency, power, waiting } = belief
  const { cluster } = axes
  const tMean = latency.field.mean
  const tVariance = latency.field.variance
  const tPrecision = latency.field.precision
  const pMean = power.field.mean
  const tFork = latency.fork
  const tChance = latency.chance

  // What has passed in the queue is lost: hardly anything can be in time when nothing is left.
  const logLeft = (deadlineS: number | undefined): number =>
    deadlineS === undefined ? Number.POSITIVE_INFINITY : Math.log(Math.max(deadlineS - waiting.waitedS, 1e-3 * deadlineS))

  // Where two things may hold on a cluster, of their mixture.
  const lateBy = (c: number, margin: number, variance: number): number => {
    const apart = tFork[c] as number
    if (apart === 0) return normalBeyond(margin / Math.sqrt(variance))
    const p = tChance[c] as number
    const deviation = Math.sqrt(Math.max(1e-9, variance - p * (1 - p) * apart * apart))
    const first = margin + p * apart
    return (1 - p) * normalBeyond(first / deviation) + p * normalBeyond((first - apart) / deviation)
  }

  const meanOf = (point: number): number => (tMean[point] as number) + (latency.offset[cluster[point] as number] as number)
  const varianceOf = (point: number): number => {
    const c = cluster[point] as number
    const fresh = tPrecision[point] === 0 ? latency.scale : 1
    return (tVariance[point] as number) * fresh + (latency.doubt[c] as number) + (latency.noise[c] as number)
  }

  const risk = (deadlineS: number | undefined, point: number): number =>
    belief.informed ? lateBy(cluster[point] as number, logLeft(deadlineS) - meanOf(point), varianceOf(point)) : 0

  return {
    logLeft,
    lateBy,
    risk,
    predict(point, requirements) {
      const m = meanOf(point)
      const joules = Math.exp(m + (pMean[point] as number) + (power.offset[cluster[point] as number] as number))
      return {
        latencyS: waiting.waitedS + Math.exp(m),
        latencyHighS: waiting.waitedS + Math.exp(m + normalQuantile(requirements.percentile / 100) * Math.sqrt(varianceOf(point))),
        energyJ: belief.energyKnown ? joules : Number.NaN,
        missRatio: risk(requirements.deadlineS, point),
        tried: tPrecision[point] !== 0,
      }
    },
  }
}
