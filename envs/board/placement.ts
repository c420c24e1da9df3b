import { FlyballError } from '../../src/core/errors.ts'
import { getAffinity, setAffinity } from '../../src/linux/affinity.ts'
import type { Lanes } from './lanes.ts'
import type { OwnTime } from './own-time.ts'

/**
 * Puts the inference threads on cores, verifies it by reading back, and puts them back at the end. A core that went away in between
 * is no error: the thread goes back to all cores it was allowed, and `onProblem` hears of it.
 */
export interface Placement {
  /** Lane i goes to core i mod n of the first n entries. No system call for a lane that is there already; true when one moved. */
  place(cpus: Int32Array, n: number): boolean
  /**
   * Between requests: a lane that is the governor's own thread may wake on any of its cores, so that a busy one delays no request before it was decided about. The next `place` puts it back, which is
   * no move where its core is the same.
   */
  rest(): void
  /** Shortly before a request: a resting lane is let rest once more, which changes nothing and makes the `place` that follows twice as fast where caches are cold. */
  stir(): void
  /** Between requests, now and then: a thread whose core went away, or that another program moved, is put back by the next `place`. */
  check(): void
  restore(): void
}

/** Any core: the kernel takes those that there are and that the cpuset allows. */
const everyCpu = Array.from({ length: 1024 }, (_, cpu) => cpu)

export function makePlacement(
  lanes: Pick<Lanes, 'count' | 'tids'>,
  own: Pick<OwnTime, 'settle' | 'place'>,
  onProblem: (message: string) => void,
  /** Cores on which lane 0 may wait for a request; fewer than two: it stays where it was put. */
  waitingRoom: readonly number[] = [],
): Placement {
  const original = lanes.tids.map((tid) => getAffinity(tid))
  const placed = new Int32Array(lanes.count).fill(-1)
  let resting = false

  const verified = (tid: number, cpu: number): boolean => {
    const found = getAffinity(tid)
    if (found.length === 1 && found[0] === cpu) return true
    onProblem(`inference thread ${tid} was put on core ${cpu} and is on ${found.join(', ')}: a cpuset or another program moved it`)
    return false
  }

  /** Wherever it may: its first cores, or whatever is left where all of these went away too. */
  const letGo = (lane: number): void => {
    for (const cpus of [original[lane] as number[], everyCpu])
      try {
        setAffinity(lanes.tids[lane] as number, cpus)
        return
      } catch {
        // The kernel has put it where it can run; the next look tells where.
      }
  }

  const move = (lane: number, cpu: number): void => {
    const tid = lanes.tids[lane] as number
    try {
      setAffinity(tid, [cpu])
      placed[lane] = verified(tid, cpu) ? cpu : -1
    } catch (error) {
      if (!(error instanceof FlyballError)) throw error
      onProblem(error.message)
      letGo(lane)
      placed[lane] = -1
    }
    own.place(lane, placed[lane] as number)
  }

  /** Back to the core that it had, which was verified then. */
  const wake = (cpu: number): void => {
    resting = false
    if (placed[0] !== cpu) return
    try {
      setAffinity(lanes.tids[0] as number, [cpu])
    } catch {
      // The core is gone: moving there says so.
      placed[0] = -1
    }
  }

  return {
    place(cpus, n) {
      let moved = false
      if (resting) wake(cpus[0] as number)
      for (let lane = 0; lane < lanes.count; lane++) {
        const cpu = cpus[lane % n] as number
        if (placed[lane] === cpu) continue
        if (!moved) own.settle()
        move(lane, cpu)
        moved = true
      }
      return moved
    },
    rest() {
      if (resting || (placed[0] as number) < 0 || waitingRoom.length < 2) return
      try {
        setAffinity(lanes.tids[0] as number, waitingRoom)
        resting = true
      } catch {
        // It waits where it is.
      }
    },
    stir() {
      if (!resting) return
      try {
        setAffinity(lanes.tids[0] as number, waitingRoom)
      } catch {
        // All of these cores are gone: the next place finds out.
      }
    },
    check() {
      for (let lane = 0; lane < lanes.count; lane++) {
        const cpu = placed[lane] as number
        if (cpu < 0 || (lane === 0 && resting)) continue
        try {
          const found = getAffinity(lanes.tids[lane] as number)
          if (found.length === 1 && found[0] === cpu) continue
        } catch {
          // A thread that has ended is found by the next inference.
        }
        own.settle()
        placed[lane] = -1
        own.place(lane, -1)
      }
    },
    restore() {
      for (let lane = 0; lane < lanes.count; lane++) {
        try {
          setAffinity(lanes.tids[lane] as number, original[lane] as number[])
        } catch {
          // The thread has ended, and its placement with it.
        }
      }
    },
  }
}
