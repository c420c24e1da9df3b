import type { Plant } from '../../../envs/sim/plant.ts'
import { copyPlantState, makeLoad, type PlantState } from '../../../envs/sim/plant-state.ts'
import type { SimEnv } from '../../../envs/sim/sim-env.ts'
import { makeWorldState, type World, type WorldState } from '../../../envs/world/world.ts'
import { makeExpectedOutcome } from '../../core/env.ts'
import type { Objective } from '../../core/objective.ts'
import type { Requirements } from '../../core/outcome.ts'
import type { NominalOutcome } from '../../core/spaces.ts'
import { paretoPoints } from './pareto.ts'
import { makeSlot, type Slot } from './slot.ts'
import { planValue, type ValueTable } from './value.ts'

export interface PlannerOptions {
  /** The environment that is asked about. */
  readonly env: SimEnv
  /** Another one of the same scenario: the planner reads the script ahead. */
  readonly world: World
  readonly requirements: readonly Requirements[]
  readonly objective: Objective
  /** Of the run. */
  readonly steps: number
}

/** How far a plan looks ahead beyond the last step of the run, in the longest time constant of the board. */
const horizonConstants = 3
/** Slots in that time constant. */
const slotsPerConstant = 60
// Worlds nearer than this are planned as one: what goes on slowly repeats itself, and is worked out once.
const ambientStepC = 0.5
const shareStep = 0.02
/** The script of a long run is read in so many slots at most. */
const mostSlots = 4000

/**
 * A reference for worlds with heat: at every decision the point with which the expected cost of the next slot and of all that follows is least, on the *mean* plant of
 * this seed (no jitter in what heats, but its expected cost), over the Pareto points and the oracle's own choice, from the true present state. It knows the script of
 * the world. A reference and no bound: slots are answered by one point each, and in a slot the world stands still.
 *
 * What it returns answers for the present moment of `env`. The plan is worked out once for every seed that the environment is reset with, at the first question.
 */
export function makePlanner({ env, world, requirements, objective, steps }: PlannerOptions): () => number {
  const plans = new Map<number, Plan>()
  return () => {
    let plan = plans.get(env.seed)
    if (plan === undefined) {
      plan = makePlan(env, world, requirements, objective, steps)
      plans.set(env.seed, plan)
    }
    return plan.choose()
  }
}

interface Plan {
  choose(): number
}

function makePlan(env: SimEnv, world: World, requirements: readonly Requirements[], objective: Objective, steps: number): Plan {
  const { plant } = env
  const { timeScale, rateHz } = world
  const candidates = candidatesOf(plant)
  const periodS = rateHz === undefined ? undefined : 1 / rateHz
  const typicalS = periodS ?? usualDurationS(plant, requirements[0] as Requirements, objective)
  const [slowS] = plant.thermal.timeConstantsS
  const runS = steps * typicalS * timeScale
  const aheadS = horizonConstants * slowS
  const wishedS = Math.max(slowS / slotsPerConstant, (runS + aheadS) / mostSlots)
  const requests = Math.max(1, Math.round(wishedS / (typicalS * timeScale)))
  const slotS = requests * typicalS
  const runSlots = Math.ceil(steps / requests)
  const slots = runSlots + Math.ceil(aheadS / (slotS * timeScale))
  const slot = makeSlot({ plant, objective, requests, periodS, timeScale, queueLimit: world.queueLimit })
  const worlds = readAhead(world, env.seed, slots, slotS)
  const value = planValue({ plant, slot, worlds, requirements, candidates })
  return { choose: chooser(env, objective, slot, value, candidates, (timeS) => Math.min(Math.floor(timeS / slotS) + 1, runSlots)) }
}

/** The world in the middle of every slot, ascending; what comes after its end is as its end. */
function readAhead(world: World, seed: number, slots: number, slotS: number): WorldState[] {
  world.reset(seed)
  return Array.from({ length: slots }, (_, s) => {
    const state = makeWorldState(world.clusters)
    world.at(Math.min((s + 0.5) * slotS, world.endS), state)
    state.ambientTempC = round(state.ambientTempC, ambientStepC)
    state.slowdown = round(state.slowdown, shareStep)
    state.bandwidthShare = round(state.bandwidthShare, shareStep)
    for (let c = 0; c < state.interference.length; c++) state.interference[c] = round(state.interference[c] as number, shareStep)
    return state
  })
}

const round = (value: number, step: number): number => Math.round(value / step) * step

/** Back to back requests come as fast as the best point of the quiet board answers. */
function usualDurationS(plant: Plant, asked: Requirements, objective: Objective): number {
  const quiet = quietOutcomes(plant)
  const costs = quiet.map((outcome) => objective.nominalCost(outcome, asked))
  return (quiet[costs.indexOf(Math.min(...costs))] as NominalOutcome).latencyS
}

/** What every point is expected to give on the quiet board of this seed. */
function quietOutcomes(plant: Plant): NominalOutcome[] {
  const world = makeWorldState(plant.spec.board.clusters)
  const state = plant.makeState()
  plant.settle(state, world.ambientTempC)
  const load = makeLoad()
  const expected = makeExpectedOutcome()
  return plant.spec.plan.points.map((_, action) => {
    plant.load(state, world, action, true, load)
    plant.expect(load, 0, { percentile: 99 }, expected)
    return { latencyS: expected.latencyS, energyJ: expected.energyJ, accuracy: expected.accuracy }
  })
}

/** Pareto points of what the available cores allow. */
function candidatesOf(plant: Plant): (world: WorldState) => readonly number[] {
  const quiet = quietOutcomes(plant)
  const { points } = plant.spec.plan
  const byCores = new Map<string, readonly number[]>()
  return ({ availableCores }) => {
    const key = availableCores.join()
    let found = byCores.get(key)
    if (found === undefined) {
      const allowed = paretoPoints(quiet, (a) => {
        const point = points[a]
        return point !== undefined && point.cores <= (availableCores[point.cluster] as number)
      })
      // With no core left the environment answers by its first point.
      found = allowed.length > 0 ? allowed : [0]
      byCores.set(key, found)
    }
    return found
  }
}

/** `nextSlot`: of the plan, after a slot that begins at this time. */
function chooser(
  env: SimEnv,
  objective: Objective,
  slot: Slot,
  value: ValueTable,
  candidates: (world: WorldState) => readonly number[],
  nextSlot: (timeS: number) => number,
): () => number {
  const { plant, truth, mask } = env
  const trial: PlantState = plant.makeState()
  const expected = makeExpectedOutcome()

  const costNow = (action: number): number => {
    truth.expected(action, expected)
    return objective.expectedCost(expected, truth.requirements)
  }

  return () => {
    const { now, state, timeS, waitS } = env
    const next = nextSlot(timeS)
    let best = -1
    let least = Number.POSITIVE_INFINITY
    const look = (action: number, firstCost: number): void => {
      copyPlantState(state, trial)
      const laterCost = slot.roll(trial, now, action, truth.requirements, waitS)
      const total = firstCost + (slot.requests - 1) * laterCost + value.at(next, trial, slot.leftS)
      if (total < least) {
        least = total
        best = action
      }
    }
    let myopic = -1
    let cheapest = Number.POSITIVE_INFINITY
    for (let action = 0; action < mask.length; action++) {
      if (mask[action] === 0) continue
      const cost = costNow(action)
      if (cost < cheapest) {
        cheapest = cost
        myopic = action
      }
    }
    look(myopic, cheapest)
    for (const action of candidates(now)) if (mask[action] === 1 && action !== myopic) look(action, costNow(action))
    return best
  }
}
