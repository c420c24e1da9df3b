import type { Env } from '../core/env.ts'
import { FlyballError } from '../core/errors.ts'
import type { NominalOutcome } from '../core/spaces.ts'
import { median } from '../core/statistics.ts'
import type { RunEvents } from './events.ts'

/** Counted requests of each point in a round. */
export const countedRequests = 3

// Ten seconds at thirty requests a second, and half of that for the next point where one had to be given up: down to a second, in which changes are limited.
const mostPatience = 300
const leastPatience = 30

const interrupted = (): FlyballError => new FlyballError('ERR_INTERRUPTED', 'interrupted while profiling: nothing was kept')

/** A point that never ran scores what its sub-network scores elsewhere. */
function fillAccuracy(accuracy: Float64Array, latencyS: readonly (readonly number[])[], { spaces }: Env): void {
  const subnet = spaces.knobs.find(({ kind }) => kind === 'subnet')?.name ?? ''
  for (let a = 0; a < accuracy.length; a++) {
    if (latencyS[a]?.length !== 0) continue
    const other = spaces.points.findIndex((point, b) => point[subnet] === spaces.points[a]?.[subnet] && latencyS[b]?.length !== 0)
    accuracy[a] = other < 0 ? Number.NaN : (accuracy[other] as number)
  }
}

/**
 * What every operating point gives on the undisturbed board: medians over a few requests each. The points are taken in turn, in rounds, so
 * that a disturbance from outside does not fall on one point alone. The first request after a change pays for the change and is not counted.
 * A point that the guard never lets run is unknown: NaN. Throws ERR_RANGE where it lets none run.
 */
export async function profile(env: Env, seed: number, events: RunEvents, perRound = countedRequests, rounds = 2): Promise<NominalOutcome[]> {
  await env.reset({ seed, quiet: true })
  const points = env.spaces.points.length
  const latencyS = Array.from({ length: points }, () => [] as number[])
  const energyJ = Array.from({ length: points }, () => [] as number[])
  const accuracy = new Float64Array(points)
  let patience = mostPatience
  let waited = false
  /** Asks for a point until it runs: the guard may first want the board to cool down, or its last change to be a while ago. The first request at a point pays for the change. */
  const reach = async (a: number): Promise<boolean> => {
    for (let k = 0; k < patience; k++) {
      if (events.stopped() !== undefined) throw interrupted()
      if ((await env.step(a)).executedAction === a) {
        patience = mostPatience
        return true
      }
    }
    patience = Math.max(leastPatience, patience / 2)
    if (!waited)
      events.note(
        `the guard does not allow point ${a + 1} of ${points} now: such points are waited for, and left out of the profile where that is in vain`,
      )
    waited = true
    return false
  }
  for (let round = 0; round < rounds; round++)
    for (let a = 0; a < points; a++) {
      if (env.guard?.barred[a] === 1) continue
      const reached = await reach(a)
      for (let i = 0; reached && i < perRound; i++) {
        if (events.stopped() !== undefined) throw interrupted()
        const { outcome, executedAction } = await env.step(a)
        if (executedAction !== a) continue
        latencyS[a]?.push(outcome.latencyS)
        if (outcome.energyQuality !== 'absent') energyJ[a]?.push(outcome.energyJ)
        accuracy[a] = outcome.accuracy
      }
      events.progress('profiling', round * points + a + 1, rounds * points)
    }
  const middle = (values: readonly number[] | undefined): number => (values === undefined || values.length === 0 ? Number.NaN : median(values))
  const missing = latencyS.filter((samplesS) => samplesS.length === 0).length
  if (missing > 0) events.note(`${missing} of ${points} points were not profiled: the guard does not allow them`)
  if (missing === points)
    throw new FlyballError('ERR_RANGE', 'the guard allowed none of the points to be profiled: is the board too hot, or a limit too tight?')
  fillAccuracy(accuracy, latencyS, env)
  return latencyS.map((samplesS, a) => ({ latencyS: middle(samplesS), energyJ: middle(energyJ[a]), accuracy: accuracy[a] as number }))
}
