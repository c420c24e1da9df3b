import type { Env } from '../core/env.ts'
import { FlyballError } from '../core/errors.ts'
import type { Outcome } from '../core/outcome.ts'
import { openTrace } from '../trace/reader.ts'
import type { LoopStart } from './loop.ts'

/**
 * Takes the logged decisions of a trace before `step` again, a guard's corrections included, in a world that answers as it did then, and gives what the decision of `step` sees. Throws
 * ERR_TRACE_MISMATCH at the first answer that is another one today.
 */
export async function liveThrough(env: Env, trace: string, start: LoopStart, step: number): Promise<LoopStart> {
  let now = start
  let taken = 0
  for (const entry of openTrace(trace).entries()) {
    if (taken === step) break
    if (entry.kind !== 'decision') continue
    // What the guard did before was told then.
    env.guard?.changes()
    const next = await env.step(entry.action)
    if (!isSame(next.outcome, entry.outcome))
      throw new FlyballError(
        'ERR_TRACE_MISMATCH',
        `${trace}: decision ${entry.step} leads to something else today than it did then: was the table, its scenario, the board or flyball changed?`,
      )
    now = next
    taken++
  }
  if (taken < step)
    throw new FlyballError('ERR_TRACE_MISMATCH', `${trace} holds ${taken} decisions, and its checkpoint was saved at ${step}: was it edited?`)
  return { observation: now.observation.slice(), mask: now.mask.slice() }
}

const isSame = (a: Outcome, b: Outcome): boolean =>
  Object.is(a.latencyS, b.latencyS) && Object.is(a.energyJ, b.energyJ) && Object.is(a.accuracy, b.accuracy) && a.deadlineMet === b.deadlineMet
