import { monitorIndex, type Observation, type Spaces } from '../../src/core/spaces.ts'

/**
 * What an answer does to the request after it: how late the board turns to one that is there already, though the answer before it is out. Whoever sleeps on a core that another keeps busy is woken late, so
 * it is told apart by the cluster that answered. Where the server turns to the next request at once, as in a simulation, it is nothing.
 */
export interface LateStart {
  /** By cluster: seconds that the next request is expected to lose, and the share of requests that miss their deadline for it. */
  readonly seconds: Float64Array
  readonly share: Float64Array
  /**
   * One answer of `cluster` that took `serviceS` of the `durationS` until the next decision. `roomS`: how late the next request may begin and still be in time; infinite without a deadline.
   * No allocation.
   */
  learn(cluster: number, serviceS: number, durationS: number, roomS: number, next: Observation): void
  save(): readonly (readonly number[])[]
}

// What the last answers of a cluster said fades in some twenty decisions, towards what is usual on this board.
const persistence = 0.95
const gain = 0.25
const slow = 0.005
// A stall of the machine counts as so many times the room there was.
const most = 10
// Times are rounded: less than this share of a service is nothing.
const least = 0.01

export function makeLateStart(spaces: Spaces, clusters: number, saved?: readonly (readonly number[])[]): LateStart {
  const waitedAt = monitorIndex(spaces, 'waitedS')
  const seconds = Float64Array.from({ length: clusters }, (_, c) => saved?.[0]?.[c] ?? 0)
  const share = Float64Array.from({ length: clusters }, (_, c) => saved?.[1]?.[c] ?? 0)
  let [answers, usualS, usualShare] = (saved?.[2] ?? [0, 0, 0]) as [number, number, number]

  const lateness = (serviceS: number, durationS: number, next: Observation): number => {
    const waitedS = waitedAt < 0 ? 0 : (next[waitedAt] as number)
    const lateS = Math.min(waitedS, durationS - serviceS)
    return lateS > least * serviceS ? lateS : 0
  }

  return {
    seconds,
    share,
    learn(cluster, serviceS, durationS, roomS, next) {
      const lateS = lateness(serviceS, durationS, next)
      const counted = Math.min(lateS, most * Math.max(serviceS, Number.isFinite(roomS) ? roomS : 0))
      const missed = lateS > Math.max(0, roomS) ? 1 : 0
      answers++
      const weight = Math.max(slow, 1 / answers)
      usualS += weight * (counted - usualS)
      usualShare += weight * (missed - usualShare)
      if (answers === 1) {
        // The first is all that is known of any.
        seconds.fill(counted)
        share.fill(missed)
      }
      for (let c = 0; c < clusters; c++) {
        seconds[c] = usualS + persistence * ((seconds[c] as number) - usualS)
        share[c] = usualShare + persistence * ((share[c] as number) - usualShare)
      }
      seconds[cluster] = (seconds[cluster] as number) + gain * (counted - (seconds[cluster] as number))
      share[cluster] = (share[cluster] as number) + gain * (missed - (share[cluster] as number))
    },
    save: () => [Array.from(seconds), Array.from(share), [answers, usualS, usualShare]],
  }
}
