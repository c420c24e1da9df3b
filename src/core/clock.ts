/** The one source of time. Monotonic seconds for measuring, wall time for labels only. */
export interface Clock {
  /** Monotonic time, s. */
  now(): number
  /** Wall time, ISO 8601. */
  wall(): string
  /** Resolves at the given monotonic time, s; at once when it has passed. `shortly` is called once on the way, just before; not in a wait of a millisecond or two. */
  sleepUntil(timeS: number, shortly?: () => void): Promise<void>
}

// A timer of Node fires up to a millisecond late; the rest of a wait is slept on a futex, which is late by some 60 us.
const timerSlackS = 0.0015
// As much as the futex is late and a governor's look takes. What is left is not slept: a core that has idled for a millisecond is as cold as one that has for thirty.
const leadMs = 0.15
const futex = new Int32Array(new SharedArrayBuffer(4))

export const systemClock: Clock = {
  now: () => performance.now() / 1000,
  wall: () => new Date().toISOString(),
  async sleepUntil(timeS, shortly) {
    const coarseS = timeS - performance.now() / 1000 - timerSlackS
    if (coarseS > 0) await new Promise((resolve) => setTimeout(resolve, coarseS * 1000))
    const foresees = shortly !== undefined && coarseS > 0
    const restMs = timeS * 1000 - performance.now() - (foresees ? leadMs : 0)
    if (restMs > 0) Atomics.wait(futex, 0, 0, restMs)
    if (!foresees || performance.now() >= timeS * 1000) return
    shortly()
    while (performance.now() < timeS * 1000);
  },
}
