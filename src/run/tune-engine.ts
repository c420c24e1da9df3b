import { setFlagsFromString } from 'node:v8'

/**
 * Fits V8 to a process that does the same little thing some thirty times a second. At that pace its own patience, made for loops, keeps the hot path interpreted for a minute or more, and interpreted code
 * is the greater part of what a decision costs with cold caches (bench/overhead, --engine default): hot functions are compiled eight times sooner. For programs of flyball's own; a library leaves the engine to its application. Node 20's
 * V8 has this flag; from Node 22 on it compiles by counts of calls, prints an error on standard error for a flag that it does not know, and is left as it is.
 */
export function tuneEngine(): void {
  if (Number.parseInt(process.versions.v8, 10) < 12) setFlagsFromString('--interrupt-budget=8000')
}
