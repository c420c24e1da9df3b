import { nominalOf } from '../../../envs/sim/nominal.ts'
import { specifyPlant } from '../../../envs/sim/plant-spec.ts'
import type { Scenario } from '../../../envs/world/scenario/schema.ts'
import { scenarioMaker } from '../../../envs/world/scenario/site.ts'
import type { World } from '../../../envs/world/world.ts'
import type { KnownBoard } from '../../board/known/schema.ts'
import { airOf } from './air.ts'
import { openSimNetwork } from './sim-ground.ts'

/** The world that a scenario makes of a simulated board. Throws ERR_UNKNOWN_BOARD where it cannot be simulated, ERR_SCENARIO, which names `where` (the scenario's name, where nothing is given), where a cluster is not there. */
export function worldOnBoard(scenario: Scenario, board: KnownBoard, where?: string): World {
  const spec = specifyPlant(board, openSimNetwork('date2020'), { kind: 'nominal', energyScope: undefined })
  const nominal = nominalOf(spec)
  const { clusters } = spec.board
  return scenarioMaker(scenario, where)({ clusters, spaces: spec.plan.spaces, nominal, boardId: board.id, airTempC: airOf(spec, nominal) })
}
