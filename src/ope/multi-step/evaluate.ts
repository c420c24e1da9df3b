import { makeRng } from '../../core/rng.ts'
import { makeBlockCollector, partsOf } from '../block-sums.ts'
import { bootstrapEstimate, bootstrapLogged, drawUnits, type ValueInterval } from '../bootstrap.ts'
import type { Estimator } from '../estimator.ts'
import type { Estimate, Evaluation } from '../evaluate.ts'
import { makeRoundColumns } from '../rounds.ts'
import type { Support } from '../support.ts'
import { resamplingUnits } from '../units.ts'
import { type Verdict, verdictOf } from '../verdict.ts'
import { doublyRobust } from './doubly-robust.ts'
import { checkHorizon } from './fitted-q.ts'
import { perDecisionIps } from './per-decision-ips.ts'
import type { Trajectory } from './trajectory.ts'

/** The value of a policy over stretches of a log, on the states that it would have come to itself from where each begins; in reward per decision. */
export interface MultiStepEvaluation {
  readonly horizon: number
  readonly trajectories: number
  /** Mean reward of the decisions of the stretches, as logged. */
  readonly logged: ValueInterval
  /** `per-decision-ips`, `multi-step-dr` and `fitted-q`, the last without propensities: its interval does not know how wrong the model is. */
  readonly estimates: readonly Estimate[]
  /** Of the products of weights up to the first, second … decision: effective number of stretches (Kish), largest, and mean, which is 1 where propensities are true and the support is there. */
  readonly effectiveSampleSize: readonly number[]
  readonly largestWeight: readonly number[]
  readonly meanWeight: readonly number[]
  /** What the bootstrap drew: `roundsPerUnit` counts trajectories. */
  readonly resampling: Evaluation['resampling']
  readonly verdictFrom: string
  readonly verdict: Verdict
}

export interface MultiStepOptions {
  readonly horizon: number
  readonly actions: number
  /** Default true. Without, `fitted-q` alone is there. */
  readonly hasPropensities?: boolean
  /** Of the bootstrap. Default 999. */
  readonly draws?: number
  /** Of the bootstrap. Default 1. */
  readonly seed?: number
}

export interface MultiStepEvaluator {
  /** A stretch of `horizon` decisions, in the order of time; nothing is kept of it. */
  add(trajectory: Trajectory): void
  /** The next stretch is of another run. */
  endRun(): void
  finish(support: Support): MultiStepEvaluation
}

const chunkStretches = 256

/** Intervals by the bootstrap over stretches: blocks of them where neighbours hang together, whole runs where there are several. */
export function makeMultiStepEvaluator({ horizon, actions, hasPropensities = true, draws = 999, seed = 1 }: MultiStepOptions): MultiStepEvaluator {
  checkHorizon(horizon)
  const chunk = makeRoundColumns(chunkStretches)
  const values = [new Float64Array(chunkStretches), new Float64Array(chunkStretches)] as const
  const all: readonly Estimator[] = [
    { name: 'per-decision-ips', needsWeight: true, needsModel: false, per: 'round', terms: copyOf(values[0]) },
    { name: 'multi-step-dr', needsWeight: true, needsModel: false, per: 'round', terms: copyOf(values[1]) },
    { name: 'fitted-q', needsWeight: false, needsModel: true, per: 'round', terms: (_, from, to, out) => out.fill(0, 0, to - from) },
  ]
  const estimators = all.filter(({ needsWeight }) => hasPropensities || !needsWeight)
  const spokesman = hasPropensities ? 1 : 0
  const collector = makeBlockCollector(estimators)
  const sums = { weight: new Float64Array(horizon), squares: new Float64Array(horizon), largest: new Float64Array(horizon) }
  let trajectories = 0
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  const flush = (): void => {
    collector.add(chunk)
    chunk.length = 0
  }

  return {
    add(trajectory) {
      const { reward, weight, modelTarget } = trajectory
      const i = chunk.length++
      trajectories++
      let product = 1
      let sum = 0
      for (let t = 0; t < horizon; t++) {
        product *= weight[t] as number
        sums.weight[t] = (sums.weight[t] as number) + product
        sums.squares[t] = (sums.squares[t] as number) + product * product
        sums.largest[t] = Math.max(sums.largest[t] as number, product)
        sum += reward[t] as number
      }
      chunk.reward[i] = sum / horizon
      chunk.weight[i] = product
      chunk.modelLogged[i] = Number.NaN
      chunk.modelTarget[i] = (modelTarget[0] as number) / horizon
      values[0][i] = perDecisionIps(trajectory) / horizon
      values[1][i] = doublyRobust(trajectory) / horizon
      least = Math.min(least, sum / horizon)
      most = Math.max(most, sum / horizon)
      if (chunk.length === chunkStretches) flush()
    },
    endRun() {
      flush()
      collector.endRun()
    },
    finish(support) {
      flush()
      const { blocks, kind } = resamplingUnits(collector.blocks(), estimators)
      const drawn = drawUnits(blocks.count, draws, makeRng(seed))
      const effectiveSampleSize = Array.from(sums.weight, (sum, t) => (sum === 0 ? 0 : sum ** 2 / (sums.squares[t] as number)))
      const blind = hasPropensities && effectiveSampleSize.at(-1) === 0
      const estimates = estimators.map(({ name, needsWeight }, e): Estimate => {
        const { value, difference, relative } = bootstrapEstimate(blocks, partsOf(blocks, estimators, e), drawn)
        const known = (each: ValueInterval): ValueInterval => (blind && needsWeight ? { ...each, lo: Number.NaN, hi: Number.NaN } : each)
        return { estimator: name, ...known(value), difference: known(difference), relative: known(relative) }
      })
      const { estimator, difference, relative } = estimates[spokesman] as Estimate
      const logged = bootstrapLogged(blocks, drawn)
      const meanWeight = Array.from(sums.weight, (sum) => sum / trajectories)
      return {
        horizon,
        trajectories,
        logged,
        estimates,
        effectiveSampleSize,
        largestWeight: Array.from(sums.largest),
        meanWeight,
        resampling: { kind, units: blocks.count, roundsPerUnit: trajectories / blocks.count, draws },
        verdictFrom: estimator,
        verdict: verdictOf({
          logged: logged.value,
          difference,
          relative,
          diagnostics: {
            rounds: trajectories,
            effectiveSampleSize: effectiveSampleSize.at(-1) as number,
            largestWeight: sums.largest.at(-1) as number,
            meanWeight: meanWeight.at(-1) as number,
          },
          support,
          rewardRange: [least, most],
          actions,
          hasPropensities,
          stretch: horizon,
        }),
      }
    },
  }
}

const copyOf =
  (column: Float64Array): Estimator['terms'] =>
  (_, from, to, out) =>
    out.set(column.subarray(from, to))
