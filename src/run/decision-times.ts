import { makeRng } from '../core/rng.ts'
import { type LatencyPercentiles, percentiles } from '../core/statistics.ts'

const phaseNames = ['sense', 'act', 'learn', 'apply', 'total'] as const
export type Phase = (typeof phaseNames)[number]

/** The governor's own time per decision, s. `total` is the sum of the four phases of a decision. */
export type Overhead = Record<Phase, LatencyPercentiles>

export interface PhaseTimes {
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
 * Decisions kept, 2.6 MB: half an hour at 30 requests a second. Of a longer run a uniformly random sample of all of its decisions is kept, whose p99 is
 * within a tenth of a percentile rank of that of all, so that a governor that runs for weeks does not grow.
 */
export const mostDecisionsKept = 65_536

export function makeDecisionTimes(capacity: number): DecisionTimes {
  let latencyS = new Float64Array(Math.min(mostDecisionsKept, Math.max(1, capacity)))
  let phases = new Float64Array(latencyS.length * 4)
  let changed = new Uint8Array(latencyS.length)
  const rng = makeRng(0)
  let kept = 0
  let seen = 0

  const grow = (): void => {
    const [heldS, heldPhases, heldChanged] = [latencyS, phases, changed]
    const length = Math.min(mostDecisionsKept, 2 * kept)
    latencyS = new Float64Array(length)
    phases = new Float64Array(4 * length)
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
      phases[row * 4] = times.senseS
      phases[row * 4 + 1] = times.actS
      phases[row * 4 + 2] = times.learnS
      phases[row * 4 + 3] = times.applyS
      changed[row] = times.changed ? 1 : 0
    },
    latencyS: () => percentiles(latencyS.subarray(0, kept)),
    overhead(wanted) {
      const rows: number[] = []
      for (let i = 0; i < kept; i++) if (changed[i] === (wanted ? 1 : 0)) rows.push(i)
      const phase = (k: number): LatencyPercentiles => percentiles(rows.map((i) => phases[i * 4 + k] as number))
      const total = percentiles(
        rows.map((i) => (phases[i * 4] as number) + (phases[i * 4 + 1] as number) + (phases[i * 4 + 2] as number) + (phases[i * 4 + 3] as number)),
      )
      return { sense: phase(0), act: phase(1), learn: phase(2), apply: phase(3), total }
    },
  }
}
