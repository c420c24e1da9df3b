import { isSystemError } from '../core/errors.ts'
import { readText } from './files.ts'

/** A process that no later one can be taken for: process ids are used again, start times within a boot are not. */
export interface ProcessIdentity {
  readonly pid: number
  /** Field 22 of /proc/PID/stat: clock ticks since boot, as text; '0' where there is no /proc. */
  readonly startTime: string
}

/** Start time from the text of /proc/PID/stat. Undefined for a torn text. Source: proc(5). */
export function parseStartTime(text: string): string | undefined {
  const close = text.lastIndexOf(')')
  const field = close < 0 ? undefined : text.slice(close + 2).split(' ')[19]
  return field !== undefined && /^\d+$/.test(field) ? field : undefined
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTime: startTimeOf(process.pid) ?? '0' }
}

/** Whether that very process still runs. */
export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  if (pid === 0) return false
  const text = readText(`/proc/${pid}/stat`)
  if (text !== undefined) return livingStartTime(text) === startTime
  try {
    process.kill(pid, 0)
    return readText('/proc/self/stat') === undefined
  } catch (error) {
    // Another user's, which /proc hides (hidepid): one that has ended is ESRCH.
    return isSystemError(error, 'EPERM')
  }
}

/** Changes with every boot; '' where the kernel does not say. */
export function readBootId(): string {
  return readText('/proc/sys/kernel/random/boot_id') ?? ''
}

function startTimeOf(pid: number): string | undefined {
  const text = readText(`/proc/${pid}/stat`)
  return text === undefined ? undefined : livingStartTime(text)
}

/** A zombie holds nothing any more: it only waits for its parent. */
const livingStartTime = (text: string): string | undefined => (/\) Z /.test(text) ? undefined : parseStartTime(text))
