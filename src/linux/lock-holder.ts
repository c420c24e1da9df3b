import { fstatSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError } from '../core/errors.ts'
import { listFolder, parseWords, readText } from './files.ts'

/** Who holds a lock, and whether that can be a governor. */
export interface LockHolder {
  /** In words: `process 71 (node, user 1000)`. */
  readonly name: string
  /** 'gone': the process that took it has ended, and one that it started holds it still. 'powerless': it may not write a clock. 'unknown': not visible from here. */
  readonly standing: 'governor' | 'gone' | 'powerless' | 'unknown'
}

/** Who holds a file whole by flock(2). Source: proc_locks(5). */
export function lockHolder(descriptor: number, root: string): LockHolder {
  const pid = pidOf(descriptor)
  if (pid === undefined) return { name: 'a process that cannot be seen from here', standing: 'unknown' }
  const status = readText(`/proc/${pid}/status`)
  if (status === undefined) return { name: `process ${pid}`, standing: exists(pid) ? 'unknown' : 'gone' }
  // A zombie holds nothing: a process that it started does.
  if (/^State:\s*Z/m.test(status)) return { name: `process ${pid}`, standing: 'gone' }
  const user = idsOf(status, 'Uid')[1]
  return {
    name: `process ${pid} (${/^Name:\s*(.*)$/m.exec(status)?.[1] ?? '?'}, user ${user ?? '?'})`,
    standing: mayWriteClocks(status, root) ? 'governor' : 'powerless',
  }
}

function pidOf(descriptor: number): number | undefined {
  const { dev, ino } = fstatSync(descriptor, { bigint: true })
  return parseFlockOwner(readText('/proc/locks') ?? '', { dev, ino })
}

/** Process that holds a file by flock(2), from the text of /proc/locks; undefined where none that is visible does. A line that begins with `->` only waits. */
export function parseFlockOwner(text: string, { dev, ino }: { readonly dev: bigint; readonly ino: bigint }): number | undefined {
  // A device number as stat gives it: 12 bits of major within 20 of minor. Source: gnu_dev_major(3).
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn)
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn)
  const file = `${hex(major)}:${hex(minor)}:${ino}`
  for (const line of text.split('\n')) {
    const [, kind, , mode, pid, where] = parseWords(line.trim())
    if (kind === 'FLOCK' && mode === 'WRITE' && where === file && /^\d{1,10}$/.test(pid ?? '')) return Number(pid)
  }
  return undefined
}

const hex = (number: bigint): string => number.toString(16).padStart(2, '0')

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isSystemError(error, 'EPERM')
  }
}

const idsOf = (status: string, field: string): number[] => parseWords(new RegExp(`^${field}:(.*)$`, 'm').exec(status)?.[1]?.trim()).map(Number)

/** CAP_DAC_OVERRIDE, bit 1. Source: capabilities(7). */
const mayOverride = (status: string): boolean => (Number.parseInt(/^CapEff:\s*[0-9a-f]*([0-9a-f])$/m.exec(status)?.[1] ?? '0', 16) & 2) !== 0

/** By capability, or owner, group and mode of the limits; true where there is none to ask. */
function mayWriteClocks(status: string, root: string): boolean {
  const user = idsOf(status, 'Uid')[1]
  if (user === 0 || mayOverride(status)) return true
  const groups = [idsOf(status, 'Gid')[1], ...idsOf(status, 'Groups')]
  const cpufreq = join(root, 'sys/devices/system/cpu/cpufreq')
  const limits = listFolder(cpufreq, /^policy\d+$/).map((policy) => statSync(join(cpufreq, policy, 'scaling_max_freq'), { throwIfNoEntry: false }))
  return (
    limits.length === 0 ||
    limits.some(
      (limit) =>
        limit !== undefined &&
        ((limit.mode & 0o002) !== 0 ||
          (limit.uid === user && (limit.mode & 0o200) !== 0) ||
          (groups.includes(limit.gid) && (limit.mode & 0o020) !== 0)),
    )
  )
}
