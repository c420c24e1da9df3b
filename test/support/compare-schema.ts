import * as v from 'valibot'

const stat = v.strictObject({ mean: v.number(), lo: v.nullable(v.number()), hi: v.nullable(v.number()) })
const ratio = v.pipe(v.number(), v.minValue(0), v.maxValue(1))
const ratioStat = v.strictObject({ ...stat.entries, mean: ratio })
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const positiveStat = v.strictObject({ ...stat.entries, mean: v.pipe(v.number(), v.gtValue(0)) })

const requirements = v.strictObject({
  percentile: v.number(),
  deadlineS: v.optional(v.number()),
  energyBudgetJ: v.optional(v.number()),
  accuracyFloor: v.optional(v.number()),
  leastConfidence: v.optional(v.number()),
})

const agent = v.strictObject({
  agent: v.string(),
  class: v.picklist(['nothing', 'transferred', 'profiled', 'trained', 'reference']),
  profileSteps: count,
  cost: positiveStat,
  reward: stat,
  energyJ: v.nullable(positiveStat),
  latencyS: v.strictObject({ p50: v.nullable(positiveStat), p95: v.nullable(positiveStat), p99: v.nullable(positiveStat) }),
  missRatio: ratioStat,
  dropRatio: stat,
  longestMissRun: stat,
  accuracy: v.nullable(ratioStat),
  gap: stat,
  regret: stat,
  windows: v.array(v.strictObject({ from: v.pipe(count, v.minValue(1)), to: v.nullable(count), gap: stat, missRatio: ratioStat })),
  decideS: stat,
  behindBest: v.nullable(v.strictObject({ ...stat.entries, distinguishable: v.boolean() })),
  curve: v.array(v.number()),
  notes: v.array(v.string()),
})

/** The document of `flyball compare --json` for one ground, after its way through JSON. */
export const comparisonSchema = v.strictObject({
  env: v.string(),
  labels: v.array(v.string()),
  objective: v.strictObject({
    kind: v.picklist(['weighted', 'energy', 'accuracy', 'latency']),
    weights: v.strictObject({ latency: v.number(), energy: v.number(), accuracy: v.number(), confidence: v.number() }),
    reference: v.strictObject({
      point: count,
      knobs: v.record(v.string(), v.union([v.number(), v.string()])),
      latencyS: v.number(),
      energyJ: v.nullable(v.number()),
      accuracy: v.nullable(v.number()),
    }),
  }),
  requirements: v.array(requirements),
  infeasible: v.array(
    v.strictObject({
      phase: count,
      requirements,
      leastBad: v.strictObject({ point: v.string(), latencyS: v.number(), energyJ: v.nullable(v.number()), accuracy: v.nullable(v.number()) }),
    }),
  ),
  energyQuality: v.picklist(['measured', 'estimated', 'absent']),
  energyScope: v.picklist(['rail', 'board', 'cpuTime']),
  steps: count,
  seeds: count,
  firstSeed: count,
  points: count,
  blockSteps: count,
  oracle: v.strictObject({ cost: positiveStat, curve: v.array(v.number()) }),
  agents: v.array(agent),
})
