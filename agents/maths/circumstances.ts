import type { Explanation, Limit } from '../../src/core/agent.ts'
import { limits } from '../../src/core/limits.ts'
import { type Mask, type Monitor, monitorIndex, type Observation, type Spaces } from '../../src/core/spaces.ts'

/** The point that an agent takes when it explores nothing. Asking changes nothing. */
export type Take = (observation: Observation, mask: Mask) => number

/** Below this the heat of a board hardly matters. */
const coolC = 50

/** Asks a policy again under other circumstances: without a requirement, with a monitor that reads quiet, with everything allowed. Where it then takes another point, that is a reason. */
export function reasons(spaces: Spaces, take: Take, observation: Observation, mask: Mask): Pick<Explanation, 'binding' | 'movedBy' | 'barred'> {
  const taken = take(observation, mask)
  const takenAt = (index: number, value: number): number => {
    const other = observation.slice()
    other[index] = value
    return take(other, mask)
  }
  const binds = (limit: Limit): boolean => {
    const index = monitorIndex(spaces, limit)
    return index >= 0 && !Number.isNaN(observation[index]) && takenAt(index, Number.NaN) !== taken
  }
  const movedBy = spaces.monitors.flatMap((monitor, index) => {
    const seen = observation[index] as number
    const quiet = quietOf(monitor, seen)
    if (Number.isNaN(seen) || quiet === seen) return []
    const insteadOf = takenAt(index, quiet)
    return insteadOf === taken ? [] : [{ monitor: monitor.name, insteadOf }]
  })
  const barred = mask.includes(0) ? take(observation, new Uint8Array(mask.length).fill(1)) : taken
  return { binding: limits.filter(binds), movedBy, ...(barred === taken ? {} : { barred }) }
}

/** What a monitor reads on a board that is left alone; its present value where it tells nothing of that, as requirements and the last latency. */
function quietOf({ name, high }: Monitor, seen: number): number {
  if (/(^|\.)(interference|pressure|queueLength|waitedS)$/.test(name)) return 0
  if (/(^|\.)availableCores$/.test(name)) return high
  return /(^|\.)tempC$/.test(name) ? Math.min(seen, coolC) : seen
}
