import { monitorIndex, type Observation, type Spaces } from '../../src/core/spaces.ts'

/** How long the request at hand has waited already, which no monitor shows. */
export interface Waiting {
  /** s, as expected at what is seen. No allocation. */
  expectedS(observation: Observation): number
  /** Learns from an answer: what of its latency was service. Answers the service, s. No allocation. */
  learn(observation: Observation, latencyS: number, durationS: number): number
  save(): readonly number[]
}

// Below this share of the latency a wait is rounding.
const least = 1e-4
const memory = 0.9
const classes = 3

/**
 * The next decision comes when the server is free and a request is there, so a service never takes longer than the time between two decisions: service = min(latency, duration),
 * and the rest was waiting. A request that comes to a server that has rested has not waited. Otherwise the wait is believed to be the running mean of those before with as many in the queue.
 */
export function makeWaiting(spaces: Spaces, saved?: readonly number[]): Waiting {
  const at = monitorIndex(spaces, 'queueLength')
  const means = new Float64Array(classes)
  let rested = 1
  if (saved !== undefined) {
    means.set(saved.slice(0, classes))
    rested = saved[classes] as number
  }
  const classOf = (observation: Observation): number => {
    const queued = at < 0 ? 0 : (observation[at] as number)
    return queued >= 2 ? 2 : queued >= 1 ? 1 : 0
  }
  return {
    expectedS: (observation) => (rested === 1 ? 0 : (means[classOf(observation)] as number)),
    learn(observation, latencyS, durationS) {
      const serviceS = durationS > 0 && durationS < latencyS * (1 - least) ? durationS : latencyS
      if (rested === 0) {
        const queued = classOf(observation)
        means[queued] = memory * (means[queued] as number) + (1 - memory) * (latencyS - serviceS)
      }
      rested = durationS > serviceS * (1 + least) ? 1 : 0
      return serviceS
    },
    save: () => [...means, rested],
  }
}
