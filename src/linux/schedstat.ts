import { join } from 'node:path'
import { nextNumber } from './bytes.ts'
import { openKept } from './kept-file.ts'

const cursor = { at: 0 }

/** CPU time of one thread of this process, cumulative. */
export interface ThreadTimes {
  readonly tid: number
  /** On a CPU, s; NaN before the first sample and after the thread has ended. */
  readonly runS: number
  /** Runnable but waiting for a CPU, s. */
  readonly waitS: number
  /** Reads anew; false when the thread has ended. */
  sample(): boolean
  close(): void
}

/** Keeps /proc/self/task/TID/schedstat open (`run_ns wait_ns slices`; Documentation/scheduler/sched-stats.rst). Undefined without it. */
export function makeThreadTimes(root: string, tid: number): ThreadTimes | undefined {
  const file = openKept(join(root, 'proc/self/task', String(tid), 'schedstat'))
  if (file === undefined) return undefined
  const times = {
    tid,
    runS: Number.NaN,
    waitS: Number.NaN,
    sample() {
      const end = file.read()
      cursor.at = 0
      times.runS = nextNumber(file.buffer, end, cursor) * 1e-9
      times.waitS = nextNumber(file.buffer, end, cursor) * 1e-9
      return end > 0
    },
    close: () => file.close(),
  }
  return times
}
