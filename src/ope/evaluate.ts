import { makeRng } from '../core/rng.ts'
import { type Blocks, makeBlockCollector, partsOf } from './block-sums.ts'
import { bootstrapEstimate, bootstrapLogged, drawUnits, standardError, type ValueInterval } from './bootstrap.ts'
import { makeWeightCollector, type WeightDiagnostics } from './diagnostics.ts'
import { type Drift, driftOf } from './drift.ts'
import type { Estimator } from './estimator.ts'
import { estimators, type Family, families } from './estimators/index.ts'
import type { RoundColumns } from './rounds.ts'
import { slope } from './slope.ts'
import type { Support } from './support.ts'
import { influences, resamplingUnits, valueOfParts } from './units.ts'
import { type Verdict, verdictOf } from './verdict.ts'

/** The value of a policy on somebody else's log, in reward per decision, with its 95 % interval. */
export interface Estimate extends ValueInterval {
  readonly estimator: string
  readonly hyperparameter?: number
  /** Value less the mean logged reward, paired. */
  readonly difference: ValueInterval
  /** The same over |mean logged reward|. */
  readonly relative: ValueInterval
}

export interface Evaluation {
  readonly rounds: number
  /** Mean reward of the decisions that were logged. */
  readonly logged: ValueInterval
  /** Least and largest logged reward. */
  readonly rewardRange: readonly [number, number]
  readonly estimates: readonly Estimate[]
  readonly diagnostics: WeightDiagnostics
  readonly support: Support
  readonly drift: Drift
  /** Longest autocorrelation time among reward and estimates, in rounds; what was drawn in the bootstrap: how many units, whole runs or blocks, of how many rounds each on average. */
  readonly autocorrelationRounds: number
  readonly resampling: { readonly kind: 'run' | 'block'; readonly units: number; readonly roundsPerUnit: number; readonly draws: number }
  /** Estimator that the verdict is made from. */
  readonly verdictFrom: string
  readonly verdict: Verdict
  /** What else to know before the figures are believed. */
  readonly warnings: readonly string[]
}

export interface EvaluatorOptions {
  readonly hasPropensities: boolean
  readonly hasModel: boolean
  readonly actions: number
  /** Of the bootstrap. Default 999. */
  readonly draws?: number
  /** Of the bootstrap. Default 1. */
  readonly seed?: number
}

export interface Evaluator {
  /** Rounds in the order of time. Nothing is kept of them. */
  add(chunk: RoundColumns): void
  /** The next round is of another run. */
  endRun(): void
  /** Of no rounds, values are NaN and the verdict says why. */
  finish(support: Support): Evaluation
}

/** Values a policy by every estimator that the log has what it needs for, in one pass and in memory that does not grow with the log. */
export function makeEvaluator({ hasPropensities, hasModel, actions, draws = 999, seed = 1 }: EvaluatorOptions): Evaluator {
  const runs = ({ needsWeight, needsModel }: Estimator): boolean => (hasPropensities || !needsWeight) && (hasModel || !needsModel)
  const fixed = estimators.filter(runs)
  const tuned = families.filter(({ members }) => members.every(runs))
  const all = [...fixed, ...tuned.flatMap(({ members }) => members)]
  const collector = makeBlockCollector(all, fixed.length)
  const weights = makeWeightCollector()
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY

  return {
    add(chunk) {
      collector.add(chunk)
      weights.add(chunk)
      for (let i = 0; i < chunk.length; i++) {
        const reward = chunk.reward[i] as number
        if (reward < least) least = reward
        if (reward > most) most = reward
      }
    },
    endRun: () => collector.endRun(),
    finish(support) {
      const { blocks, kind, autocorrelationRounds } = resamplingUnits(collector.blocks(), all)
      const drawn = drawUnits(blocks.count, draws, makeRng(seed))
      const diagnostics = weights.diagnostics()
      // Without a single usable weight there is nothing to tell how far off a figure is.
      const blind = hasPropensities && diagnostics.effectiveSampleSize === 0
      const estimate = (e: number, name: string): Estimate => {
        const { needsWeight, hyperparameter } = all[e] as Estimator
        const { value, difference, relative } = bootstrapEstimate(blocks, partsOf(blocks, all, e), drawn)
        const known = (each: ValueInterval): ValueInterval => (blind && needsWeight ? { ...each, lo: Number.NaN, hi: Number.NaN } : each)
        return {
          estimator: name,
          ...known(value),
          ...(hyperparameter === undefined ? {} : { hyperparameter }),
          difference: known(difference),
          relative: known(relative),
        }
      }
      const estimates = [
        ...fixed.map(({ name }, e) => estimate(e, name)),
        ...tuned.map(({ name }, f) => estimate(bySlope(blocks, all, tuned, fixed.length, f), name)),
      ]
      const spokesman = ['sndr', 'snips', 'dm'].map((name) => estimates.find(({ estimator }) => estimator === name)).find(Boolean) as Estimate
      const logged = bootstrapLogged(blocks, drawn)
      const drift = driftOf(blocks)
      const rewardRange = [least, most] as const
      const { difference, relative } = spokesman
      return {
        rounds: diagnostics.rounds,
        logged,
        rewardRange,
        estimates,
        diagnostics,
        support,
        drift,
        autocorrelationRounds,
        resampling: { kind, units: blocks.count, roundsPerUnit: diagnostics.rounds / blocks.count, draws },
        verdictFrom: spokesman.estimator,
        verdict: verdictOf({ logged: logged.value, difference, relative, diagnostics, support, rewardRange, actions, hasPropensities }),
        warnings: [
          ...driftWarnings(drift),
          ...weightWarnings(blocks, diagnostics),
          ...lengthWarnings(diagnostics.rounds, autocorrelationRounds, kind),
        ],
      }
    },
  }
}

/** Index among all estimators of the family's member that SLOPE chooses, with one standard error for half a width: bias and noise are traded one to one. */
function bySlope(blocks: Blocks, all: readonly Estimator[], tuned: readonly Family[], before: number, f: number): number {
  const from = tuned.slice(0, f).reduce((sum, { members }) => sum + members.length, before)
  const candidates = (tuned[f] as Family).members.map((_, m) => {
    const parts = partsOf(blocks, all, from + m)
    return { value: valueOfParts(blocks, parts), halfWidth: standardError(influences(blocks, parts)) }
  })
  return from + slope(candidates)
}

// Beyond this many standard errors a figure is off by more than chance: 1 in 16,000 logs that are as they should be.
const offAt = 4

function weightWarnings(blocks: Blocks, { meanWeight }: WeightDiagnostics): string[] {
  const { weight, rounds, count } = blocks
  const z = (meanWeight - 1) / standardError(influences(blocks, { direct: new Float64Array(count), terms: weight, normaliser: rounds }))
  if (!(Math.abs(z) > offAt)) return []
  const why = z > 0 ? 'propensities are not true' : "propensities are not true, or some of the policy's choices could not have been logged"
  // Weights that hardly vary, as where no choice was ever tried, have no standard error to speak of.
  const errors = Math.abs(z) < 1e6 ? ` (z = ${z.toFixed(1)})` : ''
  return [`importance weights average ${meanWeight.toFixed(3)} where 1 is expected${errors}: ${why}`]
}

// With fewer, blocks cannot be both long and many: at 50, intervals meant to cover 95 % cover 91 %.
const fewTimes = 50

function lengthWarnings(rounds: number, time: number, kind: 'run' | 'block'): string[] {
  const times = rounds / time
  if (kind === 'run' || !(time > 2 && times < fewTimes)) return []
  return [`the log is ${times.toFixed(0)} autocorrelation times long (${time.toFixed(0)} rounds each): intervals are a little too narrow`]
}

function driftWarnings({ reward, weight }: Drift): string[] {
  const warnings: string[] = []
  if (Math.abs(reward) > offAt)
    warnings.push(
      `the log drifts: its second half earned ${reward > 0 ? 'more' : 'less'} than its first (z = ${reward.toFixed(1)}); the estimates are means over both`,
    )
  if (Math.abs(weight) > offAt)
    warnings.push(
      `the importance weights drift (z = ${weight.toFixed(1)}): their mean is 1 throughout where propensities are true, or the logger came to cover the policy ${weight > 0 ? 'better' : 'worse'}`,
    )
  return warnings
}
