import { date2020 } from '../../../envs/sim/network.ts'
import { nominalOf } from '../../../envs/sim/nominal.ts'
import { specifyPlant } from '../../../envs/sim/plant-spec.ts'
import { makeSimEnv, type SimEnv } from '../../../envs/sim/sim-env.ts'
import { readScenario } from '../../../envs/world/scenario/shipped.ts'
import { scenarioMaker } from '../../../envs/world/scenario/site.ts'
import { readShipped } from '../../../src/board/known/shipped.ts'
import { makeObjective, type Objective } from '../../../src/core/objective.ts'
import type { NominalOutcome } from '../../../src/core/spaces.ts'
import { defaultWeights, resolveWish } from '../../../src/run/request.ts'

/** An environment, what is asked in it, and how it is judged. */
export interface CostGround {
  readonly env: SimEnv
  readonly objective: Objective
  readonly nominal: readonly NominalOutcome[]
}

/**
 * All that an ODROID-XU4 can be set to: four sub-networks on one to four cores of either cluster, at every OPP (13 of the A7, 19 of the A15), which makes 512 points. Simulated; energy at 1.5 times
 * the fastest latency, in the world of a shipped scenario.
 */
export function odroidXu4(scenario: string): CostGround {
  const board = readShipped('odroid-xu4')
  const spec = specifyPlant(board, date2020, { kind: 'nominal', mostLevels: Number.POSITIVE_INFINITY, everyCore: true })
  const nominal = nominalOf(spec)
  const { requirements, objective } = resolveWish(
    { deadline: { times: 1.5 }, objective: 'energy', weights: defaultWeights, accuracyFloor: 0.62 },
    nominal,
  )
  const world = scenarioMaker(readScenario(scenario))({ clusters: spec.board.clusters, spaces: spec.plan.spaces, nominal, boardId: board.id })
  return { env: makeSimEnv({ spec, world, requirements: [requirements] }), objective: makeObjective(objective, nominal), nominal }
}
