/** A way to end a run, and what must hold after it. */
export interface Kind {
  readonly name: string
  /** What the preloaded program does (preload.mjs). */
  readonly how: string
  /** How often among twenty points. */
  readonly weight: number
  /** Exit statuses and signals that are in order, beside an end that came before the point was reached. */
  readonly ends: readonly (number | NodeJS.Signals)[]
  readonly args?: readonly string[]
  readonly node?: readonly string[]
  /** What a killed process cannot put back itself: who does. */
  readonly restorer?: 'watchdog' | 'restore'
  /** Where it comes: at a change of a file (default), at a call of the agent, or at an inference. */
  readonly counted?: 'agent' | 'inference'
}

const off = ['--watchdog', 'off']

/** Signals end a run in order, but for one that comes before flyball listens. */
export const kinds: readonly Kind[] = [
  { name: 'SIGINT', how: 'SIGINT', weight: 2, ends: [130, 'SIGINT'] },
  { name: 'SIGTERM', how: 'SIGTERM', weight: 2, ends: [130, 'SIGTERM'] },
  { name: 'SIGHUP', how: 'SIGHUP', weight: 2, ends: [130, 'SIGHUP'] },
  { name: 'SIGKILL, then restore', how: 'SIGKILL', weight: 3, ends: ['SIGKILL'], args: off, restorer: 'restore' },
  { name: 'SIGKILL, watched', how: 'SIGKILL', weight: 2, ends: ['SIGKILL'], restorer: 'watchdog' },
  { name: 'out of heap', how: 'heap', weight: 1, ends: ['SIGABRT', 'SIGTRAP', 134], node: ['--max-old-space-size=150'], restorer: 'watchdog' },
  { name: 'out of memory (cgroup)', how: 'cgroup', weight: 1, ends: ['SIGKILL'], restorer: 'watchdog' },
  { name: 'disk full (tmpfs)', how: 'count', weight: 2, ends: [2, 3, 4, 5] },
  { name: 'disk full (write fails)', how: 'full', weight: 1, ends: [2, 3, 4, 5] },
  { name: 'exception in agent', how: 'agent', weight: 1, ends: [5], counted: 'agent' },
  { name: 'exception in inference', how: 'inference', weight: 1, ends: [5], counted: 'inference' },
  { name: 'agent stuck', how: 'agent-loop', weight: 0.6, ends: [14], args: ['--watchdog', '3s'], restorer: 'watchdog', counted: 'agent' },
  { name: 'inference stuck', how: 'inference-hang', weight: 0.6, ends: [14], args: ['--watchdog', '3s'], restorer: 'watchdog', counted: 'inference' },
  { name: 'stopped', how: 'stop', weight: 0.8, ends: [14], args: ['--watchdog', '3s'], restorer: 'watchdog' },
]

/** Kinds for so many points: each once at least where there are enough points, and by weight. */
export function spread(points: number): Kind[] {
  const total = kinds.reduce((sum, { weight }) => sum + weight, 0)
  const counts = kinds.map(({ weight }) => Math.max(1, Math.floor((weight / total) * points)))
  const all = kinds.flatMap((kind, i) => Array.from({ length: counts[i] as number }, () => kind))
  // What rounding left over goes to the commonest end of all.
  const killed = kinds[3] as Kind
  while (all.length < points) all.push(killed)
  return all.slice(0, points)
}
