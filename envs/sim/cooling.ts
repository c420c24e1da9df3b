import type { KnownBoard } from '../../src/board/known/schema.ts'
import type { Rng } from '../../src/core/rng.ts'
import type { SimBoard } from './board.ts'
import { constants } from './constants.ts'
import { fittedThermalOf, leakageGrowth, thermalShapeOf } from './physics/constants.ts'
import { leakagePowerW } from './physics/power.ts'
import type { ThermalParameters } from './physics/thermal.ts'
import type { Throttle } from './throttle.ts'

export interface Cooling extends ThermalParameters {
  /** Heat of all that is no CPU cluster, into the case, W. */
  readonly restW: number
  /** Where the figures come from. */
  readonly label: string
}

/**
 * Heat reservoirs of a board: fitted where there are measurements, else of the zone's `rc`, else assumed such that full load on all CPU clusters in a room
 * just reaches the first trip that throttles a CPU cluster; split by the class of board.
 */
export function coolingOf(known: KnownBoard, board: SimBoard, { rules }: Throttle): Cooling {
  const fitted = fittedThermalOf(known.id)
  if (fitted !== undefined) {
    const { dieJPerK, dieKPerW, caseJPerK, caseKPerW, restW } = fitted
    return { dieJPerK, dieKPerW, caseJPerK, caseKPerW, restW, label: 'heat fitted on traces of the board' }
  }
  const { dieShare, dieS, caseS } = thermalShapeOf(known.id)
  const restW = board.boardBaseW * constants.restShare.value
  const rc = known.thermalZones?.find((zone) => zone.rc !== undefined)?.rc
  const tripC = Math.min(...rules.map(({ tempC }) => tempC))
  const roomW = fullPowerW(board, tripC) + (1 - dieShare) * restW
  const kPerW = rc?.resistanceKPerW ?? (tripC - constants.roomTempC.value) / roomW
  const dieKPerW = dieShare * kPerW
  const caseKPerW = kPerW - dieKPerW
  return {
    dieKPerW,
    caseKPerW,
    dieJPerK: dieS / dieKPerW,
    caseJPerK: rc?.capacitanceJPerK ?? caseS / caseKPerW,
    restW,
    label: rc === undefined ? 'heat assumed by the first trip and the class of board' : "heat by the board file's rc, split as assumed of its class",
  }
}

/** All cores of all clusters busy with inference at the top, W. */
function fullPowerW({ clusters }: SimBoard, tempC: number): number {
  let sum = 0
  for (const { coreW, cores, activity, voltageV, leakageW, railBaseW } of clusters) {
    const leakageNowW = leakagePowerW(leakageW, leakageGrowth.perK, voltageV.at(-1) as number, tempC, leakageGrowth.perV)
    sum += (coreW.at(-1) as number) * cores * activity + railBaseW + leakageNowW
  }
  return sum
}

/** Other resistances and capacities within the spread. */
export function bendCooling(cooling: Cooling, rng: Rng): Cooling {
  const around = (value: number): number => value * (1 + constants.spread.value * (2 * rng.next() - 1))
  const { dieJPerK, dieKPerW, caseJPerK, caseKPerW } = cooling
  return { ...cooling, dieJPerK: around(dieJPerK), dieKPerW: around(dieKPerW), caseJPerK: around(caseJPerK), caseKPerW: around(caseKPerW) }
}
