import type { CostTerms } from '../core/objective.ts'
import type { EnergyScope, Outcome, Quality } from '../core/outcome.ts'
import type { LatencyPercentiles } from '../core/statistics.ts'
import { makeDecisionTimes, type Overhead, type PhaseTimes } from './decision-times.ts'

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

/** Adds up a run, decision by decision, in bounded room however long it is. */
export interface Tally {
  /** `early`: a smaller sub-network than the chosen one answered. Default false. */
  add(outcome: Outcome, terms: CostTerms, phases: PhaseTimes, early?: boolean): void
  readonly steps: number
  readonly meanCost: number
  summary(energyScope: EnergyScope): RunSummary
}

/** `capacity`: decisions to make room for at once. */
export function makeTally(capacity: number): Tally {
  const times = makeDecisionTimes(capacity)
  const sums: CostTerms = { latency: 0, energy: 0, accuracy: 0, confidence: 0, violation: 0, total: 0 }
  const seen = { measured: 0, estimated: 0, absent: 0 }
  let n = 0
  let energyJ = 0
  let accuracy = 0
  let misses = 0
  let earlies = 0

  return {
    get steps() {
      return n
    },
    get meanCost() {
      return sums.total / n
    },
    add(outcome, terms, phases, early = false) {
      times.add(outcome.latencyS, phases)
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
        latencyS: times.latencyS(),
        energyJ: known === 0 ? null : energyJ / known,
        energyQuality: kinds.length > 1 ? 'mixed' : (kinds[0] ?? 'absent'),
        energyScope,
        accuracy: accuracy / n,
        missRatio: misses / n,
        earlyRatio: earlies / n,
        overheadS: { unchanged: times.overhead(false), changed: times.overhead(true) },
      }
    },
  }
}
