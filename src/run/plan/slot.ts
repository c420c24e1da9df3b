import type { Plant } from '../../../envs/sim/plant.ts'
import { makeLoad, makeSpent, type PlantState } from '../../../envs/sim/plant-state.ts'
import type { WorldState } from '../../../envs/world/world.ts'
import { makeExpectedOutcome } from '../../core/env.ts'
import type { Objective } from '../../core/objective.ts'
import type { Requirements } from '../../core/outcome.ts'

/** A stretch of a plan, in which one point answers `requests` requests, on the mean plant and in one world. */
export interface Slot {
  readonly requests: number
  /** Where requests come at a rate. */
  readonly periodS: number | undefined
  /** Expected cost of one of its requests, without changing over; `state` moves to its end. `waitS`: in the queue at its beginning. No allocation. */
  roll(state: PlantState, world: WorldState, action: number, asked: Requirements, waitS: number): number
  /** In the queue at the end of the last `roll`, s. */
  readonly leftS: number
  /** The die where `action` holds it over the present case, if it goes on. No allocation. */
  warmUp(state: PlantState, world: WorldState, action: number): void
}

export interface SlotOptions {
  readonly plant: Plant
  readonly objective: Objective
  readonly requests: number
  /** Between requests, s; undefined: back to back. */
  readonly periodS: number | undefined
  readonly timeScale: number
  /** Most requests that wait. */
  readonly queueLimit: number
}

// The throttle looks, and power is worked out, so often in a slot.
const mostParts = 4
// The die is within a hundredth of its end after so many of its time constants.
const settledAfter = 5

export function makeSlot({ plant, objective, requests, periodS, timeScale, queueLimit }: SlotOptions): Slot {
  const load = makeLoad()
  const spent = makeSpent(timeScale)
  const expected = makeExpectedOutcome()
  const parts = Math.min(requests, mostParts)
  const each = requests / parts
  const dieS = plant.thermal.timeConstantsS[1] / timeScale
  const meanServiceS = (): number => load.serviceS * (1 + load.tailShare * (plant.tailFactor - 1))

  /** `workS` of `activeS` and `idleS`. Tails, in which cores cool, are rare: of the die that the throttle sees they are no part of the mean. */
  const advance = (state: PlantState, world: WorldState, action: number, workS: number, activeS: number, idleS: number): void => {
    spent.switchedJ = (load.busyJ / load.serviceS) * workS
    spent.activeS = activeS
    spent.idleS = idleS
    plant.advance(state, world, action, load, spent)
  }

  /** So long by the mean of working and waiting for the next request. */
  const heat = (state: PlantState, world: WorldState, action: number, workShare: number, timeS: number): void => {
    advance(state, world, action, workShare * timeS, timeS, 0)
  }

  let leftS = 0
  return {
    requests,
    periodS,
    get leftS() {
      return leftS
    },
    roll(state, world, action, asked, waitS) {
      let cost = 0
      leftS = waitS
      for (let part = 0; part < parts; part++) {
        plant.load(state, world, action, true, load)
        const activeS = meanServiceS()
        const aheadS = periodS === undefined ? 0 : each * (periodS - activeS) - leftS
        const laterS = periodS === undefined ? 0 : Math.min(Math.max(0, -aheadS), queueLimit * activeS)
        const idleS = Math.max(0, aheadS) / each
        plant.expect(load, (leftS + laterS) / 2, asked, expected)
        cost += objective.expectedCost(expected, asked) / parts
        leftS = laterS
        if (each > 1) heat(state, world, action, activeS / (activeS + idleS), (each - 1) * (activeS + idleS))
        // The throttle looks after a request, when the die has cooled a little.
        advance(state, world, action, activeS, activeS, idleS)
      }
      return cost
    },
    warmUp(state, world, action) {
      const { caseTempC } = state
      state.dieTempC = caseTempC
      plant.load(state, world, action, true, load)
      const activeS = meanServiceS()
      heat(state, world, action, periodS === undefined || periodS < activeS ? 1 : activeS / periodS, settledAfter * dieS)
      state.dieTempC += caseTempC - state.caseTempC
      state.caseTempC = caseTempC
    },
  }
}
