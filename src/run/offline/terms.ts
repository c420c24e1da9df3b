import type { Outcome } from '../../core/outcome.ts'
import type { ValueInterval } from '../../ope/bootstrap.ts'
import { makeEvaluator } from '../../ope/evaluate.ts'
import { makeRoundColumns } from '../../ope/rounds.ts'

/** Mean of one part of the outcome, as it was logged and under the policy. NaN where it was never there. */
export interface Term {
  readonly logged: number
  readonly policy: ValueInterval
}

export interface OutcomeTerms {
  readonly latencyS: Term
  readonly energyJ: Term
  readonly accuracy: Term
  readonly missRatio: Term
}

const names = ['latencyS', 'energyJ', 'accuracy', 'missRatio'] as const
const readers = {
  latencyS: ({ latencyS }: Outcome) => latencyS,
  energyJ: ({ energyJ }: Outcome) => energyJ,
  accuracy: ({ accuracy }: Outcome) => accuracy,
  missRatio: ({ deadlineMet, latencyS }: Outcome) => (deadlineMet ? (Number.isNaN(latencyS) ? Number.NaN : 0) : 1),
}

/** Values the parts of outcomes apart (SNIPS), round by round with the weights that their costs have. A round without a part counts for the others. A log without propensities has no such weights: the policy's values are NaN. */
export function makeTerms(actions: number, capacity: number) {
  const parts = names.map((name) => ({
    name,
    value: readers[name],
    held: new Float64Array(capacity),
    chunk: makeRoundColumns(capacity),
    evaluator: makeEvaluator({ hasPropensities: true, hasModel: false, actions }),
  }))
  let n = 0
  return {
    /** Before the weight of the round is known. */
    add(outcome: Outcome): void {
      for (const { held, value } of parts) held[n] = value(outcome)
      n++
    },
    /** The weights of the rounds since the last call. */
    flush(weight: Float64Array, length: number): void {
      for (const { held, chunk, evaluator } of parts) {
        chunk.length = 0
        for (let i = 0; i < length; i++) {
          if (Number.isNaN(held[i] as number)) continue
          chunk.reward[chunk.length] = held[i] as number
          chunk.weight[chunk.length++] = weight[i] as number
        }
        evaluator.add(chunk)
      }
      n = 0
    },
    endRun(): void {
      for (const { evaluator } of parts) evaluator.endRun()
    },
    values(): OutcomeTerms {
      const found = parts.map(({ name, evaluator }): [string, Term] => {
        const { logged, estimates } = evaluator.finish({ neverTried: 0, impossible: 0, concentration: 1 })
        const { value, lo, hi } = estimates.find(({ estimator }) => estimator === 'snips') ?? { value: Number.NaN, lo: Number.NaN, hi: Number.NaN }
        return [name, { logged: logged.value, policy: { value, lo, hi } }]
      })
      return Object.fromEntries(found) as unknown as OutcomeTerms
    },
  }
}

/** Rounds with a weight in [low, high). */
export interface WeightBin {
  readonly low: number
  readonly high: number
  readonly rounds: number
}

/** Bins of factors of two from 1/4 to 4096, with one for smaller and one for larger ones. */
export function makeWeightHistogram() {
  const least = -2
  const most = 12
  const counts = new Float64Array(most - least + 2)
  return {
    add(weight: number): void {
      const bin = weight < 2 ** least ? 0 : Math.min(counts.length - 1, Math.floor(Math.log2(weight)) - least + 1)
      counts[bin] = (counts[bin] as number) + 1
    },
    bins(): WeightBin[] {
      return Array.from(counts, (rounds, i) => ({
        low: i === 0 ? 0 : 2 ** (i - 1 + least),
        high: i === counts.length - 1 ? Number.POSITIVE_INFINITY : 2 ** (i + least),
        rounds,
      })).filter(({ rounds }) => rounds > 0)
    },
  }
}
