import type { PredictedPoint } from '../../src/core/agent.ts'
import type { Requirements } from '../../src/core/outcome.ts'
import type { Mask } from '../../src/core/spaces.ts'
import type { Costing } from '../bayes/costing.ts'
import { normalBeyond, normalQuantile } from '../maths/normal-table.ts'
import type { LinearBelief } from './belief.ts'

/** Costs of points as a linear belief has them. */
export interface Costs {
  /** Takes in what is asked at what the belief last read. No allocation. */
  ask(requirements: Requirements): void
  /** Expected cost of a point whose logarithms of latency and energy are both `by` beside their means, the variance that is left in them being `variance`. No allocation. */
  at(point: number, by: number, variance: number): number
  /** Less than any cost that a point can have at this `by`: cheap, and sees no deadline. No allocation. */
  least(point: number, by: number): number
  /** What is predicted of a point, waiting included. */
  predict(point: number, requirements: Requirements): Pick<PredictedPoint, 'latencyS' | 'latencyHighS' | 'energyJ' | 'missRatio' | 'cost'>
  /** The fastest that is not below the floor, by what is known before anything is measured. */
  fastest(mask: Mask): number
}

export function makeCosts(belief: LinearBelief, costing: Costing): Costs {
  const { regression, cluster, prior, offset, noise, waiting } = belief
  const [latency, energy] = regression.mean
  const [latencyPrior, energyPrior] = prior
  const [latencyOffset, energyOffset] = offset
  const { fixed, belowFloor } = costing
  let perS = 0
  let perJ = 0
  let penalty = 0
  let logDeadline = Number.POSITIVE_INFINITY
  let logBudget = Number.POSITIVE_INFINITY

  return {
    ask(requirements) {
      costing.update(requirements)
      const { deadlineS, energyBudgetJ } = requirements
      perS = costing.perS
      perJ = belief.energyKnown ? costing.perJ : 0
      penalty = costing.penalty
      logBudget = energyBudgetJ === undefined || !belief.energyKnown ? Number.POSITIVE_INFINITY : Math.log(energyBudgetJ)
      // What has passed in the queue is lost.
      logDeadline = deadlineS === undefined ? Number.POSITIVE_INFINITY : Math.log(Math.max(deadlineS - waiting.waitedS, 1e-3 * deadlineS))
    },
    at(i, by, variance) {
      const c = cluster[i] as number
      const m = (latencyPrior[i] as number) + (latency[i] as number) + (latencyOffset[c] as number) + by
      const v = variance + (noise[c] as number)
      let cost = fixed[i] as number
      const above = 1 + v / 2
      if (perS !== 0) cost += perS * Math.exp(m) * above
      let broken = logDeadline === Number.POSITIVE_INFINITY ? 0 : normalBeyond((logDeadline - m) / Math.sqrt(v))
      if (perJ !== 0 || logBudget !== Number.POSITIVE_INFINITY) {
        const e = (energyPrior[i] as number) + (energy[i] as number) + (energyOffset[c] as number) + by
        if (perJ !== 0) cost += perJ * Math.exp(e) * above
        if (logBudget !== Number.POSITIVE_INFINITY) broken = Math.max(broken, normalBeyond((logBudget - e) / Math.sqrt(v)))
      }
      return belowFloor[i] === 1 ? cost : cost + penalty * broken
    },
    least(i, by) {
      const c = cluster[i] as number
      let cost = fixed[i] as number
      if (perJ !== 0) cost += perJ * Math.exp((energyPrior[i] as number) + (energy[i] as number) + (energyOffset[c] as number) + by)
      return cost
    },
    predict(i, { percentile }) {
      const c = cluster[i] as number
      const m = (latencyPrior[i] as number) + (latency[i] as number) + (latencyOffset[c] as number)
      const known = (regression.variance[i] as number) + (belief.doubt[c] as number)
      const deviation = Math.sqrt(known + (noise[c] as number))
      return {
        latencyS: waiting.waitedS + Math.exp(m),
        latencyHighS: waiting.waitedS + Math.exp(m + normalQuantile(percentile / 100) * deviation),
        energyJ: belief.energyKnown ? Math.exp((energyPrior[i] as number) + (energy[i] as number) + (energyOffset[c] as number)) : Number.NaN,
        missRatio: logDeadline === Number.POSITIVE_INFINITY ? 0 : normalBeyond((logDeadline - m) / deviation),
        cost: this.at(i, 0, known),
      }
    },
    fastest(mask) {
      let best = -1
      for (let i = 0; i < cluster.length; i++) {
        if (mask[i] !== 1) continue
        const lower = best < 0 ? -1 : (belowFloor[i] as number) - (belowFloor[best] as number)
        if (lower < 0 || (lower === 0 && (latencyPrior[i] as number) < (latencyPrior[best] as number))) best = i
      }
      return best
    },
  }
}
