import type { ValueInterval } from '../ope/bootstrap.ts'
import { type ConfidenceSequence, makeConfidenceSequence } from '../ope/confidence-sequence.ts'
import type { Drift } from '../ope/drift.ts'
import { type Estimate, type Evaluation, makeEvaluator } from '../ope/evaluate.ts'
import { type LogLayout, readBanditLog } from '../ope/log/bandit-log.ts'
import { readTargetPolicy } from '../ope/log/target-policy.ts'
import { makeRoundColumns } from '../ope/rounds.ts'
import { makePositionSupport } from '../ope/support.ts'
import type { VerdictCode } from '../ope/verdict.ts'
import { isParquet } from '../trace/log.ts'

/** What a target policy would have earned on a bare bandit log. */
export interface LogReplay {
  readonly log: string
  readonly target: string
  readonly rounds: number
  readonly actions: number
  readonly positions: number
  /** Mean logged reward. */
  readonly logged: ValueInterval
  readonly estimates: readonly Estimate[]
  /** Effective sample size; null in a log without propensities, as `largestWeight` and `meanWeight` are. */
  readonly ess: number | null
  readonly largestWeight: number | null
  readonly meanWeight: number | null
  /** Share of the target's choices that were never tried at their position. */
  readonly unsupported: number
  /** Anytime-valid intervals, where bounds were declared. */
  readonly confidenceSequence: readonly { readonly estimator: 'ips' | 'dr'; readonly lo: number; readonly hi: number }[]
  readonly drift: Drift
  readonly autocorrelationRounds: number
  readonly resampling: Evaluation['resampling']
  readonly verdictFrom: string
  readonly verdictCode: VerdictCode
  readonly verdict: string
  readonly warnings: readonly string[]
}

export interface LogReplayRequest {
  /** CSV, plain or gzipped, or Parquet. */
  readonly log: string
  readonly target: string
  /** What no importance weight exceeds, and what rewards lie between, whatever the log holds: with them an anytime-valid interval is given beside. */
  readonly bounds?: { readonly weight: number; readonly reward: readonly [low: number, high: number] }
  readonly draws?: number
  readonly seed?: number
}

const chunkRounds = 4096

/** Values a target policy on a bare bandit log, in one pass and memory that does not grow with it. Throws ERR_LOG; ERR_RANGE where the log breaks the declared bounds. */
export async function replayLog({ log, target: targetPath, bounds, draws, seed }: LogReplayRequest): Promise<LogReplay> {
  const target = await readTargetPolicy(targetPath)
  const { actions, positions, probability } = target
  const chunk = makeRoundColumns(chunkRounds)
  const support = makePositionSupport(probability, actions)
  let layout: LogLayout | undefined
  let evaluator: ReturnType<typeof makeEvaluator> | undefined
  const sequences: { estimator: 'ips' | 'dr'; sequence: ConfidenceSequence }[] = []
  const flush = (): void => {
    evaluator?.add(chunk)
    for (const { sequence } of sequences) sequence.add(chunk)
    chunk.length = 0
  }
  // DuckDB is loaded only where a log is Parquet.
  const read = isParquet(log) ? (await import('./parquet-log.ts')).readParquetLog : readBanditLog
  const { records, ended } = await read(log, target, {
    header(found) {
      layout = found
      evaluator = makeEvaluator({
        hasPropensities: found.propensity >= 0,
        hasModel: found.model >= 0,
        actions,
        ...(draws === undefined ? {} : { draws }),
        ...(seed === undefined ? {} : { seed }),
      })
      if (bounds === undefined || found.propensity < 0) return
      for (const estimator of found.model < 0 ? (['ips'] as const) : (['ips', 'dr'] as const))
        sequences.push({ estimator, sequence: makeConfidenceSequence({ estimator, rewardRange: bounds.reward, weightBound: bounds.weight }) })
    },
    record({ position, action, reward, propensity, model }) {
      const i = chunk.length++
      const row = position * actions
      let expected = 0
      for (let a = 0; a < actions; a++) expected += (probability[row + a] as number) * (model[a] as number)
      chunk.reward[i] = reward
      chunk.weight[i] = (probability[row + action] as number) / propensity
      chunk.modelLogged[i] = model[action] as number
      chunk.modelTarget[i] = expected
      support.add(position, action)
      if (chunk.length === chunkRounds) flush()
    },
  })
  flush()
  const evaluation = (evaluator as ReturnType<typeof makeEvaluator>).finish(support.support())
  const { diagnostics, verdict, warnings } = evaluation
  const known = (value: number): number | null => (Number.isNaN(value) ? null : value)
  return {
    log,
    target: targetPath,
    rounds: records,
    actions,
    positions,
    logged: evaluation.logged,
    estimates: evaluation.estimates,
    ess: known(diagnostics.effectiveSampleSize),
    largestWeight: known(diagnostics.largestWeight),
    meanWeight: known(diagnostics.meanWeight),
    unsupported: evaluation.support.neverTried,
    confidenceSequence: sequences.map(({ estimator, sequence }) => ({ estimator, ...sequence.interval() })),
    drift: evaluation.drift,
    autocorrelationRounds: evaluation.autocorrelationRounds,
    resampling: evaluation.resampling,
    verdictFrom: evaluation.verdictFrom,
    verdictCode: verdict.code,
    verdict: verdict.words,
    warnings: [...warningsOf(log, layout as LogLayout, ended), ...warnings],
  }
}

function warningsOf(log: string, { propensity, model, unread }: LogLayout, ended: boolean): string[] {
  const warnings: string[] = []
  if (propensity < 0) warnings.push(`${log} has no column behaviourProbability: only estimators that need no propensities ran`)
  if (model < 0) warnings.push(`${log} has no model estimates (columns q0, q1, …): only estimators that need no reward model ran`)
  if (unread.length > 0) warnings.push(`columns that are not read: ${unread.join(', ')}`)
  if (!ended) warnings.push('the last record has no line end: a number that was cut off there would go unnoticed')
  return warnings
}
