import { solveCholesky } from './cholesky.ts'

/** Features of the actions, one row per action, on a scale of about 1; `size` columns. */
export interface ActionFeatures {
  readonly actions: number
  readonly size: number
  readonly values: Float64Array
}

/** All that a ridge regression needs of the rounds it learns from: sums per action, which add up over folds. */
export interface Moments {
  /** Rounds that were added. */
  rounds: number
  /** Per action, sum of x x' over its rounds, x being the context after a leading 1; `outcome` the sum of x y. */
  readonly products: Float64Array
  readonly outcome: Float64Array
}

export function makeMoments(actions: number, contextSize: number): Moments {
  const d = contextSize + 1
  return { rounds: 0, products: new Float64Array(actions * d * d), outcome: new Float64Array(actions * d) }
}

/** One round: O(context²) whatever the number of actions. */
export function addRound(moments: Moments, context: ArrayLike<number>, action: number, y: number): void {
  const d = context.length + 1
  const { products, outcome } = moments
  const from = action * d
  moments.rounds++
  for (let i = 0; i < d; i++) {
    const xi = i === 0 ? 1 : (context[i - 1] as number)
    outcome[from + i] = (outcome[from + i] as number) + xi * y
    for (let j = 0; j < d; j++) {
      const at = (from + i) * d + j
      products[at] = (products[at] as number) + xi * (j === 0 ? 1 : (context[j - 1] as number))
    }
  }
}

export interface RewardModel {
  /** Expected outcome of every action in a context. */
  predict(context: ArrayLike<number>, out: Float64Array): void
}

/** Penalties, as strong as so many rounds. An action's own offset is for what its features cannot say: it takes more rounds to be believed. */
const penalty = 1
const offsetPenalty = 5

/**
 * Ridge regression (Hoerl and Kennard, Technometrics 1970) of an outcome on contexts, action features and their products, with an offset of
 * its own for every action, which the penalty holds near what the features say:
 *
 *     q(x, a) = [1 x]' B [1 f(a)] + offset(a)
 *
 * The offsets are eliminated before solving, so that thousands of actions cost no more than their features.
 */
export function fitRidge(parts: readonly Moments[], features: ActionFeatures, contextSize: number): RewardModel {
  const { actions, size } = features
  const d = contextSize + 1
  const f = size + 1
  const p = d * f
  const gram = new Float64Array(p * p)
  const right = new Float64Array(p)
  const offsets = new Float64Array(actions)
  const row = new Float64Array(f)
  const products = new Float64Array(actions * d * d)
  const outcome = new Float64Array(actions * d)
  for (const part of parts) {
    part.products.forEach((sum, i) => {
      products[i] = (products[i] as number) + sum
    })
    part.outcome.forEach((sum, i) => {
      outcome[i] = (outcome[i] as number) + sum
    })
  }
  const fill = (action: number): void => {
    row[0] = 1
    for (let u = 0; u < size; u++) row[u + 1] = features.values[action * size + u] as number
  }

  for (let a = 0; a < actions; a++) {
    const rounds = products[a * d * d] as number
    if (rounds === 0) continue
    fill(a)
    const shrunk = rounds + offsetPenalty
    for (let i = 0; i < d; i++) {
      // The first row of products holds the sums of x.
      const xi = products[a * d * d + i] as number
      const y = (outcome[a * d + i] as number) - (xi * (outcome[a * d] as number)) / shrunk
      for (let u = 0; u < f; u++) {
        const fu = row[u] as number
        if (fu === 0) continue
        const at = i * f + u
        right[at] = (right[at] as number) + y * fu
        for (let j = 0; j <= i; j++) {
          const xx = ((products[(a * d + i) * d + j] as number) - (xi * (products[a * d * d + j] as number)) / shrunk) * fu
          for (let v = 0; v < f; v++) {
            const cell = at * p + j * f + v
            gram[cell] = (gram[cell] as number) + xx * (row[v] as number)
          }
        }
      }
    }
  }
  // The intercept is as good as free.
  for (let i = 0; i < p; i++) gram[i * p + i] = (gram[i * p + i] as number) + (i === 0 ? 1e-6 : penalty)
  const coefficients = solveCholesky(gram, right)

  const byFeature = new Float64Array(f)
  const project = (context: ArrayLike<number>, scale: number): void => {
    for (let u = 0; u < f; u++) {
      let sum = (coefficients[u] as number) * scale
      for (let i = 1; i < d; i++) sum += (context[i - 1] as number) * (coefficients[i * f + u] as number)
      byFeature[u] = sum
    }
  }
  const dot = (action: number): number => {
    let sum = byFeature[0] as number
    for (let u = 0; u < size; u++) sum += (byFeature[u + 1] as number) * (features.values[action * size + u] as number)
    return sum
  }
  for (let a = 0; a < actions; a++) {
    const rounds = products[a * d * d] as number
    if (rounds === 0) continue
    project(products.subarray(a * d * d + 1, a * d * d + d), rounds)
    // What is left of its outcomes.
    offsets[a] = ((outcome[a * d] as number) - dot(a)) / (rounds + offsetPenalty)
  }
  return {
    predict(context, out) {
      project(context, 1)
      for (let a = 0; a < actions; a++) out[a] = dot(a) + (offsets[a] as number)
    },
  }
}
