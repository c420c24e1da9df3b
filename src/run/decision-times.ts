import { makeRng } from '../core/rng.ts'
import { type LatencyPercentiles, percentiles } from '../core/statistics.ts'

const phaseNames = ['ahead', 'sense', 'act', 'learn', 'apply', 'total'] as const
/** Times kept of a decision: all but the total. */
const width = phaseNames.length - 1
export type Phase = (typeof phaseNames)[number]

/** The governor's own time per decision, s. `total` is what a request waits for: the sum of the four phases after it has come. `ahead` is what was done before, while nobody waited. */
export type Overhead = Record<Phase, LatencyPercentiles>

export interface PhaseTimes {
  aheadS: number
  senseS: number
  actS: number
  learnS: number
  applyS: number
  changed: boolean
}

/** Latencies of a run and the governor's own times, for percentiles. Allocates only when the room it began with is full, then doubles it. */
export interface DecisionTimes {
  add(latencyS: number, phases: PhaseTimes): void
  /** Over the decisions kept. */
  latencyS(): LatencyPercentiles
  /** Of those in which a knob moved, or of the others. */
  overhead(changed: boolean): Overhead
}

/**
 * Decisions kept, 3.2 MB: half an hour at 30 requests a second. Of a longer run a uniformly random sample of all of its decisions is kept, whose p99 is
 * within a tenth of a percentile rank of that of all, so that a governor that runs for weeks does not grow.
 */
export const mostDecisionsKept = 65_536

export function makeDecisionTimes(capacity: number): DecisionTimes {
  let latencyS = new Float64Array(Math.min(mostDecisionsKept, Math.max(1, capacity)))
  let phases = new Float64Array(latencyS.length * width)
  let changed = new Uint8Array(latencyS.length)
  const rng = makeRng(0)
  let kept = 0
  let seen = 0

  const grow = (): void => {
    const [heldS, heldPhases, heldChanged] = [latencyS, phases, changed]
    const length = Math.min(mostDecisionsKept, 2 * kept)
    latencyS = new Float64Array(length)
    phases = new Float64Array(length * width)
    changed = new Uint8Array(length)
    latencyS.set(heldS)
    phases.set(heldPhases)
    changed.set(heldChanged)
  }

  /** Where the next decision goes; beyond the end: it is not kept. Reservoir sampling (Vitter 1985, algorithm R). */
  const place = (): number => {
    seen++
    if (kept === mostDecisionsKept) return rng.int(seen)
    if (kept === latencyS.length) grow()
    return kept++
  }

  return {
    add(latency, times) {
      const row = place()
      if (row >= kept) return
      latencyS[row] = latency
      const at = row * width
      phases[at] = times.aheadS
      phases[at + 1] = times.senseS
      phases[at + 2] = times.actS
      phases[at + 3] = times.learnS
      phases[at + 4] = times.applyS
      changed[row] = times.changed ? 1 : 0
    },
    latencyS: () => percentiles(latencyS.subarray(0, kept)),
    overhead(wanted) {
      const rows: number[] = []
      for (let i = 0; i < kept; i++) if (changed[i] === (wanted ? 1 : 0)) rows.push(i)
      const of = (i: number, k: number): number => phases[i * width + k] as number
      const phase = (k: number): LatencyPercentiles => percentiles(rows.map((i) => of(i, k)))
      const total = percentiles(rows.map((i) => of(i, 1) + of(i, 2) + of(i, 3) + of(i, 4)))
      return { ahead: phase(0), sense: phase(1), act: phase(2), learn: phase(3), apply: phase(4), total }
    },
  }
}
