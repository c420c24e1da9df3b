import type { Rng } from '../../src/core/rng.ts'
import type { CrossFit } from '../../src/ope/models/cross-fit.ts'
import { makeCrossFit } from '../../src/ope/models/cross-fit.ts'
import { type ActionFeatures, addRound, fitRidge, makeMoments, type RewardModel } from '../../src/ope/models/ridge.ts'
import { makeRoundColumns, type RoundColumns } from '../../src/ope/rounds.ts'

/** A bandit problem with a known answer, in the manner of Open Bandit Pipeline's synthetic data (Saito et al., NeurIPS 2021). */
export interface Problem {
  /** Mean reward of the target over the distribution of contexts, by Monte Carlo. */
  readonly truth: number
  log(rng: Rng, rounds: number): SyntheticLog
}

export interface SyntheticLog {
  /** With a cross-fitted ridge model. */
  readonly columns: RoundColumns
  /** Mean reward of the target over this log's own contexts. */
  readonly truthOnContexts: number
}

export interface ProblemSpec {
  readonly actions: number
  readonly contextSize: number
  /** The logger: softmax of so many times the true mean reward. */
  readonly behaviourBeta: number
  /** The target: softmax of so many times the mean reward that a ridge model learned from another log of the same size. */
  readonly targetBeta: number
  readonly rounds: number
  /** Contexts over which the truth is taken. */
  readonly truthContexts: number
}

/**
 * Contexts are standard normal in `contextSize` dimensions; the reward of action a is 1 with probability q(x, a) = 1 / (1 + exp(-(x . c_a + b_a))), c and b uniform
 * in [0, 1], else 0.
 */
export function makeProblem({ actions, contextSize, behaviourBeta, targetBeta, rounds, truthContexts }: ProblemSpec, rng: Rng): Problem {
  const features = oneHot(actions)
  const coefficients = Float64Array.from({ length: actions * contextSize }, () => rng.next())
  const bias = Float64Array.from({ length: actions }, () => rng.next())
  const context = new Float64Array(contextSize)
  const q = new Float64Array(actions)
  const behaviour = new Float64Array(actions)
  const learned = new Float64Array(actions)
  const target = new Float64Array(actions)

  const see = (source: Rng): void => {
    for (let i = 0; i < contextSize; i++) context[i] = source.normal()
    for (let a = 0; a < actions; a++) {
      let logit = bias[a] as number
      for (let i = 0; i < contextSize; i++) logit += (context[i] as number) * (coefficients[a * contextSize + i] as number)
      q[a] = 1 / (1 + Math.exp(-logit))
    }
    softmax(q, behaviourBeta, behaviour)
  }
  const aim = (policy: RewardModel): number => {
    policy.predict(context, learned)
    softmax(learned, targetBeta, target)
    return dot(target, q)
  }

  const moments = makeMoments(actions, contextSize)
  const training = rng.fork('training')
  for (let i = 0; i < rounds; i++) {
    see(training)
    const action = draw(behaviour, training)
    addRound(moments, context, action, training.next() < (q[action] as number) ? 1 : 0)
  }
  const policy = fitRidge([moments], features, contextSize)
  const contexts = rng.fork('truth')
  let truth = 0
  for (let i = 0; i < truthContexts; i++) {
    see(contexts)
    truth += aim(policy) / truthContexts
  }

  return {
    truth,
    log(source, length) {
      const columns = makeRoundColumns(length)
      columns.length = length
      const seen = new Float64Array(length * contextSize)
      const wanted = new Float64Array(length * actions)
      const taken = new Int32Array(length)
      const crossFit: CrossFit = makeCrossFit({ features, contextSize, rounds: length, folds: 3 })
      let truthOnContexts = 0
      for (let i = 0; i < length; i++) {
        see(source)
        truthOnContexts += aim(policy) / length
        const action = draw(behaviour, source)
        const reward = source.next() < (q[action] as number) ? 1 : 0
        seen.set(context, i * contextSize)
        wanted.set(target, i * actions)
        taken[i] = action
        columns.reward[i] = reward
        columns.weight[i] = (target[action] as number) / (behaviour[action] as number)
        crossFit.learn(i, context, action, reward)
      }
      const model = crossFit.fit()
      for (let i = 0; i < length; i++) {
        model.predict(i, seen.subarray(i * contextSize, (i + 1) * contextSize), learned)
        columns.modelLogged[i] = learned[taken[i] as number] as number
        columns.modelTarget[i] = dot(wanted.subarray(i * actions, (i + 1) * actions), learned)
      }
      return { columns, truthOnContexts }
    },
  }
}

function oneHot(actions: number): ActionFeatures {
  const values = new Float64Array(actions * actions)
  for (let a = 0; a < actions; a++) values[a * actions + a] = 1
  return { actions, size: actions, values }
}

function softmax(values: Float64Array, beta: number, out: Float64Array): void {
  let sum = 0
  for (let a = 0; a < values.length; a++) {
    const share = Math.exp(beta * (values[a] as number))
    out[a] = share
    sum += share
  }
  for (let a = 0; a < out.length; a++) out[a] = (out[a] as number) / sum
}

function draw(distribution: Float64Array, rng: Rng): number {
  let left = rng.next()
  for (let a = 0; a < distribution.length; a++) {
    left -= distribution[a] as number
    if (left < 0) return a
  }
  return distribution.length - 1
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}
