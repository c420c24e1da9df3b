import type { AgentClass, AgentResult, CompareResult, Stat } from '../../src/run/compare/result.ts'

/** Mean with an interval of a tenth to either side; none with one seed. */
export const stat = (mean: number, seeds = 20): Stat => {
  const half = Math.abs(mean) / 10
  return seeds === 1 ? { mean, lo: null, hi: null } : { mean, lo: mean - half, hi: mean + half }
}

const windowEnds = [
  [1, 20],
  [1, 50],
  [21, 50],
  [51, 100],
  [51, 500],
  [101, 500],
  [501, null],
] as const

export interface SampleAgent {
  readonly agent: string
  readonly class: AgentClass
  readonly gap: number
  /** The gap at first, which falls to a half of `gap`. Default: the same throughout. */
  readonly first?: number
  readonly missRatio?: number
  readonly energyJ?: number | null
  readonly notes?: readonly string[]
}

/** The oracle's cost is 0.5 a step throughout. */
export const oracleCost = 0.5

const blocksOf = (steps: number): number => Math.ceil(steps / Math.ceil(steps / 200))

export function sampleAgent(sample: SampleAgent, seeds = 20, steps = 1000): AgentResult {
  const { agent, gap, first = gap, missRatio = 0.01, energyJ = 0.1, notes = [] } = sample
  const cost = oracleCost * (1 + gap)
  const at = (step: number): number => (first === gap ? gap : gap / 2 + (first - gap / 2) * Math.exp(-step / 120))
  return {
    agent,
    class: sample.class,
    profileSteps: sample.class === 'profiled' ? 208 : 0,
    cost: stat(cost, seeds),
    reward: stat(-cost, seeds),
    energyJ: energyJ === null ? null : stat(energyJ, seeds),
    latencyS: { p50: stat(0.02, seeds), p95: stat(0.03, seeds), p99: steps < 662 ? null : stat(0.04, seeds) },
    dropRatio: { mean: 0, lo: 0, hi: 0 },
    missRatio: stat(missRatio, seeds),
    longestMissRun: stat(Math.round(missRatio * 40), seeds),
    accuracy: stat(0.72, seeds),
    gap: stat(gap, seeds),
    regret: stat(steps * oracleCost * gap, seeds),
    windows: windowEnds
      .filter(([from, to]) => (to ?? from) <= steps)
      .map(([from, to]) => ({ from, to, gap: stat(at((from + Math.min(to ?? steps, steps)) / 2), seeds), missRatio: stat(missRatio, seeds) })),
    decideS: stat(12e-6, seeds),
    behindBest: null,
    curve: Array.from({ length: blocksOf(steps) }, (_, i) => oracleCost * (1 + at((i * steps) / blocksOf(steps)))),
    notes,
  }
}

/** Told apart from a difference of a tenth on. */
function behindBest(agent: AgentResult, all: readonly AgentResult[]): AgentResult['behindBest'] {
  const least = Math.min(...all.filter((other) => other.class === agent.class).map(({ cost }) => cost.mean))
  const mean = agent.cost.mean - least
  return agent.class === 'reference' || mean === 0 ? null : { mean, lo: mean - 0.1, hi: mean + 0.1, distinguishable: mean > 0.1 }
}

export function sampleResult(env: string, agents: readonly SampleAgent[], more: Partial<CompareResult> = {}): CompareResult {
  const { seeds = 20, steps = 1000 } = more
  return {
    env,
    labels: ['simulated: odroid-xu4, nominal plant', 'network date2020: accuracies as recalled, bytes assumed', 'heat assumed by the first trip'],
    objective: {
      kind: 'weighted',
      weights: { latency: 1, energy: 0.5, accuracy: 1, confidence: 0 },
      reference: { point: 0, knobs: { subnet: 25 }, latencyS: 0.02, energyJ: 0.1, accuracy: 0.7 },
    },
    requirements: [{ deadlineS: 0.033, percentile: 99 }],
    infeasible: [],
    energyQuality: 'estimated',
    energyScope: 'board',
    steps,
    seeds,
    points: 208,
    firstSeed: 1,
    blockSteps: Math.ceil(steps / 200),
    oracle: { cost: stat(oracleCost, seeds), curve: Array.from({ length: blocksOf(steps) }, () => oracleCost) },
    agents: agents.map((agent) => sampleAgent(agent, seeds, steps)).map((agent, _, all) => ({ ...agent, behindBest: behindBest(agent, all) })),
    ...more,
  }
}

/** What stands in a full comparison: learners, governors, references. */
export const sampleAgents: readonly SampleAgent[] = [
  { agent: 'oracle', class: 'reference', gap: 0, missRatio: 0.002, energyJ: 0.082 },
  { agent: 'static', class: 'reference', gap: 0.08, missRatio: 0.004, energyJ: 0.09 },
  { agent: 'planner', class: 'reference', gap: -0.012, missRatio: 0.002, energyJ: 0.081 },
  { agent: 'q-learning', class: 'nothing', gap: 0.62, first: 2.4, missRatio: 0.09, energyJ: 0.13 },
  { agent: 'linucb', class: 'nothing', gap: 0.41, first: 2.1, missRatio: 0.06, energyJ: 0.12 },
  { agent: 'performance', class: 'nothing', gap: 1.3, missRatio: 0, energyJ: 0.31 },
  { agent: 'powersave', class: 'nothing', gap: 4.7, missRatio: 1, energyJ: 0.19 },
  { agent: 'schedutil', class: 'nothing', gap: 1.1, missRatio: 0.001, energyJ: 0.29 },
  { agent: 'ondemand', class: 'nothing', gap: 1.2, missRatio: 0.001, energyJ: 0.3 },
  { agent: 'ladder', class: 'nothing', gap: 0.45, missRatio: 0.05, energyJ: 0.16 },
  { agent: 'q-learning+profile', class: 'profiled', gap: 0.16, first: 0.5, missRatio: 0.02, energyJ: 0.1 },
  { agent: 'alert', class: 'profiled', gap: 0.14, missRatio: 0.012, energyJ: 0.098, notes: ['its slow-down factor went out of bounds <twice>'] },
  { agent: 'q-learning@runs/first-of-many/odroid frozen', class: 'trained', gap: 0.11, missRatio: 0.011, energyJ: 0.097 },
]

/** Nine environments, a dozen agents. */
export const sampleSuite: readonly CompareResult[] = [
  'steady',
  'corunner-bursts',
  'corunner-mix',
  'hot-ambient',
  'core-loss',
  'budget-change',
  'arrivals',
  'drift',
  'noisy-sensors',
].map((scenario, i) =>
  sampleResult(
    `sim:odroid-xu4@${scenario}`,
    sampleAgents.map((agent, k) => ({ ...agent, gap: agent.gap * (1 + 0.5 * Math.sin(3 * i + k)) })),
    scenario === 'budget-change'
      ? {
          requirements: [
            { deadlineS: 0.4, percentile: 99, energyBudgetJ: 0.1 },
            { deadlineS: 0.2, percentile: 99, energyBudgetJ: 0.15, accuracyFloor: 0.7 },
          ],
          infeasible: [
            {
              phase: 1,
              requirements: { deadlineS: 0.2, percentile: 99, energyBudgetJ: 0.15, accuracyFloor: 0.7 },
              leastBad: { point: 'subnet=100 cluster=big cores=4 big.freqHz=2e9', latencyS: 0.25, energyJ: 0.2, accuracy: 0.71 },
            },
          ],
        }
      : {},
  ),
)
