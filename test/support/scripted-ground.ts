import type { RequirementChange } from '../../envs/world/world.ts'
import type { Clock } from '../../src/core/clock.ts'
import type { JobRunner } from '../../src/run/compare/jobs.ts'
import type { Plan } from '../../src/run/compare/plan.ts'
import { runSeed } from '../../src/run/compare/seed-run.ts'
import type { Ground } from '../../src/run/grounds/ground.ts'
import { makeScriptedEnv, type ScriptedOptions } from './scripted-env.ts'

/** The scripted world as ground of a comparison: phase i holds from step `starts[i]`. */
export function scriptedGround(
  options: ScriptedOptions = {},
  phases: readonly RequirementChange[] = [{}],
  starts: readonly number[] = phases.map((_, i) => i * 100),
): Ground {
  const { spaces, nominal } = makeScriptedEnv()
  return {
    id: 'scripted',
    spaces,
    nominal,
    energyQuality: 'estimated',
    energyScope: 'rail',
    labels: ['scripted'],
    phases,
    heat: false,
    open: (requirements) =>
      makeScriptedEnv({ ...options, requirements: requirements.map((asked, i) => ({ from: starts[i] as number, requirements: asked })) }),
  }
}

/** Does the jobs here, one after the other. */
export const hereRunner =
  (grounds: readonly Ground[], plans: readonly Plan[], clock: Clock): JobRunner =>
  async (jobs, onDone) => {
    const results = []
    for (const { ground, seed } of jobs) {
      results.push(await runSeed(grounds[ground] as Ground, plans[ground] as Plan, seed, clock))
      onDone(results.length)
    }
    return results
  }
