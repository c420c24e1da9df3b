import { join } from 'node:path'
import { isDigit, nextNumber } from './bytes.ts'
import { parseCpuList } from './cpulist.ts'
import { readText } from './files.ts'
import { openKept } from './kept-file.ts'

/** `online`, `possible` or `present` CPUs; undefined when the file is absent or malformed. */
export function readCpuList(root: string, name: 'online' | 'possible' | 'present'): number[] | undefined {
  const text = readText(join(root, 'sys/devices/system/cpu', name))
  if (text === undefined) return undefined
  try {
    return parseCpuList(text)
  } catch {
    return undefined
  }
}

const cursor = { at: 0 }

/** Which CPUs are online now. */
export interface OnlineCpus {
  /** 1 for an online CPU; index is the CPU's number; reused. */
  readonly flags: Uint8Array
  /** Reads anew; false when the file could not be read (flags keep their last values). */
  sample(): boolean
  close(): void
}

/** Flags from the bytes of a CPU list. */
export function parseCpuFlags(buffer: Uint8Array, end: number, flags: Uint8Array): void {
  flags.fill(0)
  cursor.at = 0
  for (let at = 0; at < end && isDigit(buffer[at] as number); at = cursor.at + 1) {
    cursor.at = at
    // After a dash a plain scan reads a negative number, and counting up from one too large for steps of 1 never ends.
    const from = Math.abs(nextNumber(buffer, end, cursor))
    let to = from
    if (cursor.at < end && buffer[cursor.at] === 45) {
      cursor.at++
      // A plain scan would read '-3' as a negative number.
      to = Math.abs(nextNumber(buffer, end, cursor))
    }
    for (let cpu = from; cpu <= to && cpu < flags.length; cpu++) flags[cpu] = 1
  }
}

/** Keeps /sys/devices/system/cpu/online open; `cpuCount` is the highest CPU number + 1. Undefined without the file. */
export function makeOnlineCpus(root: string, cpuCount: number): OnlineCpus | undefined {
  const file = openKept(join(root, 'sys/devices/system/cpu/online'), 1024)
  if (file === undefined) return undefined
  const flags = new Uint8Array(cpuCount)
  const sample = () => {
    const end = file.read()
    if (end > 0) parseCpuFlags(file.buffer, end, flags)
    return end > 0
  }
  sample()
  return { flags, sample, close: () => file.close() }
}
