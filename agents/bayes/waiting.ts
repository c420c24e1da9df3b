import { monitorIndex, type Observation, type Spaces } from '../../src/core/spaces.ts'

/** How long the request at hand has waited already, which no monitor shows. */
export interface Waiting {
  /** Expected wait and its standard deviation, s, at what was last read. */
  readonly meanS: number
  readonly deviationS: number
  /** Variance of the logarithm of the service that was last learned: 0 where it is known. */
  readonly doubt: number
  /** No allocation. */
  read(observation: Observation): void
  /** Learns from an answer: what of its latency was service, which was foreseen to be `foreseenS`. Answers the service, s. No allocation. */
  learn(observation: Observation, latencyS: number, durationS: number, foreseenS: number): number
  save(): readonly number[]
}

// Below this share of the latency a wait is rounding.
const least = 1e-4
// A time between two decisions this much longer than the service that was foreseen has rest in it.
const restFrom = 1.3
const uniformDeviation = 1 / Math.sqrt(12)

/**
 * The next decision comes when the server is free and a request is there, so the time between two decisions is service and, at times, rest. Where there was none, what a latency has beyond it was waiting; where there was, after a
 * request that may have waited, the service is latency less expected wait, and doubtful. From the last answer, whose service took S after a wait W, follows when the request at hand came:
 *
 *     the server has rested since        it has not waited
 *     nobody has ever waited             nor has this one: requests come one by one
 *     it was in the queue then           it came while the last one waited: its wait lies in [S, S + W]
 *     else                               it came during the service, as the first of it and the q now in the queue: S (q + 1) / (q + 2) of [0, S]
 */
export function makeWaiting(spaces: Spaces, saved: readonly number[] = [0, 0, 0, 1, 0]): Waiting {
  const at = monitorIndex(spaces, 'queueLength')
  let [serviceS, waitedS, queued, rested, open] = saved as [number, number, number, number, number]
  let meanS = 0
  let deviationS = 0
  let doubt = 0
  const lengthOf = (observation: Observation): number => {
    const length = at < 0 ? 0 : (observation[at] as number)
    return length > 0 ? length : 0
  }
  return {
    get meanS() {
      return meanS
    },
    get deviationS() {
      return deviationS
    },
    get doubt() {
      return doubt
    },
    read(observation) {
      meanS = 0
      deviationS = 0
      if (rested === 1 || open === 0) return
      if (queued > 0) {
        meanS = serviceS + waitedS / 2
        deviationS = waitedS * uniformDeviation
      } else {
        const behind = lengthOf(observation)
        meanS = (serviceS * (behind + 1)) / (behind + 2)
        deviationS = serviceS * uniformDeviation
      }
    },
    learn(observation, latencyS, durationS, foreseenS) {
      const within = durationS < latencyS * (1 - least)
      if (within) open = 1
      doubt = 0
      const mayHaveWaited = rested === 0 && open === 1
      const longest = Math.min(latencyS, durationS > 0 ? durationS : latencyS)
      if (mayHaveWaited && durationS > restFrom * foreseenS) {
        this.read(observation)
        serviceS = Math.min(longest, Math.max(latencyS - meanS, latencyS / 10))
        doubt = (deviationS / serviceS) ** 2
        rested = 1
      } else {
        serviceS = within || mayHaveWaited ? longest : latencyS
        rested = durationS > serviceS * (1 + least) ? 1 : 0
      }
      waitedS = latencyS - serviceS
      queued = lengthOf(observation)
      return serviceS
    },
    save: () => [serviceS, waitedS, queued, rested, open],
  }
}
