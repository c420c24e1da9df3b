import type { PlantKind } from '../../../envs/sim/cells.ts'
import { date2020, type SimNetwork, simNetworkOf } from '../../../envs/sim/network.ts'
import { nominalOf } from '../../../envs/sim/nominal.ts'
import { makePlant } from '../../../envs/sim/plant.ts'
import { type PlantSpec, specifyPlant } from '../../../envs/sim/plant-spec.ts'
import { makeLoad } from '../../../envs/sim/plant-state.ts'
import { makeSimEnv, type SimEnv } from '../../../envs/sim/sim-env.ts'
import { makeQuietWorld, makeWorldState, type World, type WorldMaker } from '../../../envs/world/world.ts'
import type { KnownBoard } from '../../board/known/schema.ts'
import { shippedIds } from '../../board/known/shipped.ts'
import type { EnergyScope } from '../../core/outcome.ts'
import { openNetwork } from '../../network/manifest.ts'
import { makePlanner } from '../plan/planner.ts'
import { networkDir } from '../shipped.ts'
import { airOf } from './air.ts'
import type { Ground } from './ground.ts'
import { ownFile } from './own-file.ts'

export interface SimGroundInput {
  readonly board: KnownBoard
  /** File of the user's that the board is from. */
  readonly boardFile?: string | undefined
  readonly network: SimNetwork
  /** Each environment gets one of its own; left out: nobody else, back to back. */
  readonly world?: WorldMaker | undefined
  /** For the name of the ground: `steady`. */
  readonly scenarioName?: string | undefined
  readonly plant: PlantKind
  readonly energyScope?: EnergyScope | undefined
}

/** `date2020` (the default), or a network of flyball's own: `shipped:cifar10-g4` or a folder. Throws ERR_NETWORK_MANIFEST. */
export function openSimNetwork(source: string): SimNetwork {
  return source === date2020.id ? date2020 : simNetworkOf(openNetwork(networkDir(source)).manifest)
}

/** A simulated board in a scenario. Throws ERR_UNKNOWN_BOARD where the board file says too little to simulate it. */
export function simGround({ board, boardFile, network, world, scenarioName, plant, energyScope }: SimGroundInput): Ground {
  const spec = specifyPlant(board, network, { kind: plant, energyScope })
  const { clusters } = spec.board
  const { spaces } = spec.plan
  const nominal = nominalOf(spec)
  const airTempC = airOf(spec, nominal)
  const worldHere = (): World => world?.({ clusters, spaces, nominal, boardId: board.id, airTempC }) ?? makeQuietWorld(clusters)
  const first = worldHere()
  const heat = isHot(spec, first)
  return {
    id: `sim:${board.id}${scenarioName === undefined ? '' : `@${scenarioName}`}`,
    spaces,
    nominal,
    energyQuality: spec.energyQuality,
    energyScope: spec.energyScope,
    labels: [
      `simulated: ${board.id}, ${plant} plant${plant === 'perturbed' ? ' (each seed within 20 %)' : ''}`,
      ...ownFile('board', boardFile, shippedIds().includes(board.id)),
      ...network.labels,
      ...spec.board.labels,
      spec.cooling.label,
    ],
    objective: first.objective,
    phases: first.phases,
    heat,
    tripC: tripOf(spec),
    open: (requirements) => makeSimEnv({ spec, world: worldHere(), requirements }),
    ...(heat ? { planner: (env, options) => makePlanner({ env: env as SimEnv, world: worldHere(), ...options }) } : {}),
  }
}

// A first look at the world, not a bound: so many moments of its first seed.
const looks = 50
const longestLookS = 600

/** Whether some point, kept up for ever, would get past a trip in some moment of this world. */
function isHot(spec: PlantSpec, world: World): boolean {
  const plant = makePlant({ ...spec, kind: 'nominal' }, 0)
  const tripC = tripOf(spec)
  if (tripC === undefined) return false
  const state = plant.makeState()
  const load = makeLoad()
  const moment = makeWorldState(spec.board.clusters)
  world.reset(1)
  for (let i = 0; i <= looks; i++) {
    world.at((i / looks) * Math.min(world.endS, longestLookS), moment)
    plant.settle(state, moment.ambientTempC)
    for (let a = 0; a < spec.plan.points.length; a++) {
      state.dieTempC = tripC
      plant.load(state, moment, a, true, load)
      plant.advance(state, moment, a, load, { switchedJ: (foreverS / load.serviceS) * load.busyJ, activeS: foreverS, idleS: 0, timeScale: 1 })
      if (state.dieTempC > tripC) return true
    }
  }
  return false
}

function tripOf({ throttle }: PlantSpec): number | undefined {
  const tripC = Math.min(...throttle.rules.map((rule) => rule.tempC))
  return Number.isFinite(tripC) ? tripC : undefined
}

const foreverS = 1e6
