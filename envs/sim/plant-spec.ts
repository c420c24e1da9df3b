import type { KnownBoard } from '../../src/board/known/schema.ts'
import type { EnergyScope, Quality } from '../../src/core/outcome.ts'
import { type SimBoard, simBoardOf } from './board.ts'
import type { PlantKind } from './cells.ts'
import { type Cooling, coolingOf } from './cooling.ts'
import type { SimNetwork } from './network.ts'
import { planSimPoints, type SimPlan } from './points.ts'
import { type Throttle, throttleOf } from './throttle.ts'

/** A board and a network, with what is assumed filled in: from this each seed's plant is made. */
export interface PlantSpec {
  readonly board: SimBoard
  readonly network: SimNetwork
  readonly plan: SimPlan
  readonly throttle: Throttle
  readonly cooling: Cooling
  readonly kind: PlantKind
  readonly energyScope: EnergyScope
  /** By the rails' sensors where the board has them, else by its model. */
  readonly energyQuality: Quality
}

export interface PlantOptions {
  readonly kind: PlantKind
  /** Default `rail`: that of the cluster that works. `board`: all rails and what else the board draws. */
  readonly energyScope?: EnergyScope | undefined
  /** Most OPPs of a cluster. */
  readonly mostLevels?: number | undefined
  /** Any number of cores, not only 1, 2, 4, … and all. */
  readonly everyCore?: boolean | undefined
}

/** Throws ERR_UNKNOWN_BOARD where the board file says too little. */
export function specifyPlant(known: KnownBoard, network: SimNetwork, { kind, energyScope = 'rail', mostLevels, everyCore }: PlantOptions): PlantSpec {
  const board = simBoardOf(known)
  const throttle = throttleOf(known, board.clusters)
  return {
    board,
    network,
    plan: planSimPoints(network, board, mostLevels, everyCore),
    throttle,
    cooling: coolingOf(known, board, throttle),
    kind,
    energyScope,
    energyQuality: board.measuredScopes.includes(energyScope) ? 'measured' : 'estimated',
  }
}
