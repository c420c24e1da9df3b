import { autocorrelationTime } from './autocorrelation.ts'
import { type Blocks, type Parts, type Products, partsOf } from './block-sums.ts'
import type { Estimator } from './estimator.ts'

/** Fewer units than this say too little of how much a mean varies. */
const fewestUnits = 20
/** From so many runs on, whole runs are resampled: what is alike within a run then never counts as independent. */
const severalRuns = 10

/** What a bootstrap draws from: pieces of a log that are nearly independent of each other. */
export interface Units {
  readonly blocks: Blocks
  readonly kind: 'run' | 'block'
  /** Longest autocorrelation time among reward and estimates, in rounds. */
  readonly autocorrelationRounds: number
}

/**
 * Joins blocks until they are long enough: at least the autocorrelation time t, and 5 (t - 1) rounds, which leaves about a tenth of the
 * autocorrelation across borders, while 20 remain. Whole runs where there are at least 10.
 */
export function resamplingUnits(blocks: Blocks, estimators: readonly Estimator[]): Units {
  const times = [rewardTime(blocks), ...blocks.products.map((products, e) => estimateTime(blocks, partsOf(blocks, estimators, e), products))]
  const autocorrelationRounds = Math.max(1, ...times.filter(Number.isFinite))
  if (blocks.count === 0) return { blocks, kind: 'block', autocorrelationRounds }
  const runs = new Set(blocks.run.subarray(0, blocks.count)).size
  if (runs >= severalRuns) return { blocks: joinBlocks(blocks, (j) => blocks.run[j] as number), kind: 'run', autocorrelationRounds }
  const length = total(blocks.rounds, blocks.count) / blocks.count
  const wanted = Math.ceil(Math.max(autocorrelationRounds, 5 * (autocorrelationRounds - 1)) / length)
  const perUnit = Math.max(1, Math.min(wanted, Math.floor(blocks.count / fewestUnits)))
  return { blocks: perUnit === 1 ? blocks : joinBlocks(blocks, (j) => Math.floor(j / perUnit)), kind: 'block', autocorrelationRounds }
}

export function valueOfParts({ rounds, count }: Blocks, { direct, terms, normaliser }: Parts): number {
  return total(direct, count) / total(rounds, count) + total(terms, count) / total(normaliser, count)
}

/** What each block adds to an estimate's error, to first order (the delta method): the sum of their squares is its variance. */
export function influences({ rounds, count }: Blocks, { direct, terms, normaliser }: Parts): Float64Array {
  const n = total(rounds, count)
  const c = total(normaliser, count)
  const meanDirect = total(direct, count) / n
  const ratio = total(terms, count) / c
  return Float64Array.from(
    { length: count },
    (_, j) => ((direct[j] as number) - meanDirect * (rounds[j] as number)) / n + ((terms[j] as number) - ratio * (normaliser[j] as number)) / c,
  )
}

function total(column: Float64Array, count: number): number {
  let sum = 0
  for (let j = 0; j < count; j++) sum += column[j] as number
  return sum
}

/**
 * Variance of a mean as the blocks tell it, with the autocorrelation that is left between them, over what it were with independent rounds. `meanSquare`
 * and `squareMean` are of single rounds.
 */
function timeOf(blockInfluence: Float64Array, meanSquare: number, squareMean: number, rounds: number): number {
  const variance = meanSquare - squareMean
  // Less is what rounding leaves of rounds that are all alike.
  if (!(variance > 1e-12 * meanSquare)) return 1
  let ofMean = 0
  for (const influence of blockInfluence) ofMean += influence * influence
  return (ofMean * autocorrelationTime(blockInfluence) * rounds) / variance
}

function rewardTime(blocks: Blocks): number {
  const { rounds, reward, rewardSquares, count } = blocks
  const n = total(rounds, count)
  const mean = total(reward, count) / n
  return timeOf(influences(blocks, { direct: reward, terms: new Float64Array(count), normaliser: rounds }), rewardSquares / n, mean * mean, n)
}

function estimateTime(blocks: Blocks, parts: Parts, products: Products): number {
  const { rounds, count } = blocks
  const n = total(rounds, count)
  const [d, t, c] = [parts.direct, parts.terms, parts.normaliser].map((column) => total(column, count) / n) as [number, number, number]
  // Of direct + g terms + h normaliser, the influence of a single round but for a constant; its mean is d.
  const g = 1 / c
  const h = -t / (c * c)
  const { directDirect, directTerms, directNormaliser, termsTerms, termsNormaliser, normaliserNormaliser } = products
  const squares = directDirect + g * g * termsTerms + h * h * normaliserNormaliser
  const mixed = g * directTerms + h * directNormaliser + g * h * termsNormaliser
  return timeOf(influences(blocks, parts), (squares + 2 * mixed) / n, d * d, n)
}

function joinBlocks(blocks: Blocks, groupOf: (block: number) => number): Blocks {
  const group = new Int32Array(blocks.count)
  let count = 0
  for (let j = 0; j < blocks.count; j++) {
    if (j > 0 && groupOf(j) !== groupOf(j - 1)) count++
    group[j] = count
  }
  count++
  const joined = (column: Float64Array): Float64Array => {
    const out = new Float64Array(count)
    for (let j = 0; j < blocks.count; j++) out[group[j] as number] = (out[group[j] as number] as number) + (column[j] as number)
    return out
  }
  const run = new Int32Array(count)
  for (let j = 0; j < blocks.count; j++) run[group[j] as number] = blocks.run[j] as number
  const { rounds, reward, weight, modelTarget, terms } = blocks
  return {
    ...blocks,
    count,
    rounds: joined(rounds),
    reward: joined(reward),
    weight: joined(weight),
    modelTarget: joined(modelTarget),
    run,
    terms: terms.map(joined),
  }
}
