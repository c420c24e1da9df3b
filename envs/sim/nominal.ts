import { makeExpectedOutcome } from '../../src/core/env.ts'
import type { NominalOutcome } from '../../src/core/spaces.ts'
import { makeWorldState } from '../world/world.ts'
import { makePlant } from './plant.ts'
import type { PlantSpec } from './plant-spec.ts'
import { makeLoad } from './plant-state.ts'

/** What every point is expected to give on the quiet board, as idle for ever, by the nominal plant. */
export function nominalOf(spec: PlantSpec): NominalOutcome[] {
  const plant = makePlant({ ...spec, kind: 'nominal' }, 0)
  const world = makeWorldState(spec.board.clusters)
  const state = plant.makeState()
  plant.settle(state, world.ambientTempC)
  const load = makeLoad()
  const out = makeExpectedOutcome()
  return spec.plan.points.map((_, a) => {
    plant.load(state, world, a, true, load)
    plant.expect(load, 0, { percentile: 99 }, out)
    return { latencyS: out.latencyS, energyJ: out.energyJ, accuracy: out.accuracy }
  })
}
