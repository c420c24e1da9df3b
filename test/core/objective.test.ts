import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fastestPoint, makeCostTerms, makeObjective, type ObjectiveKind, type ObjectiveSpec, type Weights } from '../../src/core/objective.ts'
import { makeOutcome, type Outcome, type Requirements } from '../../src/core/outcome.ts'
import type { NominalOutcome } from '../../src/core/spaces.ts'

// Three points: fast and poor, middling, slow and good. The reference is the first.
const nominal: NominalOutcome[] = [
  { latencyS: 0.01, energyJ: 0.05, accuracy: 0.5 },
  { latencyS: 0.02, energyJ: 0.1, accuracy: 0.6 },
  { latencyS: 0.04, energyJ: 0.3, accuracy: 0.7 },
]
const reference = { point: 0, ...(nominal[0] as NominalOutcome) }
const weights: Weights = { latency: 1, energy: 0.5, accuracy: 2, confidence: 4 }
const spec = (kind: ObjectiveKind = 'weighted', changes: Partial<Weights> = {}): ObjectiveSpec => ({
  kind,
  weights: { ...weights, ...changes },
  reference,
})
const make = (kind: ObjectiveKind = 'weighted', changes: Partial<Weights> = {}) => makeObjective(spec(kind, changes), nominal)

const outcome = (changes: Partial<Outcome> = {}): Outcome => ({
  ...makeOutcome(),
  latencyS: 0.015,
  energyJ: 0.08,
  accuracy: 0.6,
  confidence: 0.9,
  ...changes,
})
const asked: Requirements = { deadlineS: 0.02, percentile: 99 }

describe('objective, weighted', () => {
  it('adds latency over deadline, energy over reference, and what is missing of accuracy and confidence', () => {
    const terms = makeCostTerms()
    const cost = make().cost(outcome(), asked, terms)
    expect(terms.latency).toBeCloseTo(0.75, 12) // 1 * 0.015 / 0.02
    expect(terms.energy).toBeCloseTo(0.8, 12) // 0.5 * 0.08 / 0.05
    expect(terms.accuracy).toBeCloseTo(0.8, 12) // 2 * (1 - 0.6)
    expect(terms.confidence).toBeCloseTo(0.4, 12) // 4 * (1 - 0.9)
    expect(terms.violation).toBe(0)
    expect(cost).toBeCloseTo(2.75, 12)
    expect(terms.total).toBe(cost)
  })

  it('measures latency in the reference where no deadline is asked', () => {
    expect(make('weighted', { energy: 0, accuracy: 0, confidence: 0 }).cost(outcome(), { percentile: 99 })).toBeCloseTo(1.5, 12)
  })

  // The answer is computed again at the fastest point: 0.01 / 0.02 + 0.5 * 1 + 2 * 0.5, confidence unknown.
  const again = 2
  it.each([
    ['deadline', { latencyS: 0.0201 }, {}],
    ['energy budget', { energyJ: 0.11 }, { energyBudgetJ: 0.1 }],
    ['least confidence', { confidence: 0.3 }, { leastConfidence: 0.4 }],
    ['deadline and budget and confidence', { latencyS: 0.0201, energyJ: 0.11, confidence: 0.3 }, { energyBudgetJ: 0.1, leastConfidence: 0.4 }],
  ])('a broken %s adds the fallback once', (_, changes, requirements) => {
    const terms = makeCostTerms()
    const cost = make().cost(outcome(changes), { ...asked, ...requirements }, terms)
    expect(terms.violation).toBeCloseTo(again, 12)
    expect(cost).toBeCloseTo(terms.latency + terms.energy + terms.accuracy + terms.confidence + again, 12)
  })

  it('a broken floor adds the fastest point that meets it', () => {
    const terms = makeCostTerms()
    make().cost(outcome({ accuracy: 0.5 }), { ...asked, accuracyFloor: 0.6 }, terms)
    expect(terms.violation).toBeCloseTo(0.02 / 0.02 + 0.5 * 2 + 2 * 0.4, 12)
  })

  it('a requirement that is just met is not broken', () => {
    const exact = { deadlineS: 0.015, percentile: 99, energyBudgetJ: 0.08, accuracyFloor: 0.6, leastConfidence: 0.9 }
    const terms = makeCostTerms()
    make().cost(outcome(), exact, terms)
    expect(terms.violation).toBe(0)
  })

  it('an absent energy counts as the reference and breaks no budget; an absent confidence counts nothing', () => {
    const terms = makeCostTerms()
    const absent = outcome({ energyJ: Number.NaN, confidence: Number.NaN })
    make().cost(absent, { ...asked, energyBudgetJ: 1e-9, leastConfidence: 0.99 }, terms)
    expect(terms.energy).toBeCloseTo(0.5, 12)
    expect(terms.confidence).toBe(0)
    expect(terms.violation).toBe(0)
  })

  it('is strictly positive, its terms add up, and breaking a requirement never makes it cheaper', () => {
    const objective = make()
    const positive = fc.double({ min: 1e-6, max: 10, noNaN: true })
    const ratio = fc.integer({ min: 0, max: 999 }).map((n) => n / 1000)
    fc.assert(
      fc.property(
        positive,
        fc.option(positive, { nil: Number.NaN }),
        ratio,
        positive,
        fc.option(ratio),
        (latencyS, energyJ, accuracy, deadlineS, floor) => {
          const terms = makeCostTerms()
          const one = outcome({ latencyS, energyJ, accuracy, confidence: Number.NaN })
          const requirements = { deadlineS, percentile: 99, ...(floor === null ? {} : { accuracyFloor: floor }) }
          const cost = objective.cost(one, requirements, terms)
          expect(cost).toBeGreaterThan(0)
          expect(terms.latency + terms.energy + terms.accuracy + terms.confidence + terms.violation).toBeCloseTo(cost, 9)
          const broken = latencyS > deadlineS || (floor !== null && accuracy < floor)
          expect(terms.violation > 0).toBe(broken)
        },
      ),
    )
  })
})

describe('a network that is always right', () => {
  it.each(['weighted', 'accuracy'] as const)('costs next to nothing, and never nothing: %s', (kind) => {
    const one = make(kind, { latency: 0, energy: 0, confidence: kind === 'weighted' ? 4 : 0 })
    // 2 * 1e-6 + 4 * 1e-6, and 1e-6.
    expect(one.cost(outcome({ accuracy: 1, confidence: 1 }), asked)).toBeCloseTo(kind === 'weighted' ? 6e-6 : 1e-6, 12)
  })
})

describe('objective of one quantity', () => {
  it.each([
    ['energy', 0.08, 0.05],
    ['accuracy', 0.4, 0.5],
    ['latency', 0.015, 0.01],
  ] as const)('%s: its own value in its own unit, the violation likewise', (kind, value, fallback) => {
    expect(make(kind).cost(outcome(), asked)).toBeCloseTo(value, 12)
    expect(make(kind).cost(outcome({ energyJ: 0.08 }), { ...asked, energyBudgetJ: 0.01 })).toBeCloseTo(value + fallback, 12)
  })

  it('takes all weights at 0', () => {
    const none = { latency: 0, energy: 0, accuracy: 0, confidence: 0 }
    expect(make('energy', none).cost(outcome(), asked)).toBeCloseTo(0.08, 12)
  })
})

describe('nominal cost', () => {
  it('is the cost of an outcome like the profile, without confidence', () => {
    const objective = make()
    nominal.forEach((point) => {
      const like = outcome({ ...point, confidence: Number.NaN })
      for (const requirements of [asked, { ...asked, energyBudgetJ: 0.09 }, { ...asked, accuracyFloor: 0.65 }, { percentile: 99 }])
        expect(objective.nominalCost(point, requirements)).toBe(objective.cost(like, requirements))
    })
    // By hand: the slow point misses 20 ms: 2 + 0.5 * 6 + 2 * 0.3, and the fallback's 2.
    expect(objective.nominalCost(nominal[2] as NominalOutcome, asked)).toBeCloseTo(7.6, 12)
  })
})

describe('fallback', () => {
  it('is the fastest point that meets the floor, and one of the most accurate when none does', () => {
    const objective = make()
    expect(objective.fallback({ percentile: 99 })).toBe(0)
    expect(objective.fallback({ percentile: 99, accuracyFloor: 0.5 })).toBe(0)
    expect(objective.fallback({ percentile: 99, accuracyFloor: 0.51 })).toBe(1)
    expect(objective.fallback({ percentile: 99, accuracyFloor: 0.7 })).toBe(2)
    expect(objective.fallback({ percentile: 99, accuracyFloor: 0.9 })).toBe(2)
  })

  it('takes the first of equals', () => {
    const same = { latencyS: 0.01, energyJ: 1, accuracy: 0.5 }
    expect(fastestPoint([same, same, { ...same, accuracy: 0.4 }], 0.5)).toBe(0)
  })
})

describe('where a table knows neither energy nor accuracy', () => {
  const bare: NominalOutcome[] = nominal.map(({ latencyS }) => ({ latencyS, energyJ: Number.NaN, accuracy: Number.NaN }))
  const objective = makeObjective({ ...spec(), reference: { point: 0, ...(bare[0] as NominalOutcome) } }, bare)

  it('the cost goes on without their terms', () => {
    const terms = makeCostTerms()
    const missed = outcome({ latencyS: 0.03, energyJ: Number.NaN, accuracy: Number.NaN, confidence: Number.NaN })
    // 1 * 30/20, and the fastest point's 1 * 10/20 for the miss.
    expect(objective.cost(missed, { percentile: 99, deadlineS: 0.02 }, terms)).toBeCloseTo(2, 12)
    expect(terms).toMatchObject({ energy: 0, accuracy: 0, confidence: 0 })
  })

  it('a floor breaks nothing and excludes nothing', () => {
    expect(objective.nominalCost(bare[0] as NominalOutcome, { percentile: 99, deadlineS: 0.02, accuracyFloor: 0.9 })).toBeCloseTo(0.5, 12)
    expect(objective.fallback({ percentile: 99, accuracyFloor: 0.9 })).toBe(0)
  })
})

describe('a bad objective', () => {
  const code = (run: () => unknown): unknown => {
    try {
      run()
    } catch (error) {
      return (error as { code?: unknown }).code
    }
    return undefined
  }
  it('is refused', () => {
    expect(code(() => make('weighted', { energy: -1 }))).toBe('ERR_RANGE')
    expect(code(() => make('weighted', { energy: Number.NaN }))).toBe('ERR_RANGE')
    expect(code(() => make('weighted', { energy: Number.POSITIVE_INFINITY }))).toBe('ERR_RANGE')
    expect(code(() => make('weighted', { latency: 0, energy: 0, accuracy: 0, confidence: 0 }))).toBe('ERR_RANGE')
    expect(code(() => makeObjective({ ...spec(), reference: { ...reference, latencyS: 0 } }, nominal))).toBe('ERR_RANGE')
    expect(code(() => makeObjective({ ...spec(), reference: { ...reference, latencyS: Number.NaN } }, nominal))).toBe('ERR_RANGE')
    expect(code(() => make())).toBeUndefined()
  })

  it('is refused where what it is about is unknown', () => {
    const absent = { ...reference, energyJ: Number.NaN, accuracy: Number.NaN }
    const weighing = (changes: Partial<Weights>) => ({ ...spec('weighted', changes), reference: absent })
    expect(code(() => makeObjective({ ...spec('energy'), reference: absent }, nominal))).toBe('ERR_RANGE')
    expect(code(() => makeObjective({ ...spec('accuracy'), reference: absent }, nominal))).toBe('ERR_RANGE')
    // Such costs would all be 0.
    expect(code(() => makeObjective(weighing({ latency: 0, confidence: 0 }), nominal))).toBe('ERR_RANGE')
    expect(code(() => makeObjective(weighing({}), nominal))).toBeUndefined()
  })
})

describe('expected cost', () => {
  const nominal = [
    { latencyS: 0.01, energyJ: 0.2, accuracy: 0.7 },
    { latencyS: 0.02, energyJ: 0.1, accuracy: 0.7 },
  ]
  const reference = { point: 0, ...(nominal[0] as (typeof nominal)[number]) }
  const weights = { latency: 1, energy: 0.5, accuracy: 1, confidence: 0 }
  const expected = { latencyS: 0.02, energyJ: 0.1, accuracy: 0.7, confidence: Number.NaN, missRatio: 0.1, brokenRatio: 0.25 }

  it('is that of the means plus the penalty times its probability', () => {
    const objective = makeObjective({ kind: 'energy', weights, reference }, nominal)
    // 0.1 J, and a quarter of the fastest point's 0.2 J.
    expect(objective.expectedCost(expected, { percentile: 99, deadlineS: 0.021 })).toBeCloseTo(0.15, 15)
  })

  it('of a point below the accuracy floor has the whole penalty', () => {
    const objective = makeObjective({ kind: 'energy', weights, reference }, nominal)
    expect(objective.expectedCost(expected, { percentile: 99, accuracyFloor: 0.8 })).toBeCloseTo(0.3, 15)
  })

  it('weighted: 1 * 20/40 + 0.5 * 0.1/0.2 + 0.3, and a quarter of 1 * 10/40 + 0.5 + 0.3', () => {
    const objective = makeObjective({ kind: 'weighted', weights, reference }, nominal)
    expect(objective.expectedCost(expected, { percentile: 99, deadlineS: 0.04 })).toBeCloseTo(1.05 + 0.25 * 1.05, 12)
  })
})

describe('the fastest point', () => {
  it('is none whose latency is unknown, unless all are', () => {
    const unknown = { latencyS: Number.NaN, energyJ: 0.1, accuracy: 0.7 }
    expect(fastestPoint([unknown, ...nominal])).toBe(1)
    expect(fastestPoint([...nominal, unknown])).toBe(0)
    expect(fastestPoint([unknown, unknown])).toBe(0)
  })
})
