import { setFlagsFromString } from 'node:v8'

/**
 * Fits V8 to a process that does the same little thing some thirty times a second: its patience, made for loops, would leave the hot path interpreted for a minute, which is most of what a
 * decision costs with cold caches (bench/overhead, --engine default). For programs of flyball's own; a library leaves the engine to its application. From Node 22 on V8 has no
 * such flag, and prints an error for one that it does not know.
 */
export function tuneEngine(): void {
  if (Number.parseInt(process.versions.v8, 10) < 12) setFlagsFromString('--interrupt-budget=8000')
}
