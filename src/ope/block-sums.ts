import type { Estimator } from './estimator.ts'
import type { RoundColumns } from './rounds.ts'

/** A log in a limited number of blocks of consecutive rounds: all that a bootstrap needs, however long the log. Columns hold sums over each block. */
export interface Blocks {
  /** Blocks in use. */
  readonly count: number
  readonly rounds: Float64Array
  readonly reward: Float64Array
  readonly weight: Float64Array
  readonly modelTarget: Float64Array
  /** Of each block, the run that it lies in. */
  readonly run: Int32Array
  /** Per estimator. */
  readonly terms: readonly Float64Array[]
  /** Over all rounds: reward². */
  readonly rewardSquares: number
  /** Over all rounds, per estimator as far as asked for. */
  readonly products: readonly Products[]
}

/** Sums over all rounds of products of an estimator's parts: direct (modelTarget, or 0), terms, and normaliser (weight, or 1). */
export interface Products {
  directDirect: number
  directTerms: number
  directNormaliser: number
  termsTerms: number
  termsNormaliser: number
  normaliserNormaliser: number
}

/** What an estimate is made of, over blocks: V = sum(direct) / sum(rounds) + sum(terms) / sum(normaliser). */
export interface Parts {
  readonly direct: Float64Array
  readonly terms: Float64Array
  readonly normaliser: Float64Array
}

export function partsOf(blocks: Blocks, estimators: readonly Estimator[], e: number): Parts {
  const { needsModel, per } = estimators[e] as Estimator
  return {
    direct: needsModel ? blocks.modelTarget : new Float64Array(blocks.count),
    terms: blocks.terms[e] as Float64Array,
    normaliser: per === 'weight' ? blocks.weight : blocks.rounds,
  }
}

export interface BlockCollector {
  add(chunk: RoundColumns): void
  /** The next round is of another run: no block reaches over the border. */
  endRun(): void
  /** What was collected so far, without an empty last block. Arrays are shared, not copied. */
  blocks(): Blocks
}

/**
 * Streams rounds into blocks. Blocks begin with one round each; whenever `mostBlocks` are full, neighbours are joined and new blocks take twice
 * as many rounds, so that a long log ends in mostBlocks / 2 to mostBlocks blocks. Blocks of different runs are joined only where there are too many runs.
 * `watched`: products are summed for the first so many estimators.
 */
export function makeBlockCollector(estimators: readonly Estimator[], watched = estimators.length, mostBlocks = 1024): BlockCollector {
  const column = (): Float64Array => new Float64Array(mostBlocks)
  const rounds = column()
  const reward = column()
  const weight = column()
  const modelTarget = column()
  const terms = estimators.map(column)
  const columns = [rounds, reward, weight, modelTarget, ...terms]
  const run = new Int32Array(mostBlocks)
  const products = estimators.slice(0, watched).map(makeProducts)
  let scratch = new Float64Array(0)
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
      if (scratch.length < chunk.length) scratch = new Float64Array(chunk.length)
      for (let from = 0; from < chunk.length; ) {
        if ((rounds[current] as number) >= capacity) {
          current++
          open()
        }
        const to = Math.min(chunk.length, from + capacity - (rounds[current] as number))
        rounds[current] = (rounds[current] as number) + to - from
        addTo(reward, current, chunk.reward, from, to)
        addTo(weight, current, chunk.weight, from, to)
        addTo(modelTarget, current, chunk.modelTarget, from, to)
        rewardSquares += sumOfProducts(chunk.reward, chunk.reward, from, to)
        estimators.forEach((estimator, e) => {
          estimator.terms(chunk, from, to, scratch)
          addTo(terms[e] as Float64Array, current, scratch, 0, to - from)
          if (e < watched) addProducts(products[e] as Products, estimator, chunk, from, to, scratch)
        })
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
    blocks: () => ({
      count: current + ((rounds[current] as number) > 0 ? 1 : 0),
      rounds,
      reward,
      weight,
      modelTarget,
      terms,
      run,
      rewardSquares,
      products,
    }),
  }
}

const makeProducts = (): Products => ({
  directDirect: 0,
  directTerms: 0,
  directNormaliser: 0,
  termsTerms: 0,
  termsNormaliser: 0,
  normaliserNormaliser: 0,
})

function addTo(sums: Float64Array, block: number, values: Float64Array, from: number, to: number): void {
  let sum = 0
  for (let i = from; i < to; i++) sum += values[i] as number
  sums[block] = (sums[block] as number) + sum
}

function sumOfProducts(a: Float64Array, b: Float64Array, from: number, to: number): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

function addProducts(
  out: Products,
  { needsModel, per }: Estimator,
  { modelTarget, weight }: RoundColumns,
  from: number,
  to: number,
  terms: Float64Array,
): void {
  const own = per === 'weight'
  let [dd, dt, dn, tt, tn, nn] = [0, 0, 0, 0, 0, 0]
  for (let i = from; i < to; i++) {
    const d = needsModel ? (modelTarget[i] as number) : 0
    const t = terms[i - from] as number
    const n = own ? (weight[i] as number) : 1
    dd += d * d
    dt += d * t
    dn += d * n
    tt += t * t
    tn += t * n
    nn += n * n
  }
  out.directDirect += dd
  out.directTerms += dt
  out.directNormaliser += dn
  out.termsTerms += tt
  out.termsNormaliser += tn
  out.normaliserNormaliser += nn
}
