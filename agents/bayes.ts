import type { Agent, AgentInput, AgentKind, CheckpointData, Choice, OptionSpec, Transfer } from '../src/core/agent.ts'
import type { Mask, Observation } from '../src/core/spaces.ts'
import { makeAsked } from './bayes/asked.ts'
import type { Axes } from './bayes/axes.ts'
import { type BeliefData, makeBelief } from './bayes/belief.ts'
import { makeChooser, type Verdict } from './bayes/choose.ts'
import { makeCosting } from './bayes/costing.ts'
import { explainChoice } from './bayes/explain.ts'
import { type HeatData, makeHeat } from './bayes/heat.ts'
import { makePurse } from './bayes/purse.ts'
import { makeRelaxing } from './bayes/relaxed.ts'
import { carry, type Source, sourceOf } from './bayes/transfer.ts'
import { begin, checkDataVersion } from './data-version.ts'
import { drawEpsilonGreedy, fillEpsilonGreedy } from './maths/epsilon-greedy.ts'
import { fromPlain, type PlainNumber, toPlain, toPlainArray } from './maths/plain.ts'
import { readOptions } from './options.ts'

const dataVersion = 1

const options = [
  { name: 'horizon', description: 'decisions that a discovery is believed to pay for; 0 never tries anything', default: 140, low: 0, high: 1e6 },
  { name: 'missCredit', description: 'misses that exploration may cost at first', default: 2, low: 0, high: 1000 },
  {
    name: 'boldness',
    description: 'the largest gain, as a share of the least cost, that is hoped for at one point',
    default: 0.15,
    low: 0,
    high: 10,
  },
  {
    name: 'strictness',
    description: 'how many times the penalty a miss counts for beyond the share that is tolerated',
    default: 4,
    low: 0,
    high: 1e6,
  },
  {
    name: 'premium',
    description: 'the most that is paid against misses beyond the tolerated share at points that were tried, as a share of the least expected cost',
    default: 0.1,
    low: 0,
    high: 1e6,
  },
  { name: 'rank', description: 'directions in which points may differ together', default: 48, low: 1, high: 512 },
  {
    name: 'drift',
    description: 'variance by which the logarithm of all latencies is believed to move between two decisions',
    default: 1e-6,
    low: 0,
    high: 1,
  },
  { name: 'plansHeat', description: 'a point that will have the board throttled counts as dearer before it is', default: true },
  {
    name: 'epsilon',
    description: 'share of uniformly random decisions, without which the log of a run answers nothing in replay',
    default: 0,
    low: 0,
    high: 1,
  },
] as const satisfies readonly OptionSpec[]

// Who begins with a prior from elsewhere knows where to look: there is less to find, and less has to be risked for it. What trials may cost as a share of all costs, beyond which they must be worth
// the more (purse.ts); how far a discovery is believed to pay, and the misses that trials may cost at first, beside a start from nothing.
const trialShare = 0.02
const patience = 0.5
const carriedCredit = 0.4

interface BayesData extends CheckpointData {
  readonly looks: number
  readonly credit: number
  readonly ventured: number
  readonly purse?: readonly number[]
  readonly percentile: number
  readonly leastConfidence: PlainNumber
  readonly accuracy: readonly PlainNumber[]
  readonly belief: BeliefData
  /** Left out where heat is not planned for. */
  readonly heat?: HeatData
  /** What was taken over from another network or board. */
  readonly transfer?: Source
}

/**
 * Believes in a logarithm of latency and one of power for every operating point (bayes/quantity.ts): a Gaussian process over knobs with a prior that physics gives (bayes/prior.ts), a residual
 * of each point's own, what others' load does to each cluster, and a shift of each cluster that follows drift and jumps where a change is detected. It takes the least expected cost, misses
 * beyond what the percentile tolerates at a higher price, and tries points that promise more than they risk (bayes/choose.ts). Requirements are read from the observation: a changed one is
 * answered by the next decision, from the same belief.
 */
export const bayes: AgentKind = {
  name: 'bayes',
  description: 'believes in a latency and a power for every point, and takes the cheapest that is surely in time',
  options,
  takesProfile: true,
  takesTransfer: true,
  make: makeBayes,
}

function makeBayes(input: AgentInput): Agent {
  const settings = readOptions('bayes', options, input.options)
  const { data, rng } = begin<BayesData>('bayes', input, dataVersion)
  const { spaces, nominal, objective } = input
  const frozen = input.frozen === true
  const accuracy = Float64Array.from(spaces.points, (_, i) =>
    data === undefined ? (nominal?.[i]?.accuracy ?? Number.NaN) : fromPlain(data.accuracy[i] as PlainNumber),
  )
  const asked = makeAsked(spaces, data?.percentile ?? 99, data === undefined ? Number.NaN : fromPlain(data.leastConfidence))
  const source = data === undefined ? input.transfer && sourceOfCheckpoint(input.transfer) : data.transfer
  const carried = source && ((axes: Axes) => carry(source, spaces, axes))
  const belief = makeBelief(input, { ...settings, carried }, data === undefined ? undefined : { ...data.belief, looks: data.looks })
  const costing = makeCosting(objective, accuracy)
  const heat = settings.plansHeat ? makeHeat(spaces, belief, settings.horizon, data?.heat) : undefined
  const chooser = makeChooser(belief, costing, source === undefined ? settings : { ...settings, horizon: settings.horizon * patience }, heat)
  const relaxing = makeRelaxing(belief, costing)
  const epsilon = frozen ? 0 : settings.epsilon
  const choice: Choice = { action: 0, propensity: 1, greedy: 0, epsilon: 0 }
  const purse = makePurse(source === undefined ? Number.POSITIVE_INFINITY : trialShare, data?.purse)
  const every = new Uint8Array(spaces.points.length).fill(1)
  let bestCost = 0
  let tried = false
  let price = 0
  let credit = data?.credit ?? settings.missCredit * (source === undefined ? 1 : carriedCredit)
  let ventured = data?.ventured ?? 0
  // Between a decision and what came of it.
  let leastCost = Number.NaN

  const decide = (observation: Observation, mask: Mask, explore = !frozen): Verdict => {
    asked.read(observation)
    belief.read(observation)
    heat?.read(observation)
    return chooser.choose(asked.requirements, mask, credit, explore, purse.hurdle)
  }

  return {
    act(observation, mask) {
      const verdict = decide(observation, mask)
      if (!frozen) {
        ventured = verdict.ventured
        bestCost = belief.informed ? (chooser.cost[verdict.best] as number) : 0
        tried = verdict.action !== verdict.best
        price = chooser.cost[verdict.action] as number
        leastCost = belief.informed ? (chooser.cost[verdict.myopic] as number) : Number.NaN
      }
      choice.relaxed = relaxing(asked.requirements, mask, verdict.best)
      return drawEpsilonGreedy(choice, rng, verdict.action, epsilon, mask)
    },
    distribution: (observation, mask, out) => fillEpsilonGreedy(out, decide(observation, mask).action, epsilon, mask),
    learn(transition) {
      const { outcome, requirements, cost } = transition
      if (frozen || !Number.isFinite(cost) || !(outcome.latencyS > 0)) return
      asked.hear(requirements)
      credit += (1 - requirements.percentile / 100) / 2
      // A trial that is in time pays back half of what was feared, so that a belief that is too careful does not stay so.
      if (ventured > 0) credit += ventured / 2 - (requirements.deadlineS !== undefined && outcome.latencyS > requirements.deadlineS ? 1 : 0)
      credit = Math.min(settings.missCredit, credit)
      purse.decided(bestCost, tried ? Math.min(cost, price) : undefined)
      belief.learn(transition)
      heat?.learn(transition, leastCost)
    },
    costs(observation, out) {
      decide(observation, every, false)
      if (belief.informed) out.set(chooser.plain)
      else out.fill(Number.NaN)
    },
    explain: (observation, mask, action) =>
      explainChoice({
        spaces,
        belief,
        chooser,
        relaxing,
        heat,
        accuracy,
        requirements: asked.requirements,
        decide,
        explore: !frozen,
        observation,
        mask,
        action,
      }),
    changes: () => belief.changes,
    save: (): BayesData => ({
      version: dataVersion,
      rng: rng.state(),
      looks: belief.looks,
      credit,
      ventured,
      purse: purse.save(),
      percentile: asked.requirements.percentile,
      leastConfidence: toPlain(asked.requirements.leastConfidence ?? Number.NaN),
      accuracy: toPlainArray(accuracy),
      belief: belief.save(),
      ...(heat === undefined ? {} : { heat: heat.save() }),
      ...(source === undefined ? {} : { transfer: source }),
    }),
  }
}

function sourceOfCheckpoint(transfer: Transfer): Source {
  checkDataVersion('bayes', transfer.data, dataVersion)
  const { belief, looks, transfer: own } = transfer.data as BayesData
  return sourceOf(transfer.spaces, readOptions('bayes', options, transfer.options), { ...belief, looks }, own)
}
