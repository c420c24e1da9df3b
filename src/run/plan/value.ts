import type { Plant } from '../../../envs/sim/plant.ts'
import type { PlantState } from '../../../envs/sim/plant-state.ts'
import { fillCaps } from '../../../envs/sim/throttle.ts'
import type { WorldState } from '../../../envs/world/world.ts'
import type { Requirements } from '../../core/outcome.ts'
import type { Slot } from './slot.ts'
import { nearestMode, throttleModes } from './throttle-modes.ts'

/** Least expected cost from a slot on to the end of the plan. */
export interface ValueTable {
  readonly slots: number
  /** Of a state at the beginning of slot `slot`, with `waitS` in the queue; linear between temperatures of the case and between waits. No allocation. */
  at(slot: number, state: PlantState, waitS: number): number
}

export interface ValueOptions {
  readonly plant: Plant
  readonly slot: Slot
  /** World of each slot. */
  readonly worlds: readonly WorldState[]
  readonly requirements: readonly Requirements[]
  /** Points to choose from in a world. */
  readonly candidates: (world: WorldState) => readonly number[]
}

/** Grid of the case's temperature, K. */
const gridK = 0.5
// The die is never colder than the case, and is throttled above its trips.
const aboveTripK = 2
/** Requests behind time that a plan tells apart, where they come at a rate. */
const waitRequests = [0, 2, 8]

/**
 * Backward dynamic programming over (slot, temperature of the case, state of the throttle, queue). The case is the slow reservoir and has the grid; the die, which
 * settles within a slot, is taken where the chosen point holds it over the case.
 */
export function planValue({ plant, slot, worlds, requirements, candidates }: ValueOptions): ValueTable {
  const modes = throttleModes(plant.spec.throttle)
  const coldC = coldest(plant, worlds)
  const hotC =
    Math.max(coldC + gridK, ...worlds.map(({ ambientTempC }) => ambientTempC), ...plant.spec.throttle.rules.map(({ tempC }) => tempC)) + aboveTripK
  const temps = Math.ceil((hotC - coldC) / gridK) + 1
  const { periodS } = slot
  const waitsS = periodS === undefined ? [0] : waitRequests.map((requests) => requests * periodS)
  const cells = modes.length * waitsS.length * temps

  const alongTemp = (values: Float64Array, row: number, tempC: number): number => {
    const x = Math.min(Math.max(0, (tempC - coldC) / gridK), temps - 1)
    const low = Math.min(Math.floor(x), temps - 2)
    const at = row * temps + low
    return (values[at] as number) + (x - low) * ((values[at + 1] as number) - (values[at] as number))
  }
  const interpolate = (values: Float64Array, mode: number, waitS: number, tempC: number): number => {
    let w = 0
    while (w + 1 < waitsS.length && waitS >= (waitsS[w + 1] as number)) w++
    const row = mode * waitsS.length + w
    const low = alongTemp(values, row, tempC)
    if (w + 1 === waitsS.length) return low
    const from = waitsS[w] as number
    const share = (waitS - from) / ((waitsS[w + 1] as number) - from)
    return share > 0 ? low + share * (alongTemp(values, row + 1, tempC) - low) : low
  }

  const transitions = makeTransitions({ plant, slot, modes, waitsS, temps, coldC, requirements, candidates })
  const values = new Array<Float64Array>(worlds.length + 1)
  values[worlds.length] = new Float64Array(cells)
  for (let s = worlds.length - 1; s >= 0; s--) {
    const { choices, cost, nextTempC, nextMode, nextWaitS } = transitions(worlds[s] as WorldState)
    const later = values[s + 1] as Float64Array
    const now = new Float64Array(cells)
    for (let cell = 0; cell < cells; cell++) {
      let least = Number.POSITIVE_INFINITY
      for (let k = cell * choices; k < (cell + 1) * choices; k++) {
        const total = (cost[k] as number) + interpolate(later, nextMode[k] as number, nextWaitS[k] as number, nextTempC[k] as number)
        if (total < least) least = total
      }
      now[cell] = least
    }
    values[s] = now
  }
  return {
    slots: worlds.length,
    at: (index, state, waitS) =>
      interpolate(values[Math.min(index, worlds.length)] as Float64Array, nearestMode(modes, state.levels), waitS, state.caseTempC),
  }
}

/** Case of a board that idles in the coldest world, degC. */
function coldest(plant: Plant, worlds: readonly WorldState[]): number {
  const state = plant.makeState()
  plant.settle(state, Math.min(...worlds.map(({ ambientTempC }) => ambientTempC)))
  return Math.floor(state.caseTempC) - 1
}

/** What each choice in each cell costs and leads to; `[cell][choice]`. */
interface Transitions {
  readonly choices: number
  readonly cost: Float64Array
  readonly nextTempC: Float64Array
  readonly nextMode: Uint8Array
  readonly nextWaitS: Float64Array
}

interface TransitionOptions extends Pick<ValueOptions, 'plant' | 'slot' | 'requirements' | 'candidates'> {
  readonly modes: readonly Int32Array[]
  readonly waitsS: readonly number[]
  readonly temps: number
  readonly coldC: number
}

/** Most worlds repeat themselves: as many of their tables as this are kept. */
const keptWorlds = 32

function makeTransitions({
  plant,
  slot,
  modes,
  waitsS,
  temps,
  coldC,
  requirements,
  candidates,
}: TransitionOptions): (world: WorldState) => Transitions {
  const { throttle, board } = plant.spec
  const state = plant.makeState()
  const kept = new Map<string, Transitions>()

  const begin = (mode: number, tempC: number): void => {
    state.levels.set(modes[mode] as Int32Array)
    fillCaps(throttle.rules, state.levels, board.clusters, state.caps, state.visibleCaps)
    state.caseTempC = tempC
    state.sincePollS = 0
  }

  const compute = (world: WorldState): Transitions => {
    const points = candidates(world)
    const choices = points.length
    const size = modes.length * waitsS.length * temps * choices
    const table = {
      choices,
      cost: new Float64Array(size),
      nextTempC: new Float64Array(size),
      nextMode: new Uint8Array(size),
      nextWaitS: new Float64Array(size),
    }
    const asked = (requirements[world.phase] ?? requirements[0]) as Requirements
    let k = 0
    for (let mode = 0; mode < modes.length; mode++)
      for (const waitS of waitsS)
        for (let t = 0; t < temps; t++)
          for (const action of points) {
            begin(mode, coldC + t * gridK)
            slot.warmUp(state, world, action)
            begin(mode, coldC + t * gridK)
            table.cost[k] = slot.requests * slot.roll(state, world, action, asked, waitS)
            table.nextTempC[k] = state.caseTempC
            table.nextMode[k] = nearestMode(modes, state.levels)
            table.nextWaitS[k] = slot.leftS
            k++
          }
    return table
  }

  return (world) => {
    const key = keyOf(world)
    let table = kept.get(key)
    if (table === undefined) {
      table = compute(world)
      if (kept.size >= keptWorlds) kept.delete(kept.keys().next().value as string)
      kept.set(key, table)
    }
    return table
  }
}

/** What of a world matters to the plant and to the requirements. */
const keyOf = ({ interference, availableCores, bandwidthShare, ambientTempC, slowdown, phase }: WorldState): string =>
  [interference.join(), availableCores.join(), bandwidthShare, ambientTempC, slowdown, phase].join('|')
