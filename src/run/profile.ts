import type { Env } from '../core/env.ts'
import { FlyballError } from '../core/errors.ts'
import type { NominalOutcome } from '../core/spaces.ts'
import { median } from '../core/statistics.ts'
import type { RunEvents } from './events.ts'

/** Counted requests of each point in a round. */
export const countedRequests = 3

/**
 * What every operating point gives on the undisturbed board: medians over a few requests each. The points are taken in turn, in rounds, so
 * that a disturbance from outside does not fall on one point alone. The first request after a change pays for the change and is not counted.
 */
export async function profile(env: Env, seed: number, events: RunEvents, perRound = countedRequests, rounds = 2): Promise<NominalOutcome[]> {
  await env.reset({ seed, quiet: true })
  const points = env.spaces.points.length
  const latencyS = Array.from({ length: points }, () => [] as number[])
  const energyJ = Array.from({ length: points }, () => [] as number[])
  const accuracy = new Float64Array(points)
  for (let round = 0; round < rounds; round++)
    for (let a = 0; a < points; a++) {
      await env.step(a)
      for (let i = 0; i < perRound; i++) {
        if (events.stopped() !== undefined) throw new FlyballError('ERR_INTERRUPTED', 'interrupted while profiling: nothing was kept')
        const { outcome, executedAction } = await env.step(a)
        if (executedAction !== a) continue
        latencyS[a]?.push(outcome.latencyS)
        if (outcome.energyQuality !== 'absent') energyJ[a]?.push(outcome.energyJ)
        accuracy[a] = outcome.accuracy
      }
      events.progress('profiling', round * points + a + 1, rounds * points)
    }
  const middle = (values: readonly number[] | undefined): number => (values === undefined || values.length === 0 ? Number.NaN : median(values))
  return latencyS.map((samplesS, a) => ({ latencyS: middle(samplesS), energyJ: middle(energyJ[a]), accuracy: accuracy[a] as number }))
}
