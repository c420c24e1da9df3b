import { makeGuard } from '../../envs/guard/guard.ts'
import { guardedEnv } from '../../envs/guard/guarded-env.ts'
import type { Env } from '../core/env.ts'
import { FlyballError } from '../core/errors.ts'
import type { GuardSettings } from '../core/guard.ts'
import type { Ground } from './grounds/ground.ts'

/**
 * An environment of this ground behind a guard, as far as one is asked for: off a board there is none by default. Points are ordered by the power of the quiet board's profile. Throws ERR_USAGE for heat
 * where there is none and for power that nobody knows, ERR_RANGE for a least frequency that cannot be kept.
 */
export function guardGround(ground: Ground, env: Env, asked: Partial<GuardSettings> | undefined): Env {
  const settings: GuardSettings = { marginC: null, ...asked }
  if (!isGuarded(settings)) return env
  const { id, spaces, nominal, tripC, energyQuality, energyScope } = ground
  if (settings.marginC !== null && tripC === undefined)
    throw new FlyballError(
      'ERR_USAGE',
      `--guard-margin: ${id} has no temperature and no trip points, expected a simulated board, e.g. --env sim:odroid-xu4`,
    )
  if (settings.powerCapW !== undefined && energyQuality === 'absent')
    throw new FlyballError('ERR_USAGE', `--power-cap: ${id} knows no energy, so that no cap could be kept; expected a ground with energy`)
  const guard = makeGuard({
    spaces,
    settings,
    powerW: nominal.map(({ energyJ, latencyS }) => energyJ / latencyS),
    work: nominal.map(({ energyJ }) => energyJ),
    limits: tripC === undefined ? [] : [{ sensor: id, tripC }],
    rail: { name: `${energyScope} of ${id}`, quality: energyQuality === 'measured' ? 'measured' : 'estimated' },
  })
  return guardedEnv(env, guard)
}

const isGuarded = ({ marginC, powerCapW, minFrequencyHz, maxChanges }: GuardSettings): boolean =>
  marginC !== null || powerCapW !== undefined || minFrequencyHz !== undefined || maxChanges !== undefined
