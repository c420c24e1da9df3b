import type { AgentInput } from '../../src/core/agent.ts'
import { fillFromPlain, type PlainNumber, toPlainArray } from './plain.ts'

/** What an observation says of the requirements that decide whether a point breaks them. NaN where not asked. */
export interface AskedLimits {
  deadlineS: number
  energyBudgetJ: number
  accuracyFloor: number
}

/** The prior as it stands in a checkpoint. */
export interface PriorData {
  readonly cost: readonly PlainNumber[]
  readonly latencyS: readonly PlainNumber[]
  readonly energyJ: readonly PlainNumber[]
  readonly accuracy: readonly PlainNumber[]
}

/** Costs of the points on an idle board, and what they become when the requirements change. */
export interface Prior {
  /** Least prior cost: the unit in which agents count. 1 when nothing was measured. */
  readonly scale: number
  /** Unit of the cost cap: the least prior cost. Infinite when nothing was measured, as nobody knows then what a high cost is. */
  readonly capUnit: number
  /** Writes the prior cost of every point under `asked` at `out[at …]`, given that the measured costs were made under `origin`. */
  under(asked: AskedLimits, origin: AskedLimits, out: Float64Array, at: number): void
  save(): PriorData
}

/**
 * `AgentInput.priorCost` holds penalties for points that break the requirements of the start. When an application asks for something
 * else the penalties move: the objective adds the cost of the fastest point that meets the floor to every point that breaks a limit, so
 * they can be taken off and put on again from the nominal outcomes alone. (The share of latency over deadline is not rescaled: agents do
 * not know the weights.) Without nominal outcomes the prior stays as it was. A point without a prior cost gets the least one: unknown
 * points are worth a try.
 */
export function makePrior(input: AgentInput, data?: PriorData): Prior {
  const actions = input.spaces.points.length
  const cost = new Float64Array(actions)
  const latencyS = new Float64Array(actions).fill(Number.NaN)
  const energyJ = new Float64Array(actions).fill(Number.NaN)
  const accuracy = new Float64Array(actions).fill(Number.NaN)
  if (data === undefined) {
    if (input.priorCost !== undefined) cost.set(input.priorCost)
    input.nominal?.forEach((point, a) => {
      latencyS[a] = point.latencyS
      energyJ[a] = point.energyJ
      accuracy[a] = point.accuracy
    })
  } else {
    fillFromPlain(cost, data.cost)
    fillFromPlain(latencyS, data.latencyS)
    fillFromPlain(energyJ, data.energyJ)
    fillFromPlain(accuracy, data.accuracy)
  }
  const least = leastFinite(cost)
  for (let a = 0; a < actions; a++) if (!Number.isFinite(cost[a])) cost[a] = least

  const breaks = (a: number, limits: AskedLimits): boolean =>
    (latencyS[a] as number) > limits.deadlineS || (energyJ[a] as number) > limits.energyBudgetJ || (accuracy[a] as number) < limits.accuracyFloor

  const fastest = (accuracyFloor: number): number => {
    let best = -1
    let mostAccurate = -1
    for (let a = 0; a < actions; a++) {
      if (mostAccurate < 0 || (accuracy[a] as number) > (accuracy[mostAccurate] as number) || Number.isNaN(accuracy[mostAccurate])) mostAccurate = a
      if ((accuracy[a] as number) < accuracyFloor) continue
      // What is not known is not the fastest while anything is known.
      if (best < 0 || (latencyS[a] as number) < (latencyS[best] as number) || (Number.isNaN(latencyS[best]) && !Number.isNaN(latencyS[a]))) best = a
    }
    return best < 0 ? mostAccurate : best
  }

  const ownCost = (a: number, origin: AskedLimits, penalty: number): number => (cost[a] as number) - (breaks(a, origin) ? penalty : 0)

  return {
    scale: least > 0 ? least : 1,
    capUnit: least > 0 ? least : Number.POSITIVE_INFINITY,
    under(asked, origin, out, at) {
      const before = fastest(origin.accuracyFloor)
      // The fastest point that breaks a limit itself was charged its own cost twice.
      const penalty = (cost[before] as number) / (breaks(before, origin) ? 2 : 1)
      const nextPenalty = ownCost(fastest(asked.accuracyFloor), origin, penalty)
      for (let a = 0; a < actions; a++) {
        // A measured cost is kept to the last bit where nothing about the point changes.
        const same = breaks(a, asked) === breaks(a, origin) && (nextPenalty === penalty || !breaks(a, asked))
        out[at + a] = same ? (cost[a] as number) : ownCost(a, origin, penalty) + (breaks(a, asked) ? nextPenalty : 0)
      }
    },
    save: () => ({
      cost: toPlainArray(cost),
      latencyS: toPlainArray(latencyS),
      energyJ: toPlainArray(energyJ),
      accuracy: toPlainArray(accuracy),
    }),
  }
}

function leastFinite(values: Float64Array): number {
  let least = Number.POSITIVE_INFINITY
  for (const value of values) if (Number.isFinite(value) && value < least) least = value
  return Number.isFinite(least) ? least : 0
}
