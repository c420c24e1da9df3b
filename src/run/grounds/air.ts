import { makePlant } from '../../../envs/sim/plant.ts'
import type { PlantSpec } from '../../../envs/sim/plant-spec.ts'
import { makeLoad } from '../../../envs/sim/plant-state.ts'
import { makeWorldState } from '../../../envs/world/world.ts'
import { fastestPoint } from '../../core/objective.ts'
import type { NominalOutcome } from '../../core/spaces.ts'

const foreverS = 1e6

/**
 * Air that leaves a board's fastest point of full size, at work without rest, a share of its heat below the last trip that throttles: in air of `trip - rise` it has all of it (1) and just gets there,
 * at `trip` none. Undefined where nothing throttles.
 */
export function airOf(spec: PlantSpec, nominal: readonly NominalOutcome[]): ((headroom: number) => number) | undefined {
  const tripC = Math.max(...spec.throttle.rules.map(({ tempC }) => tempC))
  if (!Number.isFinite(tripC)) return undefined
  const plant = makePlant({ ...spec, kind: 'nominal' }, 0)
  const moment = makeWorldState(spec.board.clusters)
  const state = plant.makeState()
  const load = makeLoad()
  plant.settle(state, moment.ambientTempC)
  // Leakage is that of the trip.
  state.dieTempC = tripC
  const action = fastestPoint(nominal, 1)
  plant.load(state, moment, action, true, load)
  plant.advance(state, moment, action, load, { switchedJ: (foreverS / load.serviceS) * load.busyJ, activeS: foreverS, idleS: 0, timeScale: 1 })
  const riseK = state.dieTempC - moment.ambientTempC
  return (headroom) => tripC - headroom * riseK
}
