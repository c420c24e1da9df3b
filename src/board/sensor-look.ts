import type { Quality } from '../core/outcome.ts'
import type { SensorEvent } from '../core/sensor-event.ts'
import { mean, median } from '../core/statistics.ts'
import type { LookOptions } from './sensor-check.ts'

/** A watched sensor, as a look needs it. */
interface Looked {
  sample(nowS: number): void
  value(): number
  /** Differs where there is a new value. */
  mark(): number
  quality(): Quality
  close(): void
}

/** What was seen. */
export interface LookedAt {
  /** The last value, and the mean of all; null where there was none. */
  readonly last: number | null
  readonly mean: number | null
  readonly changes: number
  readonly periodS: number | null
  readonly quality: Quality
  readonly problem: string | null
}

/** Time between two readings of a sensor, s: as often as sensors make new values, and no load to speak of. */
const paceS = 0.01

/** Looks at all of them in turn. */
export async function lookAt(
  openers: readonly ((tell: (event: SensorEvent) => void) => Looked)[],
  { durationS, clock }: LookOptions,
): Promise<LookedAt[]> {
  const seen = openers.map((open) => {
    const state = { problem: null as string | null, mark: Number.NaN, changedS: [] as number[], values: [] as number[] }
    const sensor = open(({ what, why }) => {
      if (what === 'doubted') state.problem ??= why ?? null
    })
    return { sensor, state }
  })
  const beganS = clock.now()
  do {
    for (const { sensor, state } of seen) {
      const nowS = clock.now()
      sensor.sample(nowS)
      const value = sensor.value()
      if (!Number.isNaN(value)) state.values.push(value)
      const mark = sensor.mark()
      if (mark !== state.mark && !Number.isNaN(state.mark)) state.changedS.push(nowS)
      state.mark = mark
    }
    if (durationS > 0) await clock.sleepUntil(clock.now() + paceS)
  } while (clock.now() - beganS < durationS)
  return seen.map(({ sensor, state }) => {
    const { values, changedS, problem } = state
    const quality = sensor.quality()
    sensor.close()
    // It failed and came back while it was looked at.
    const told = problem !== null && quality === 'measured' ? `${problem}: at times` : problem
    const gapsS = changedS.slice(1).map((timeS, i) => timeS - (changedS[i] as number))
    return {
      last: values.at(-1) ?? null,
      mean: values.length === 0 ? null : mean(values),
      changes: changedS.length,
      periodS: gapsS.length < 2 ? null : median(gapsS),
      quality,
      problem: told,
    }
  })
}
