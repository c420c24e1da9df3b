import type { ScenarioReference } from './phases.ts'
import { isThere } from './phases.ts'
import type { Scenario, ScenarioEvent } from './schema.ts'

/**
 * The events with the air of this board: where a scenario says how much headroom its air leaves the board that it was stated for, the air of another one is as much further from the resting
 * temperature as it takes to leave that one the same. As stated where nobody knows how a board warms.
 */
export function eventsHere({ events, statedFor, ambientTempC }: Scenario, reference: ScenarioReference): readonly ScenarioEvent[] {
  if (statedFor?.air === undefined || reference.airTempC === undefined || isThere(statedFor, reference)) return events
  const { tempC, headroom } = statedFor.air
  const stretch = Math.max(0, (reference.airTempC(headroom) - ambientTempC) / (tempC - ambientTempC))
  const here = (airC: number): number => ambientTempC + stretch * (airC - ambientTempC)
  return events.map((event) =>
    event.kind === 'ambient'
      ? { ...event, tempC: here(event.tempC), ...(event.toTempC === undefined ? {} : { toTempC: here(event.toTempC) }) }
      : event,
  )
}
