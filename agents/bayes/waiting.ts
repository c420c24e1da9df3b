import { monitorIndex, type Observation, type Spaces } from '../../src/core/spaces.ts'

/** How long the request at hand has waited for the server, which is lost of its deadline and no part of its service. */
export interface Waiting {
  /** At what was last read, s. */
  readonly waitedS: number
  /** No allocation. */
  read(observation: Observation): void
  /** What of an answer's latency, s, was service, of the request that `observation` was about. No allocation. */
  serviceS(observation: Observation, latencyS: number): number
}

// A wait is rounded: what is left of a latency is no service below this share of it.
const least = 1e-3

/** Where no monitor says so, nobody waits. */
export function makeWaiting(spaces: Spaces): Waiting {
  const at = monitorIndex(spaces, 'waitedS')
  const waitOf = (observation: Observation): number => {
    const waitedS = at < 0 ? 0 : (observation[at] as number)
    return waitedS > 0 ? waitedS : 0
  }
  let waitedS = 0
  return {
    get waitedS() {
      return waitedS
    },
    read(observation) {
      waitedS = waitOf(observation)
    },
    serviceS: (observation, latencyS) => Math.max(least * latencyS, latencyS - waitOf(observation)),
  }
}
