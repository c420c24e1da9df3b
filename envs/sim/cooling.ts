import type { KnownBoard } from '../../src/board/known/schema.ts'
import type { Rng } from '../../src/core/rng.ts'
import type { SimBoard } from './board.ts'
import { constants } from './constants.ts'
import { boardFits } from './core-types.ts'
import { leakagePowerW } from './physics/power.ts'
import type { ThermalParameters } from './physics/thermal.ts'
import type { Throttle } from './throttle.ts'

/**
 * Heat reservoirs of a board: fitted where boardFits has them, else of the zone's `rc`, else assumed such that full load on all cores of the fastest type in a room
 * just reaches the first trip that throttles a CPU cluster.
 */
export function coolingOf(known: KnownBoard, board: SimBoard, { rules }: Throttle): { parameters: ThermalParameters; label: string } {
  const fitted = boardFits[known.id]?.thermal
  if (fitted !== undefined) return { parameters: fitted.parameters, label: `heat ${fitted.from}` }
  const { dieShare, dieTimeS, caseTimeS, roomTempC } = constants
  const rc = known.thermalZones?.find((zone) => zone.rc !== undefined)?.rc
  const tripC = Math.min(...rules.map(({ tempC }) => tempC))
  const kPerW = rc?.resistanceKPerW ?? (tripC - roomTempC.value) / fullPowerW(board, tripC)
  const dieKPerW = dieShare.value * kPerW
  const caseKPerW = kPerW - dieKPerW
  return {
    parameters: {
      dieKPerW,
      caseKPerW,
      dieJPerK: dieTimeS.value / dieKPerW,
      caseJPerK: rc?.capacitanceJPerK ?? caseTimeS.value / caseKPerW,
    },
    label: rc === undefined ? 'heat assumed by the first trip' : 'heat by rc of the board file',
  }
}

/** All cores of the type that is the fastest busy with inference at the top, the others off, W. */
function fullPowerW({ clusters }: SimBoard, tempC: number): number {
  let sum = 0
  for (const { capacity, coreW, cores, activity, voltageV, leakageW, railBaseW } of clusters) {
    if (capacity < 1) continue
    const leakageNowW = leakagePowerW(leakageW, constants.leakagePerK.value, voltageV.at(-1) as number, tempC)
    sum += (coreW.at(-1) as number) * cores * activity + railBaseW + leakageNowW
  }
  return sum
}

/** Other resistances and capacities within the spread. */
export function bendCooling(parameters: ThermalParameters, rng: Rng): ThermalParameters {
  const around = (value: number): number => value * (1 + constants.spread.value * (2 * rng.next() - 1))
  const { dieJPerK, dieKPerW, caseJPerK, caseKPerW } = parameters
  return { dieJPerK: around(dieJPerK), dieKPerW: around(dieKPerW), caseJPerK: around(caseJPerK), caseKPerW: around(caseKPerW) }
}
