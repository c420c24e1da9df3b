import { join } from 'node:path'
import { isDigit, nextLine, nextNumber, startsWith } from './bytes.ts'
import { openKept } from './kept-file.ts'

/** Ticks of /proc/stat are in USER_HZ, which is 100 on every architecture Node runs on (man 2 times, proc(5)). */
const ticksPerS = 100
const fields = 8
const cpuPrefix = Buffer.from('cpu')
const cursor = { at: 0 }

/** Cumulative times per CPU since boot. Index is the CPU's number; a CPU that is offline reads NaN. The arrays are reused. */
export interface CpuStat {
  /** user + nice + system + irq + softirq + steal, s. Guest time is already inside user. */
  readonly busyS: Float64Array
  /** Busy + idle + iowait, s. The kernel lets iowait go backwards, so a difference can be slightly negative. */
  readonly totalS: Float64Array
  /** Reads anew; false when /proc/stat could not be read (everything NaN). */
  sample(): boolean
  close(): void
}

/** Per-CPU times from a /proc/stat text of `end` bytes into the two arrays, s; CPUs without a line become NaN. Source: proc(5). */
export function parseStat(buffer: Uint8Array, end: number, busyS: Float64Array, totalS: Float64Array): void {
  busyS.fill(Number.NaN)
  totalS.fill(Number.NaN)
  // The cpu lines come first; the long interrupt line after them may be cut off by the buffer.
  for (let line = 0; line < end && startsWith(buffer, end, line, cpuPrefix); line = nextLine(buffer, end, line)) {
    if (line + 3 >= end || !isDigit(buffer[line + 3] as number)) continue
    cursor.at = line + 3
    const cpu = nextNumber(buffer, end, cursor)
    let busy = 0
    let total = 0
    for (let field = 0; field < fields; field++) {
      const ticks = nextNumber(buffer, end, cursor)
      total += ticks
      if (field !== 3 && field !== 4) busy += ticks
    }
    if (cpu >= busyS.length) continue
    busyS[cpu] = busy / ticksPerS
    totalS[cpu] = total / ticksPerS
  }
}

/** Keeps /proc/stat open. `cpuCount` is the highest CPU number + 1. Undefined without the file. */
export function makeCpuStat(root: string, cpuCount: number): CpuStat | undefined {
  const file = openKept(join(root, 'proc/stat'), 256 + 160 * (cpuCount + 1))
  if (file === undefined) return undefined
  const busyS = new Float64Array(cpuCount).fill(Number.NaN)
  const totalS = new Float64Array(cpuCount).fill(Number.NaN)
  return {
    busyS,
    totalS,
    sample() {
      const end = file.read()
      parseStat(file.buffer, end, busyS, totalS)
      return end > 0
    },
    close: () => file.close(),
  }
}
