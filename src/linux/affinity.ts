import { FlyballError } from '../core/errors.ts'
import { loadLibc } from './libc.ts'

/** Thread placement and thread CPU time: system calls that Node does not offer. Sources: sched_setaffinity(2), gettid(2), clock_gettime(2). */

/** Of 8192 CPUs, as many as any kernel is built for. */
export const maskSizeB = 1024
const clockThreadCpuTime = 3
const errnoNames: Record<number, string> = {
  1: 'EPERM: not a thread of this user',
  3: 'ESRCH: no such thread',
  22: 'EINVAL: none of these CPUs is online and allowed to this process',
}

interface Libc {
  gettid(): number
  getAffinity(tid: number, sizeB: number, mask: Uint8Array): number
  setAffinity(tid: number, sizeB: number, mask: Uint8Array): number
  clockGettime(clock: number, timespec: Int32Array): number
  errno(): number
}

let loaded: Libc | undefined

function libc(): Libc {
  loaded ??= load()
  return loaded
}

function load(): Libc {
  if (process.platform !== 'linux')
    throw new FlyballError('ERR_AFFINITY', `threads can be placed on cores on Linux only, this is ${process.platform}; run without core knobs`)
  try {
    const { koffi, library } = loadLibc()
    return {
      gettid: library.func('int gettid()'),
      getAffinity: library.func('int sched_getaffinity(int pid, size_t size, void *mask)'),
      setAffinity: library.func('int sched_setaffinity(int pid, size_t size, void *mask)'),
      clockGettime: library.func('int clock_gettime(int clock, void *timespec)'),
      errno: () => koffi.errno(),
    }
  } catch (error) {
    throw new FlyballError('ERR_AFFINITY', `threads cannot be placed on cores: the C library did not load (${(error as Error).message})`, {
      cause: error,
    })
  }
}

const mask = new Uint8Array(maskSizeB)
// A timespec is two C longs; their low halves hold 68 years of seconds and all nanoseconds.
const timespec = new Int32Array(4)
const nanoseconds = ['arm', 'ia32', 'mips', 'mipsel'].includes(process.arch) ? 1 : 2

/** Kernel id of the calling thread: what /proc/self/task lists. Throws ERR_AFFINITY. */
export function gettid(): number {
  return libc().gettid()
}

/**
 * Lets thread `tid` (0: the calling one) run on these CPUs only. The kernel silently intersects them with the process's cpuset: read back with getAffinity.
 * Threads that it starts later inherit the set. Throws ERR_AFFINITY, also when none of the CPUs is allowed.
 */
export function setAffinity(tid: number, cpus: readonly number[]): void {
  mask.fill(0)
  for (const cpu of cpus) {
    if (!Number.isInteger(cpu) || cpu < 0 || cpu >= maskSizeB * 8) throw new FlyballError('ERR_AFFINITY', `'${cpu}' is no CPU number`)
    const byte = cpu >> 3
    mask[byte] = (mask[byte] as number) | (1 << (cpu & 7))
  }
  if (libc().setAffinity(tid, maskSizeB, mask) === 0) return
  throw new FlyballError('ERR_AFFINITY', `thread ${tid || 'of the caller'} could not be placed on CPUs [${cpus.join(', ')}]: ${reason()}`)
}

/** CPUs on which thread `tid` (0: the calling one) may run, ascending. Throws ERR_AFFINITY. */
export function getAffinity(tid: number): number[] {
  mask.fill(0)
  if (libc().getAffinity(tid, maskSizeB, mask) < 0)
    throw new FlyballError('ERR_AFFINITY', `the CPUs of thread ${tid || 'of the caller'} could not be read: ${reason()}`)
  const cpus: number[] = []
  for (let cpu = 0; cpu < maskSizeB * 8; cpu++) if (((mask[cpu >> 3] as number) >> (cpu & 7)) & 1) cpus.push(cpu)
  return cpus
}

/** Reads on which CPUs thread `tid` may run now into a mask of `maskSizeB` bytes, bit by bit from the lowest; false when the thread has ended. No allocation. Throws ERR_AFFINITY where the C library cannot be called. */
export function readAffinityMask(tid: number, into: Uint8Array): boolean {
  return libc().getAffinity(tid, maskSizeB, into) >= 0
}

/** CPU time of the calling thread, s; no allocation. Throws ERR_AFFINITY where the C library cannot be called. */
export function threadCpuTimeS(): number {
  if (libc().clockGettime(clockThreadCpuTime, timespec) !== 0) return Number.NaN
  return (timespec[0] as number) + (timespec[nanoseconds] as number) * 1e-9
}

function reason(): string {
  const errno = libc().errno()
  return errnoNames[errno] ?? `error ${errno} of the system`
}
