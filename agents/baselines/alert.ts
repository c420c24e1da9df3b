import type { Agent, AgentInput, AgentKind, CheckpointData, Choice, OptionSpec, PredictedPoint } from '../../src/core/agent.ts'
import { makeExpectedOutcome } from '../../src/core/env.ts'
import { FlyballError } from '../../src/core/errors.ts'
import { limitBit, limitsOf } from '../../src/core/limits.ts'
import { normalCdf } from '../../src/core/normal.ts'
import type { Requirements } from '../../src/core/outcome.ts'
import { type Mask, monitorIndex, type Observation } from '../../src/core/spaces.ts'
import { explainPolicy } from '../maths/explain-policy.ts'
import { normalQuantile } from '../maths/normal-table.ts'
import { fromPlain, type PlainNumber, toPlain, toPlainArray } from '../maths/plain.ts'
import { makeSlowdown } from '../maths/slowdown.ts'
import { readOptions } from '../options.ts'
import { makeRuled } from './fixed.ts'
import { relativeProfile } from './relative-profile.ts'

const options = [
  {
    name: 'processNoise',
    description: 'least variance by which the slow-down is believed to move between two decisions',
    default: 0.0001,
    low: 0,
    high: 1,
  },
  { name: 'measurementNoise', description: 'variance of a measured latency around profile times slow-down', default: 0.001, low: 1e-9, high: 1 },
  { name: 'memory', description: 'what the process noise of before counts for beside the last step of the estimate', default: 0.3, low: 0, high: 1 },
  { name: 'prior', description: 'begins with the prior of bayes instead of a profile: nothing has been measured', default: false },
] as const satisfies readonly OptionSpec[]

interface AlertData extends CheckpointData {
  readonly slowdown: readonly number[]
  readonly percentile: number
  readonly leastConfidence: PlainNumber
  /** The profile it began with: a resumed run may have measured another. */
  readonly latencyS: readonly PlainNumber[]
  readonly energyJ: readonly PlainNumber[]
  readonly accuracy: readonly PlainNumber[]
  /** Begun with a prior, and not yet scaled by a measurement. */
  readonly unscaled?: boolean
}

/**
 * ALERT: Wan, Santriaji, Rogers, Hoffmann, Maire, Lu, "ALERT: Accurate Learning for Energy and Timeliness" (USENIX ATC 2020). One global slow-down factor, followed by a
 * Kalman filter (maths/slowdown.ts), predicts every (network, power setting), here every operating point, from its profile:
 *
 *     latency = wait + mu * profiled latency      energy = mu * profiled energy      P(miss) = 1 - Phi(((deadline - wait) / profiled latency - mu) / sigma)
 *
 * and the least expected cost is taken among points that meet the floor, the budget (on the mean) and P(miss) <= 1 - percentile / 100. Where none does, the
 * least expected cost of all. A point that the profile knows nothing of is taken only where no other is allowed. Requirements are read from the observation, so a
 * changed one is answered by the next decision; percentile and least confidence, which no monitor shows, are those of the last transition. The slow-down is that of the
 * service alone, as a wait in a queue slows nothing down; how long a request has waited is a monitor.
 * With `prior` it begins where nothing was measured: how points stand beside each other is what bayes believes before it knows anything (relative-profile.ts), the first point
 * is the fastest, and what it takes and draws sets the scale. What the prior is wrong about stays wrong: the filter has one factor for all points.
 * Other than there: no request waits there; the objective's expected cost stands in for their two (energy or error); no separate filter for idle power.
 */
export const alert: AgentKind = {
  name: 'alert',
  description: 'one Kalman-filtered slow-down over the profile, and the cheapest point that is likely enough to be in time',
  rule: 'own effects',
  options,
  needs: 'profile',
  make: makeAlert,
}

// Beyond so many standard deviations a probability is 0 or 1 to the last digit.
const certain = 8.5

function makeAlert(input: AgentInput): Agent {
  const settings = readOptions('alert', options, input.options)
  const { spaces, nominal, objective } = input
  if (nominal === undefined || objective === undefined)
    throw new FlyballError('ERR_USAGE', 'agent alert predicts from a profile of every point and weighs by an objective: neither was handed over')
  const data = input.data as AlertData | undefined
  const column = (name: 'latencyS' | 'energyJ' | 'accuracy', begin?: Float64Array): Float64Array =>
    data === undefined ? (begin ?? Float64Array.from(nominal, (point) => point[name])) : Float64Array.from(data[name], fromPlain)
  const relative = settings.prior ? relativeProfile(spaces) : undefined
  const latencyS = column('latencyS', relative?.latency)
  const energyJ = column('energyJ', relative?.energy)
  const accuracy = column('accuracy')
  let unscaled = data === undefined ? relative !== undefined : data.unscaled === true
  const slowdown = makeSlowdown(settings, data?.slowdown)
  const waitAt = monitorIndex(spaces, 'waitedS')
  const monitors = (['deadlineS', 'energyBudgetJ', 'accuracyFloor'] as const).map((name) => ({ name, at: monitorIndex(spaces, name) }))
  const requirements: Requirements = {
    deadlineS: undefined,
    energyBudgetJ: undefined,
    accuracyFloor: undefined,
    percentile: data?.percentile ?? 99,
    leastConfidence: data === undefined || data.leastConfidence === null ? undefined : data.leastConfidence,
  }
  const expected = makeExpectedOutcome()

  const read = (observation: Observation): void => {
    for (let i = 0; i < monitors.length; i++) {
      const { name, at } = monitors[i] as (typeof monitors)[number]
      const asked = at < 0 ? Number.NaN : (observation[at] as number)
      requirements[name] = Number.isNaN(asked) ? undefined : asked
    }
  }

  const fastest = (mask: Mask): number => {
    let best = -1
    for (let a = 0; a < mask.length; a++) if (mask[a] === 1 && (best < 0 || (latencyS[a] as number) < (latencyS[best] as number))) best = a
    return best
  }

  /** Of the energy as well, where there is any. No allocation. */
  const scale = (latencyUnitS: number, energyUnitJ: number): void => {
    for (let a = 0; a < latencyS.length; a++) {
      latencyS[a] = (latencyS[a] as number) * latencyUnitS
      energyJ[a] = (energyJ[a] as number) * energyUnitJ
    }
    unscaled = false
  }

  const waitOf = (observation: Observation): number => (waitAt < 0 ? 0 : Math.max(0, observation[waitAt] as number))
  let waitS = 0

  /** Fills `expected` with what is predicted of a point, and answers which limits that breaks, as bits. */
  const judge = (a: number): number => {
    const { mean } = slowdown
    const sigma = Math.sqrt(slowdown.variance)
    const { deadlineS = Number.POSITIVE_INFINITY, energyBudgetJ = Number.POSITIVE_INFINITY, accuracyFloor = Number.NEGATIVE_INFINITY } = requirements
    const inTime = (deadlineS - waitS) / (latencyS[a] as number)
    const withinBudget = energyBudgetJ / (energyJ[a] as number)
    expected.latencyS = waitS + mean * (latencyS[a] as number)
    expected.energyJ = mean * (energyJ[a] as number)
    expected.accuracy = accuracy[a] as number
    expected.missRatio = exceeds((inTime - mean) / sigma)
    expected.brokenRatio = withinBudget < inTime ? exceeds((withinBudget - mean) / sigma) : expected.missRatio
    return (
      (expected.missRatio <= 1 - requirements.percentile / 100 ? 0 : limitBit.deadlineS) +
      (expected.energyJ > energyBudgetJ ? limitBit.energyBudgetJ : 0) +
      (expected.accuracy < accuracyFloor ? limitBit.accuracyFloor : 0)
    )
  }
  const rankOf = (broken: number): number => (Number.isNaN(expected.latencyS) ? 0 : broken === 0 ? 2 : 1)

  let relaxed = 0
  const choose = (observation: Observation, mask: Mask): number => {
    relaxed = 0
    if (unscaled) return fastest(mask)
    read(observation)
    waitS = waitOf(observation)
    let best = -1
    let bestRank = -1
    let least = Number.POSITIVE_INFINITY
    for (let a = 0; a < mask.length; a++) {
      if (mask[a] !== 1) continue
      const broken = judge(a)
      const cost = objective.expectedCost(expected, requirements)
      const rank = rankOf(broken)
      if (rank > bestRank || (rank === bestRank && cost < least)) {
        best = a
        bestRank = rank
        least = cost
        relaxed = broken
      }
    }
    return best
  }

  const predict = (a: number): Partial<PredictedPoint> => {
    if (unscaled) return {}
    judge(a)
    const { latencyS: expectedS, energyJ: joules, accuracy: top1, missRatio } = expected
    const cost = objective.expectedCost(expected, requirements)
    const highS = waitS + (latencyS[a] as number) * (slowdown.mean + Math.sqrt(slowdown.variance) * normalQuantile(requirements.percentile / 100))
    return { latencyS: expectedS, latencyHighS: highS, energyJ: joules, accuracy: top1, missRatio, cost, tried: !Number.isNaN(expectedS) }
  }
  // Those that keep every limit before those that do not, whatever they cost.
  const worth = ({ action, cost }: PredictedPoint): number => {
    const rank = rankOf(judge(action))
    return rank === 2 ? -1 / cost : rank === 1 ? cost : Number.NaN
  }

  const ruled = makeRuled('alert', input, choose)
  return {
    ...ruled,
    act(observation, mask) {
      const choice = ruled.act(observation, mask) as Choice
      choice.relaxed = relaxed
      return choice
    },
    explain(observation, mask, action) {
      choose(observation, mask)
      return explainPolicy({ spaces, take: choose, predict, worth, relaxed: limitsOf(relaxed), requirements, observation, mask, action })
    },
    learn({ observation, action, outcome, requirements: held, cost }) {
      requirements.percentile = held.percentile
      requirements.leastConfidence = held.leastConfidence
      const serviceS = outcome.latencyS - waitOf(observation)
      if (!Number.isFinite(cost) || !Number.isFinite(serviceS)) return
      if (unscaled && serviceS > 0) scale(serviceS / (latencyS[action] as number), outcome.energyJ / (energyJ[action] as number))
      const ratio = serviceS / (latencyS[action] as number)
      if (Number.isFinite(ratio)) slowdown.update(ratio)
    },
    save: (): AlertData => ({
      ...ruled.save(),
      slowdown: slowdown.save(),
      percentile: requirements.percentile,
      leastConfidence: toPlain(requirements.leastConfidence ?? Number.NaN),
      latencyS: toPlainArray(latencyS),
      energyJ: toPlainArray(energyJ),
      accuracy: toPlainArray(accuracy),
      unscaled,
    }),
  }
}

/** P(Z > z); 0 for NaN: what is not known breaks nothing. */
const exceeds = (z: number): number => (z < certain ? (z > -certain ? normalCdf(-z) : 1) : 0)
