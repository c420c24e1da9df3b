import { join } from 'node:path'
import { nextLine, nextNumber, startsWith } from './bytes.ts'
import { openKept } from './kept-file.ts'

const somePrefix = Buffer.from('some ')
const totalPrefix = Buffer.from('total=')
const cursor = { at: 0 }

/** Pressure on the CPUs: the time in which at least one runnable task waited for a CPU. */
export interface CpuPressure {
  /** Cumulative since boot, s; NaN when it cannot be read. */
  sample(): number
  close(): void
}

/** The `total` of the `some` line, s. NaN when there is none. Source: Documentation/accounting/psi.rst (total in us). */
export function parsePressure(buffer: Uint8Array, end: number): number {
  for (let line = 0; line < end; line = nextLine(buffer, end, line)) {
    if (!startsWith(buffer, end, line, somePrefix)) continue
    for (let at = line; at < end && buffer[at] !== 10; at++) {
      if (!startsWith(buffer, end, at, totalPrefix)) continue
      cursor.at = at
      return nextNumber(buffer, end, cursor) * 1e-6
    }
  }
  return Number.NaN
}

/** Keeps /proc/pressure/cpu open. Undefined on kernels without PSI, or booted with psi=0. */
export function makeCpuPressure(root: string): CpuPressure | undefined {
  const file = openKept(join(root, 'proc/pressure/cpu'), 256)
  if (file === undefined) return undefined
  // With psi=0 the file is there and opening or reading it fails.
  if (file.read() === 0) {
    file.close()
    return undefined
  }
  return { sample: () => parsePressure(file.buffer, file.read()), close: () => file.close() }
}
