import type { Board } from '../../src/board/board.ts'
import { heatLimits, whyNoHeatLimit } from '../../src/board/heat-limits.ts'
import { FlyballError } from '../../src/core/errors.ts'
import { defaultMarginC, type GuardSettings, type PowerRail } from '../../src/core/guard.ts'
import { type Guard, makeGuard } from '../guard/guard.ts'
import type { GovernedCluster } from './clusters.ts'
import type { EnergyMeter } from './energy-meter.ts'
import type { Plan } from './points.ts'

export interface BoardGuardInput {
  readonly board: Board
  readonly plan: Plan
  readonly clusters: readonly GovernedCluster[]
  /** Model power of one busy core at each level of each cluster, W; NaN where nothing is known. */
  readonly levelPowerW: readonly (readonly number[])[]
  readonly settings: GuardSettings
  readonly meter: Pick<EnergyMeter, 'railName'>
  onProblem(message: string): void
}

/**
 * The guard of this board: its own trip points, its own rail. What cannot be guarded is said: a power that nobody knows is an error, a power that is only estimated and heat without a known limit are
 * problems that are told. Throws ERR_USAGE and ERR_RANGE.
 */
export function makeBoardGuard({ board, plan, clusters, levelPowerW, settings, meter, onProblem }: BoardGuardInput): Guard {
  const { spaces, planned } = plan
  const rail = railOf(meter)
  if (settings.powerCapW !== undefined) {
    if (rail.quality === 'estimated' && levelPowerW.flat().some(Number.isNaN))
      throw new FlyballError(
        'ERR_USAGE',
        '--power-cap: this board measures no power that covers its CPUs and nothing is known to estimate it by, so that no cap could be kept; expected none (flyball doctor lists its sensors)',
      )
    if (rail.quality === 'estimated')
      onProblem(`power cap: this board measures no power; the cap is kept by an estimate (${rail.name}), and other programs are not in it`)
  }
  if (settings.minFrequencyHz !== undefined && clusters.every(({ frequency }) => frequency !== 'clamp'))
    onProblem('least frequency: no clock of this board is held by flyball, so none falls below it')
  const limits = heatLimits(board)
  const why = whyNoHeatLimit(board)
  // Many a machine has no thermal zones, and only who asked for a guard wants to know.
  if (settings.marginC !== null && why !== undefined && (board.thermalZones.length > 0 || settings.marginC !== defaultMarginC))
    onProblem(`no thermal guard: ${why}`)
  return makeGuard({
    spaces,
    settings: why === undefined ? settings : { ...settings, marginC: null },
    // Where no power is known, more cores at a higher speed draw more.
    powerW: planned
      .map(({ cluster, level, cores }) => cores * (levelPowerW[cluster]?.[level] ?? Number.NaN))
      .map(orElse(planned.map(busyOf(clusters)))),
    work: planned.map(({ subnet }) => subnet),
    limits,
    rail,
  })
}

const railOf = ({ railName }: Pick<EnergyMeter, 'railName'>): PowerRail =>
  railName === undefined ? { name: 'model of the inference threads', quality: 'estimated' } : { name: railName, quality: 'measured' }

const busyOf =
  (clusters: readonly GovernedCluster[]) =>
  ({ cluster, level, cores }: Plan['planned'][number]): number =>
    cores * (clusters[cluster]?.levels[level]?.speed ?? 1)

/** All of `others` where one of the numbers is not known: two scales do not mix. */
const orElse =
  (others: readonly number[]) =>
  (value: number, i: number, all: readonly number[]): number =>
    all.some(Number.isNaN) ? (others[i] as number) : value
