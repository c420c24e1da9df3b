import type { ObjectiveSpec } from '../../core/objective.ts'
import type { EnergyScope, Quality, Requirements } from '../../core/outcome.ts'
import type { OperatingPoint } from '../../core/spaces.ts'

/** Mean over seeds with its 95 % interval; lo and hi are null with one seed. */
export interface Stat {
  readonly mean: number
  readonly lo: number | null
  readonly hi: number | null
}

/**
 * `nothing`: learns (or governs) without having measured anything before. `transferred`: begins with what a checkpoint of another board or network says. `profiled`: begins with one noisy
 * sample of every point. `trained`: begins with a checkpoint. `reference`: knows what no agent can know (oracle, planner, static with hindsight). Never mixed in one ranking.
 */
export type AgentClass = 'nothing' | 'transferred' | 'profiled' | 'trained' | 'reference'

/** Steps from..to, counted from 1, both included; to null: up to the end. */
export interface WindowResult {
  readonly from: number
  readonly to: number | null
  readonly gap: Stat
  readonly missRatio: Stat
}

export interface AgentResult {
  /** As asked on the command line: `q-learning`, `q-learning+profile`, `static`; of a checkpoint `q-learning@runs/first`, when frozen `q-learning@runs/first frozen`, when only its prior is taken over `bayes+transfer@runs/first`. */
  readonly agent: string
  readonly class: AgentClass
  /** Steps of the profile that it began with, which no figure counts; 0: none. */
  readonly profileSteps: number
  /** Mean expected cost a step (over the noise, at the states that the agent led to); `reward` is its negative. */
  readonly cost: Stat
  readonly reward: Stat
  /** Realised, mean per inference, J; null where energy is unknown. */
  readonly energyJ: Stat | null
  /** Realised percentiles of each seed's run; null: too few steps for it. */
  readonly latencyS: { readonly p50: Stat | null; readonly p95: Stat | null; readonly p99: Stat | null }
  /** Realised share of requests that were answered after the deadline, or never. */
  readonly missRatio: Stat
  /** Share of requests that were never answered because the queue was full; they are in no other figure. */
  readonly dropRatio: Stat
  readonly longestMissRun: Stat
  /** Expected top-1 of what answered; null where accuracy is unknown. */
  readonly accuracy: Stat | null
  /** Sum of expected cost over that of the oracle's own run, minus 1: a fraction, never clipped. */
  readonly gap: Stat
  /** Sum of the differences of expected cost to the oracle. */
  readonly regret: Stat
  readonly windows: readonly WindowResult[]
  /** Time of act and learn together, s: the median of each run. */
  readonly decideS: Stat
  /** Cost less that of the best of the same class, paired by seed; null for that best itself and for references. `distinguishable` when the interval leaves out 0. */
  readonly behindBest: (Stat & { readonly distinguishable: boolean }) | null
  /** Expected cost a step, the mean over seeds, in blocks of `CompareResult.blockSteps` (the last may be shorter): for charts. */
  readonly curve: readonly number[]
  /** What to know beside this agent's figures: `learned under another objective`. */
  readonly notes: readonly string[]
}

/** A phase whose requirements no point meets even on the quiet board. */
export interface Infeasible {
  readonly phase: number
  readonly requirements: Requirements
  /** The least-bad point, in words, and what it would give. */
  readonly leastBad: { readonly point: string; readonly latencyS: number; readonly energyJ: number | null; readonly accuracy: number | null }
}

export interface CompareResult {
  /** `sim:odroid-xu4@steady`. */
  readonly env: string
  /** What to know beside every figure: simulated, overlays, where constants are assumed. */
  readonly labels: readonly string[]
  /** With the reference point in its knobs: its index means nothing without the list of points. */
  readonly objective: ObjectiveSpec & { readonly reference: { readonly knobs: OperatingPoint } }
  readonly requirements: readonly Requirements[]
  readonly infeasible: readonly Infeasible[]
  readonly energyQuality: Quality
  readonly energyScope: EnergyScope
  readonly steps: number
  readonly seeds: number
  /** Seeds firstSeed, firstSeed + 1, … */
  readonly firstSeed: number
  readonly points: number
  /** Steps of a block of the curves, so that there are at most 200. */
  readonly blockSteps: number
  /** What every gap is measured against, whether or not the oracle is among `agents`. */
  readonly oracle: { readonly cost: Stat; readonly curve: readonly number[] }
  readonly agents: readonly AgentResult[]
}
