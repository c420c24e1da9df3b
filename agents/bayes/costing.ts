import { makeExpectedOutcome } from '../../src/core/env.ts'
import type { Objective } from '../../src/core/objective.ts'
import type { Requirements } from '../../src/core/outcome.ts'

/**
 * The objective as what it is between changes of the requirements: cost = perS * latency + perJ * energy + fixed_i + P(broken) * penalty, so that a decision over hundreds
 * of points costs a few products each. Read off `expectedCost` itself, which is linear in all of them.
 */
export interface Costing {
  readonly perS: number
  readonly perJ: number
  readonly penalty: number
  /** By point: what its accuracy costs, and the penalty where that is below the floor. */
  readonly fixed: Float64Array
  /** 1 where a point's accuracy is below the floor. */
  readonly belowFloor: Uint8Array
  /** Points that differ from the last requirements. No allocation. */
  update(requirements: Requirements): void
}

/** Without an objective (a checkpoint looked at by itself) latency is the cost, and a miss costs as much as a deadline. */
export function makeCosting(objective: Objective | undefined, accuracy: Float64Array): Costing {
  const probe = makeExpectedOutcome()
  const n = accuracy.length
  const fixed = new Float64Array(n)
  const belowFloor = new Uint8Array(n)
  let known = false
  let deadlineS: number | undefined
  let accuracyFloor: number | undefined
  let energyBudgetJ: number | undefined
  let perS = 1
  let perJ = 0
  let penalty = 1

  const at = (requirements: Requirements, latencyS: number, energyJ: number, points: number, brokenRatio: number): number => {
    probe.latencyS = latencyS
    probe.energyJ = energyJ
    probe.accuracy = points
    probe.confidence = Number.NaN
    probe.missRatio = brokenRatio
    probe.brokenRatio = brokenRatio
    return (objective as Objective).expectedCost(probe, requirements)
  }

  return {
    get perS() {
      return perS
    },
    get perJ() {
      return perJ
    },
    get penalty() {
      return penalty
    },
    fixed,
    belowFloor,
    update(requirements) {
      if (
        known &&
        deadlineS === requirements.deadlineS &&
        accuracyFloor === requirements.accuracyFloor &&
        energyBudgetJ === requirements.energyBudgetJ
      )
        return
      known = true
      deadlineS = requirements.deadlineS
      accuracyFloor = requirements.accuracyFloor
      energyBudgetJ = requirements.energyBudgetJ
      const floor = accuracyFloor ?? Number.NEGATIVE_INFINITY
      for (let i = 0; i < n; i++) belowFloor[i] = (accuracy[i] as number) < floor ? 1 : 0
      if (objective === undefined) {
        penalty = deadlineS ?? 1
        for (let i = 0; i < n; i++) fixed[i] = belowFloor[i] === 1 ? penalty : 0
        return
      }
      // Where nobody knows the unit of energy, no energy costs anything. At an accuracy of 1 no floor is broken.
      const energyless = Number.isNaN(objective.spec.reference.energyJ)
      const no = energyless ? Number.NaN : 0
      const nothing = at(requirements, 0, no, 1, 0)
      perS = at(requirements, 1, no, 1, 0) - nothing
      perJ = energyless ? 0 : at(requirements, 0, 1, 1, 0) - nothing
      penalty = at(requirements, 0, no, 1, 1) - nothing
      for (let i = 0; i < n; i++) fixed[i] = at(requirements, 0, no, accuracy[i] as number, 0)
    },
  }
}
