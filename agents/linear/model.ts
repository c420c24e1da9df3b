import type { AgentInput, Explanation, OptionSpec, PredictedPoint, Transition } from '../../src/core/agent.ts'
import type { Mask, Observation } from '../../src/core/spaces.ts'
import { makeAsked } from '../bayes/asked.ts'
import { makeCosting } from '../bayes/costing.ts'
import type { Take } from '../maths/circumstances.ts'
import { explainPolicy } from '../maths/explain-policy.ts'
import { fromPlain, type PlainNumber, toPlain, toPlainArray } from '../maths/plain.ts'
import { type LinearBelief, type LinearBeliefData, type LinearBeliefSettings, makeLinearBelief } from './belief.ts'
import { type Costs, makeCosts } from './costs.ts'

/** What linear agents have in common. */
export const linearOptions = [
  { name: 'features', description: 'features of a point, the rest counts for the residual', default: 40, low: 1, high: 128 },
  {
    name: 'residual',
    description:
      'standard deviation of the logarithms of latency and energy around what features explain, each point by itself, as it is believed at first',
    default: 0.04,
    low: 1e-3,
    high: 1,
  },
  {
    name: 'forgetting',
    description: 'what an older decision still counts for after each newer one of the same point: 1 keeps all, 0.99 the last hundred',
    default: 0.99,
    low: 0.5,
    high: 1,
  },
  {
    name: 'drift',
    description: 'variance by which the logarithms of all latencies and energies are believed to move between two decisions',
    default: 1e-5,
    low: 0,
    high: 1,
  },
  { name: 'epsilon', description: 'share of uniformly random decisions, which keeps the log useful for replay', default: 0.005, low: 0, high: 1 },
] as const satisfies readonly OptionSpec[]

export interface LinearModelData {
  readonly percentile: number
  readonly leastConfidence: PlainNumber
  readonly accuracy: readonly PlainNumber[]
  readonly belief: LinearBeliefData
}

/** Belief and costs, brought up to date together. */
export interface LinearModel {
  readonly belief: LinearBelief
  readonly costs: Costs
  /** Answers whether anything is known yet. No allocation. */
  read(observation: Observation): boolean
  /** What has no cost or latency is not learned from. No allocation. */
  learn(transition: Transition): void
  /** Expected cost of every point; NaN before anything is known. */
  predictCosts(observation: Observation, out: Float64Array): void
  /** Why a policy over this model takes what it takes. Changes nothing; may allocate. */
  explain(take: Take, observation: Observation, mask: Mask, action: number | undefined): Explanation
  save(): LinearModelData
}

export function makeLinearModel(input: AgentInput, settings: LinearBeliefSettings, data?: LinearModelData): LinearModel {
  const accuracy = Float64Array.from(input.spaces.points, (_, i) =>
    data === undefined ? (input.nominal?.[i]?.accuracy ?? Number.NaN) : fromPlain(data.accuracy[i] as PlainNumber),
  )
  const asked = makeAsked(input.spaces, data?.percentile ?? 99, data === undefined ? Number.NaN : fromPlain(data.leastConfidence))
  const belief = makeLinearBelief(input, settings, data?.belief)
  const costs = makeCosts(belief, makeCosting(input.objective, accuracy))
  const read = (observation: Observation): boolean => {
    asked.read(observation)
    belief.read(observation)
    costs.ask(asked.requirements)
    return belief.looks > 0
  }
  return {
    belief,
    costs,
    read,
    predictCosts(observation, out) {
      if (!read(observation)) {
        out.fill(Number.NaN)
        return
      }
      const { regression, cluster, doubt } = belief
      for (let a = 0; a < out.length; a++) out[a] = costs.at(a, 0, (regression.variance[a] as number) + (doubt[cluster[a] as number] as number))
    },
    explain(take, observation, mask, action) {
      const predict = (a: number): Partial<PredictedPoint> => ({
        accuracy: accuracy[a] as number,
        ...(belief.looks > 0 ? { ...costs.predict(a, asked.requirements), tried: belief.regression.precision[a] !== 0 } : {}),
      })
      const taking: Take = (seen, allowed) => {
        const taken = take(seen, allowed)
        // What is asked after is predicted at what was seen.
        read(seen)
        return taken
      }
      return explainPolicy({ spaces: input.spaces, take: taking, predict, observation, mask, action })
    },
    learn(transition) {
      if (!Number.isFinite(transition.cost) || !(transition.outcome.latencyS > 0)) return
      asked.hear(transition.requirements)
      belief.learn(transition)
    },
    save: () => ({
      percentile: asked.requirements.percentile,
      leastConfidence: toPlain(asked.requirements.leastConfidence ?? Number.NaN),
      accuracy: toPlainArray(accuracy),
      belief: belief.save(),
    }),
  }
}
