import { type Estimator, makeTerms } from './estimator.ts'
import type { RoundColumns } from './rounds.ts'

/** Sums of an estimator's terms over each block of rounds, and of their products over all rounds. */
export interface EstimatorSums {
  readonly estimator: Estimator
  readonly direct: Float64Array
  readonly weighted: Float64Array
  readonly normaliser: Float64Array
  /** Over all rounds: direct², direct·weighted, direct·normaliser, weighted², weighted·normaliser, normaliser². */
  readonly products: Float64Array
}

/** A log in at most `mostBlocks` blocks of consecutive rounds: all that a bootstrap needs, however long the log. */
export interface BlockSums {
  /** Blocks in use. */
  readonly count: number
  readonly rounds: Float64Array
  readonly reward: Float64Array
  readonly weight: Float64Array
  readonly sums: readonly EstimatorSums[]
  /** Of each block, the run that it lies in. */
  readonly run: Int32Array
  /** Over all rounds: reward². */
  readonly rewardSquares: number
}

export interface BlockCollector {
  add(chunk: RoundColumns): void
  /** The next round is of another run: no block reaches over the border. */
  endRun(): void
  /** What was collected so far, without an empty last block. Arrays are shared, not copied. */
  blocks(): BlockSums
}

/**
 * Streams rounds into blocks. Blocks begin with one round each; whenever `mostBlocks` are full, neighbours are joined and new blocks take twice
 * as many rounds, so that a long log ends in mostBlocks / 2 to mostBlocks blocks. Blocks of different runs are joined only where there are too many runs.
 */
export function makeBlockCollector(estimators: readonly Estimator[], mostBlocks = 1024): BlockCollector {
  const column = (): Float64Array => new Float64Array(mostBlocks)
  const rounds = column()
  const reward = column()
  const weight = column()
  const run = new Int32Array(mostBlocks)
  const sums = estimators.map((estimator) => ({
    estimator,
    direct: column(),
    weighted: column(),
    normaliser: column(),
    products: new Float64Array(6),
  }))
  const columns = [rounds, reward, weight, ...sums.flatMap(({ direct, weighted, normaliser }) => [direct, weighted, normaliser])]
  let capacity = 1
  let current = 0
  let runs = 0
  let rewardSquares = 0

  const open = (): void => {
    if (current === mostBlocks) join()
    for (const values of columns) values[current] = 0
    run[current] = runs
  }

  const join = (): void => {
    const before = current
    for (let acrossRuns = runs > mostBlocks / 4; ; acrossRuns = true) {
      current = 0
      for (let from = 0; from < before; current++) {
        const paired = from + 1 < before && (acrossRuns || run[from] === run[from + 1])
        for (const values of columns) values[current] = (values[from] as number) + (paired ? (values[from + 1] as number) : 0)
        run[current] = run[from] as number
        from += paired ? 2 : 1
      }
      if (current < before) break
    }
    capacity *= 2
  }

  open()
  return {
    add(chunk) {
      for (let from = 0; from < chunk.length; ) {
        if ((rounds[current] as number) >= capacity) {
          current++
          open()
        }
        const to = Math.min(chunk.length, from + capacity - (rounds[current] as number))
        rounds[current] = (rounds[current] as number) + to - from
        for (let i = from; i < to; i++) {
          const earned = chunk.reward[i] as number
          reward[current] = (reward[current] as number) + earned
          rewardSquares += earned * earned
          weight[current] = (weight[current] as number) + (chunk.weight[i] as number)
        }
        for (const each of sums) addTerms(each, chunk, from, to, current)
        from = to
      }
    },
    endRun() {
      runs++
      if ((rounds[current] as number) === 0) run[current] = runs
      else {
        current++
        open()
      }
    },
    blocks: () => ({ count: current + ((rounds[current] as number) > 0 ? 1 : 0), rounds, reward, weight, sums, run, rewardSquares }),
  }
}

const terms = makeTerms()

function addTerms(
  { estimator, direct, weighted, normaliser, products }: EstimatorSums,
  chunk: RoundColumns,
  from: number,
  to: number,
  block: number,
): void {
  const { reward, weight, modelLogged, modelTarget } = chunk
  let [a, b, c, aa, ab, ac, bb, bc, cc] = [0, 0, 0, 0, 0, 0, 0, 0, 0]
  for (let i = from; i < to; i++) {
    estimator.terms(reward[i] as number, weight[i] as number, modelLogged[i] as number, modelTarget[i] as number, terms)
    const d = terms.direct
    const w = terms.weighted
    const n = terms.normaliser
    a += d
    b += w
    c += n
    aa += d * d
    ab += d * w
    ac += d * n
    bb += w * w
    bc += w * n
    cc += n * n
  }
  direct[block] = (direct[block] as number) + a
  weighted[block] = (weighted[block] as number) + b
  normaliser[block] = (normaliser[block] as number) + c
  const totals = [aa, ab, ac, bb, bc, cc]
  for (let k = 0; k < 6; k++) products[k] = (products[k] as number) + (totals[k] as number)
}
