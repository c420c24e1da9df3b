import { maskSizeB, readAffinityMask } from './affinity.ts'
import { listThreads } from './task.ts'

/** CPUs that the kernel lets this process run on now: online, and left by its cpuset and by whoever set its affinity. */
export interface AllowedCpus {
  /** 1 for a CPU that may be used; index is the CPU's number; reused. */
  readonly flags: Uint8Array
  /** Asks anew, with one system call and no allocation; true when something changed. */
  sample(): boolean
}

/**
 * Asks of a thread that nobody pins: the kernel answers with what hotplug and the cpuset leave of its affinity. `pinned` are the threads that this process places
 * itself. Undefined when there is no other thread. Source: sched_getaffinity(2).
 */
export function makeAllowedCpus(cpuCount: number, pinned: readonly number[]): AllowedCpus | undefined {
  const flags = new Uint8Array(cpuCount).fill(1)
  const held = new Uint8Array(maskSizeB)
  const found = new Uint8Array(maskSizeB)
  const last = Math.min(maskSizeB, (cpuCount + 7) >> 3)
  const choose = (): number => listThreads('/').find((tid) => tid !== process.pid && !pinned.includes(tid)) ?? -1
  let tid = choose()

  const sample = (): boolean => {
    if (!readAffinityMask(tid, found)) {
      // That thread has ended. The engine's own live as long as the process; should none be left, what was known last stays.
      tid = choose()
      if (tid < 0 || !readAffinityMask(tid, found)) return false
    }
    let changed = false
    for (let i = 0; i < last; i++) {
      if (found[i] === held[i]) continue
      held[i] = found[i] as number
      changed = true
    }
    if (changed) for (let cpu = 0; cpu < cpuCount; cpu++) flags[cpu] = ((held[cpu >> 3] as number) >> (cpu & 7)) & 1
    return changed
  }

  if (tid < 0) return undefined
  sample()
  return { flags, sample }
}
