import type { CostTerms } from '../core/objective.ts'
import type { EnergyScope, Outcome, Quality } from '../core/outcome.ts'
import { type LatencyPercentiles, percentiles } from '../core/statistics.ts'

const phaseNames = ['sense', 'act', 'learn', 'apply', 'total'] as const
export type Phase = (typeof phaseNames)[number]

/** The governor's own time per decision, s. `total` is the sum of the four phases of a decision. */
export type Overhead = Record<Phase, LatencyPercentiles>

/** What a run was like. Means are per decision. */
export interface RunSummary {
  steps: number
  cost: number
  reward: number
  costTerms: Omit<CostTerms, 'total'>
  latencyS: LatencyPercentiles
  /** Mean of those decisions whose energy is known; null when none is. */
  energyJ: number | null
  energyQuality: Quality | 'mixed'
  energyScope: EnergyScope
  accuracy: number
  /** Share of decisions that missed the deadline. */
  missRatio: number
  /** Share of decisions that a smaller sub-network than the chosen one answered (anytime inference). */
  earlyRatio: number
  overheadS: { unchanged: Overhead; changed: Overhead }
}

/** Adds up a run, decision by decision; allocates only when the room it began with is full, then doubles it. */
export interface Tally {
  /** `early`: a smaller sub-network than the chosen one answered. Default false. */
  add(outcome: Outcome, terms: CostTerms, phases: PhaseTimes, early?: boolean): void
  readonly steps: number
  readonly meanCost: number
  summary(energyScope: EnergyScope): RunSummary
}

export interface PhaseTimes {
  senseS: number
  actS: number
  learnS: number
  applyS: number
  changed: boolean
}

export function makeTally(capacity: number): Tally {
  let latencyS = new Float64Array(Math.max(1, capacity))
  let phases = new Float64Array(latencyS.length * 4)
  let changed = new Uint8Array(latencyS.length)
  const sums: CostTerms = { latency: 0, energy: 0, accuracy: 0, confidence: 0, violation: 0, total: 0 }
  const seen = { measured: 0, estimated: 0, absent: 0 }
  let n = 0
  let energyJ = 0
  let accuracy = 0
  let misses = 0
  let earlies = 0

  const overhead = (wanted: number): Overhead => {
    const rows: number[] = []
    for (let i = 0; i < n; i++) if (changed[i] === wanted) rows.push(i)
    const phase = (k: number): LatencyPercentiles => percentiles(rows.map((i) => phases[i * 4 + k] as number))
    const total = percentiles(
      rows.map((i) => (phases[i * 4] as number) + (phases[i * 4 + 1] as number) + (phases[i * 4 + 2] as number) + (phases[i * 4 + 3] as number)),
    )
    return { sense: phase(0), act: phase(1), learn: phase(2), apply: phase(3), total }
  }

  const grow = (): void => {
    const [heldS, heldPhases, heldChanged] = [latencyS, phases, changed]
    latencyS = new Float64Array(2 * n)
    phases = new Float64Array(8 * n)
    changed = new Uint8Array(2 * n)
    latencyS.set(heldS)
    phases.set(heldPhases)
    changed.set(heldChanged)
  }

  return {
    get steps() {
      return n
    },
    get meanCost() {
      return sums.total / n
    },
    add(outcome, terms, times, early = false) {
      if (n === latencyS.length) grow()
      latencyS[n] = outcome.latencyS
      phases[n * 4] = times.senseS
      phases[n * 4 + 1] = times.actS
      phases[n * 4 + 2] = times.learnS
      phases[n * 4 + 3] = times.applyS
      changed[n] = times.changed ? 1 : 0
      sums.latency += terms.latency
      sums.energy += terms.energy
      sums.accuracy += terms.accuracy
      sums.confidence += terms.confidence
      sums.violation += terms.violation
      sums.total += terms.total
      seen[outcome.energyQuality]++
      if (outcome.energyQuality !== 'absent') energyJ += outcome.energyJ
      accuracy += outcome.accuracy
      if (!outcome.deadlineMet) misses++
      if (early) earlies++
      n++
    },
    summary(energyScope) {
      const known = n - seen.absent
      const kinds = (['measured', 'estimated', 'absent'] as const).filter((quality) => seen[quality] > 0)
      const { latency, energy, accuracy: accuracyTerm, confidence, violation } = sums
      return {
        steps: n,
        cost: sums.total / n,
        reward: -sums.total / n,
        costTerms: { latency: latency / n, energy: energy / n, accuracy: accuracyTerm / n, confidence: confidence / n, violation: violation / n },
        latencyS: percentiles(latencyS.subarray(0, n)),
        energyJ: known === 0 ? null : energyJ / known,
        energyQuality: kinds.length > 1 ? 'mixed' : (kinds[0] ?? 'absent'),
        energyScope,
        accuracy: accuracy / n,
        missRatio: misses / n,
        earlyRatio: earlies / n,
        overheadS: { unchanged: overhead(0), changed: overhead(1) },
      }
    },
  }
}
