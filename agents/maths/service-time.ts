/**
 * What an inference took without its wait in a queue, s, from what an agent is told: `latencyS` counts from the request, `durationS` from this decision to the next.
 * Neither is shorter than the service; the latency is the service where the request did not wait, the duration where the next one did, as its turn comes with the
 * answer. Too long only where a request waited and the board idled after it. NaN where nothing was measured.
 */
export const serviceTime = (latencyS: number, durationS: number): number => (durationS < latencyS ? durationS : latencyS)
