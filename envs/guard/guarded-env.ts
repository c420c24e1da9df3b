import { type Env, makeStep, type Step } from '../../src/core/env.ts'
import { monitorIndex } from '../../src/core/spaces.ts'
import type { Guard } from './guard.ts'

/**
 * A simulated environment, which answers at once, with a guard between it and its agents. The guard sees what a governor would: the temperature that is observed, and the energy of the outcomes
 * over the time that they took.
 */
export function guardedEnv(env: Env, guard: Guard): Env {
  const { spaces } = env
  const tempAt = monitorIndex(spaces, 'tempC')
  const tempsC = new Float64Array(1)
  const mask = new Uint8Array(spaces.points.length)
  const now = { timeS: 0, totalJ: 0 }
  const out = makeStep({} as Step)

  const look = (observation: Float64Array, possible: Uint8Array): void => {
    tempsC[0] = tempAt < 0 ? Number.NaN : (observation[tempAt] as number)
    guard.heat(now.timeS, tempsC)
    mask.set(possible)
    guard.narrow(now.timeS, mask)
  }

  return {
    spaces,
    guard,
    reset(options) {
      const start = env.reset(options) as { observation: Float64Array; mask: Uint8Array }
      guard.reset()
      now.timeS = 0
      now.totalJ = 0
      look(start.observation, start.mask)
      guard.power(now.timeS, now.totalJ)
      return { observation: start.observation, mask }
    },
    step(action) {
      const step = env.step(guard.permit(now.timeS, action)) as Step
      // The mask is the environment's own, which may fill it only when it changes.
      Object.assign(out, step)
      out.mask = mask
      now.timeS = step.timeS + step.durationS
      const { energyJ, energyQuality } = step.outcome
      if (energyQuality !== 'absent') now.totalJ += energyJ
      guard.power(now.timeS, energyQuality === 'absent' ? Number.NaN : now.totalJ)
      look(step.observation, step.mask)
      return out
    },
    ...(env.truth === undefined ? {} : { truth: env.truth }),
    get dropped() {
      return env.dropped ?? 0
    },
    close: () => env.close(),
  }
}
