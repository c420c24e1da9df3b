import type { ExpectedOutcome } from './env.ts'
import { FlyballError } from './errors.ts'
import type { Outcome, Requirements } from './outcome.ts'
import type { NominalOutcome } from './spaces.ts'

export type ObjectiveKind = 'weighted' | 'energy' | 'accuracy' | 'latency'

export interface Weights {
  readonly latency: number
  readonly energy: number
  readonly accuracy: number
  readonly confidence: number
}

/**
 * How outcomes are judged. Data, kept in run and trace headers, so that a log can be judged again under another objective.
 * `reference` is the nominal outcome of the reference point: its energy is the unit of the energy term (Eref), and its latency stands in for a deadline that is not asked.
 */
export interface ObjectiveSpec {
  readonly kind: ObjectiveKind
  readonly weights: Weights
  readonly reference: NominalOutcome & { readonly point: number }
}

/** Parts of a cost; `total` is their sum. Reused. */
export interface CostTerms {
  latency: number
  energy: number
  accuracy: number
  confidence: number
  /** Added when deadline, budget or floor is broken. */
  violation: number
  total: number
}

export const makeCostTerms = (): CostTerms => ({ latency: 0, energy: 0, accuracy: 0, confidence: 0, violation: 0, total: 0 })

/**
 * Cost of an outcome under requirements, strictly positive; reward = -cost. Dimensionless for `weighted`, else J, 1 or s.
 *
 *     weighted: wL * latency / deadline + wE * energy / Eref + wA * (1 - accuracy) + wC * (1 - confidence)
 *
 * Breaking the deadline, the energy budget, the accuracy floor or the least confidence adds, once, the cost of the fastest point that
 * meets the floor: the answer is computed again at full speed. A term whose quantity is absent counts as its reference (energy) or as 0
 * (accuracy, confidence), so that what is unknown neither rewards nor punishes. An accuracy or a confidence of 1 leaves an error of 1e-6, so that no cost is 0.
 */
export interface Objective {
  readonly spec: ObjectiveSpec
  cost(outcome: Outcome, requirements: Requirements, terms?: CostTerms): number
  /** Cost over the noise: that of the means, and the penalty times the probability that it falls due. */
  expectedCost(expected: ExpectedOutcome, requirements: Requirements): number
  /** Cost of a point that behaves as its profile says. Energy budget and deadline count. */
  nominalCost(point: NominalOutcome, requirements: Requirements): number
  /** The fastest point that meets the floor. */
  fallback(requirements: Requirements): number
}

// A gap is a ratio of costs.
const leastError = 1e-6

export function makeObjective(spec: ObjectiveSpec, nominal: readonly NominalOutcome[]): Objective {
  checkSpec(spec)
  const scratch = makeCostTerms()

  const fill = (terms: CostTerms, latencyS: number, energyJ: number, accuracy: number, confidence: number, requirements: Requirements): number => {
    const { weights, reference, kind } = spec
    const joules = Number.isNaN(energyJ) ? reference.energyJ : energyJ
    const weighted = kind === 'weighted'
    const perDeadline = weighted && weights.latency > 0 ? (weights.latency * latencyS) / (requirements.deadlineS ?? reference.latencyS) : 0
    terms.latency = kind === 'latency' ? latencyS : perDeadline
    terms.energy = weighted ? (Number.isNaN(joules) ? 0 : (weights.energy * joules) / reference.energyJ) : kind === 'energy' ? joules : 0
    const wrong = Number.isNaN(accuracy) ? 0 : Math.max(leastError, 1 - accuracy)
    terms.accuracy = weighted ? weights.accuracy * wrong : kind === 'accuracy' ? wrong : 0
    terms.confidence = weighted && !Number.isNaN(confidence) ? weights.confidence * Math.max(leastError, 1 - confidence) : 0
    terms.violation = 0
    return terms.latency + terms.energy + terms.accuracy + terms.confidence
  }

  // Every expected cost asks for it; the floor hardly ever changes.
  let known: { readonly accuracyFloor: number | undefined; readonly point: number } | undefined
  const fallback = ({ accuracyFloor }: Requirements): number => {
    if (known === undefined || known.accuracyFloor !== accuracyFloor) known = { accuracyFloor, point: fastestPoint(nominal, accuracyFloor) }
    return known.point
  }

  const penalty = (requirements: Requirements): number => {
    const point = nominal[fallback(requirements)] as NominalOutcome
    return fill(scratch, point.latencyS, point.energyJ, point.accuracy, Number.NaN, requirements)
  }

  const finish = (terms: CostTerms, base: number, broken: boolean, requirements: Requirements): number => {
    terms.violation = broken ? penalty(requirements) : 0
    terms.total = base + terms.violation
    return terms.total
  }

  const own = makeCostTerms()
  return {
    spec,
    cost(outcome, requirements, terms = own) {
      const { latencyS, energyJ, accuracy, confidence } = outcome
      const base = fill(terms, latencyS, energyJ, accuracy, confidence, requirements)
      return finish(terms, base, breaks(latencyS, energyJ, accuracy, confidence, requirements), requirements)
    },
    expectedCost({ latencyS, energyJ, accuracy, confidence, brokenRatio }, requirements) {
      const base = fill(own, latencyS, energyJ, accuracy, confidence, requirements)
      const ratio = requirements.accuracyFloor !== undefined && accuracy < requirements.accuracyFloor ? 1 : brokenRatio
      return ratio > 0 ? base + ratio * penalty(requirements) : base
    },
    nominalCost(point, requirements) {
      const base = fill(own, point.latencyS, point.energyJ, point.accuracy, Number.NaN, requirements)
      return finish(own, base, breaks(point.latencyS, point.energyJ, point.accuracy, Number.NaN, requirements), requirements)
    },
    fallback,
  }
}

/** True when an outcome breaks a requirement; what is absent (NaN) breaks nothing. */
function breaks(latencyS: number, energyJ: number, accuracy: number, confidence: number, requirements: Requirements): boolean {
  const { deadlineS, energyBudgetJ, accuracyFloor, leastConfidence } = requirements
  return (
    (deadlineS !== undefined && latencyS > deadlineS) ||
    (energyBudgetJ !== undefined && energyJ > energyBudgetJ) ||
    (accuracyFloor !== undefined && accuracy < accuracyFloor) ||
    (leastConfidence !== undefined && confidence < leastConfidence)
  )
}

/** Index of the fastest point whose accuracy meets the floor; of the most accurate points when none does; of all where no accuracy is known. */
export function fastestPoint(nominal: readonly NominalOutcome[], accuracyFloor?: number): number {
  const known = nominal.map((point) => point.accuracy).filter((accuracy) => !Number.isNaN(accuracy))
  const floor = Math.min(accuracyFloor ?? 0, Math.max(...known))
  let fastest = -1
  let leastS = Number.POSITIVE_INFINITY
  nominal.forEach((point, i) => {
    if (known.length > 0 && !(point.accuracy >= floor)) return
    // A latency that is not known is never the least, unless none is.
    if (fastest < 0 || point.latencyS < leastS) {
      fastest = i
      leastS = Number.isNaN(point.latencyS) ? Number.POSITIVE_INFINITY : point.latencyS
    }
  })
  return fastest
}

function checkSpec({ weights, reference, kind }: ObjectiveSpec): void {
  for (const [name, weight] of Object.entries(weights))
    if (!Number.isFinite(weight) || weight < 0) throw new FlyballError('ERR_RANGE', `weight ${name} is ${weight}, expected a number >= 0`)
  if (kind === 'weighted' && Object.values(weights).every((weight) => weight === 0))
    throw new FlyballError('ERR_RANGE', 'all weights are 0, expected at least one above 0, e.g. --weights latency=1,energy=0.5,accuracy=1')
  const unknown = (weights.energy === 0 || Number.isNaN(reference.energyJ)) && (weights.accuracy === 0 || Number.isNaN(reference.accuracy))
  if (kind === 'weighted' && weights.latency === 0 && weights.confidence === 0 && unknown)
    throw new FlyballError(
      'ERR_RANGE',
      'the weights are on quantities that are unknown here, expected one above 0 on latency, e.g. --weights latency=1',
    )
  if (kind === 'energy' && !(reference.energyJ > 0))
    throw new FlyballError('ERR_RANGE', 'the energy of the reference point is unknown here, expected another --objective')
  if (kind === 'accuracy' && Number.isNaN(reference.accuracy))
    throw new FlyballError('ERR_RANGE', 'the accuracy of the reference point is unknown here, expected another --objective')
  const needsLatency = kind === 'latency' || (kind === 'weighted' && weights.latency > 0)
  if (!(reference.latencyS > 0) && (needsLatency || !Number.isNaN(reference.latencyS)))
    throw new FlyballError('ERR_RANGE', `the reference latency is ${reference.latencyS} s, expected more than 0`)
}
