import type { ObjectiveSpec } from '../../core/objective.ts'
import type { OperatingPoint, Spaces } from '../../core/spaces.ts'
import { mean } from '../../core/statistics.ts'
import type { RunEvents } from '../events.ts'
import type { Ground } from '../grounds/ground.ts'
import type { Wish } from '../request.ts'
import type { Job, JobRunner } from './jobs.ts'
import type { AgentEntry } from './lineup.ts'
import { makePlan, type Plan, plannerIdle } from './plan.ts'
import type { CompareResult } from './result.ts'
import type { SeedResult } from './seed-run.ts'
import { agentResult, meanCurve, rankWithinClasses, statOf } from './statistics.ts'
import { blockStepsOf, type SeedSummary } from './summary.ts'

/** How much is run, of whom, and what is asked. */
export interface CompareSettings {
  readonly agents: readonly AgentEntry[]
  readonly wish: Wish
  readonly steps: number
  readonly seeds: number
  readonly firstSeed: number
}

/** The comparison proper, whoever does the jobs. */
export async function compareOn(
  grounds: readonly Ground[],
  settings: CompareSettings,
  events: Pick<RunEvents, 'progress'>,
  runnerOf: (plans: readonly Plan[]) => JobRunner,
): Promise<CompareResult[]> {
  const { seeds, firstSeed } = settings
  const plans = grounds.map((ground) => makePlan(ground, settings.wish, settings.agents, settings.steps))
  const jobs = grounds.flatMap((_, ground) => Array.from({ length: seeds }, (_, i): Job => ({ ground, seed: firstSeed + i })))
  const results = await runnerOf(plans)(jobs, (done) => events.progress('comparing', done, jobs.length, 'runs of all agents'))
  return grounds.map((ground, g) => resultOf(ground, plans[g] as ReturnType<typeof makePlan>, settings, results.slice(g * seeds, (g + 1) * seeds)))
}

// A table has none, and a simulated network answers nothing.
const confidenceUnknown = 'confidence of an answer: unknown here, so that none falls below what is asked and none costs anything'

const asksConfidence = ({ objective: { kind, weights }, requirements }: Plan): boolean =>
  (kind === 'weighted' && weights.confidence > 0) || requirements.some(({ leastConfidence }) => leastConfidence !== undefined)

const withKnobs = (objective: ObjectiveSpec, { points }: Spaces): CompareResult['objective'] => ({
  ...objective,
  reference: { ...objective.reference, knobs: points[objective.reference.point] as OperatingPoint },
})

function resultOf(ground: Ground, plan: ReturnType<typeof makePlan>, settings: CompareSettings, results: readonly SeedResult[]): CompareResult {
  const oracle = results.map((result) => result.oracle)
  const runs = plan.agents.map((_, a) => results.map((result) => result.agents[a] as SeedSummary))
  const agents = plan.agents.map((entry, a) =>
    agentResult(entry, runs[a] as SeedSummary[], oracle, plan.steps, {
      profileSteps: entry.class === 'profiled' ? ground.spaces.points.length : 0,
      notes: notesOf(entry, plan),
    }),
  )
  return {
    env: ground.id,
    labels: [
      ...ground.labels,
      ...(plan.agents.length < settings.agents.length ? [plannerIdle(ground)] : []),
      ...(asksConfidence(plan) ? [confidenceUnknown] : []),
      ...hardLabels(oracle),
    ],
    objective: withKnobs(plan.objective, ground.spaces),
    requirements: plan.requirements,
    infeasible: plan.infeasible,
    energyQuality: ground.energyQuality,
    energyScope: ground.energyScope,
    steps: plan.steps,
    seeds: settings.seeds,
    firstSeed: settings.firstSeed,
    points: ground.spaces.points.length,
    blockSteps: blockStepsOf(plan.steps),
    oracle: { cost: statOf(oracle.map(({ cost }) => cost)), curve: meanCurve(oracle) },
    agents: rankWithinClasses(agents, runs),
  }
}

// Where more is missed than this, what was asked decides little.
const muchMissed = 0.2

/** Where even the oracle misses much, a reader has to know. */
function hardLabels(oracle: readonly SeedSummary[]): string[] {
  const missRatio = mean(oracle.map((run) => run.missRatio))
  if (missRatio <= muchMissed) return []
  return [
    `the oracle itself misses ${(100 * missRatio).toFixed(0)} %: a broken requirement costs once, so that where little can be met the cheapest way may be to break it`,
  ]
}

function notesOf({ checkpoint }: AgentEntry, { objective }: Plan): string[] {
  if (checkpoint === undefined) return []
  const same = JSON.stringify([checkpoint.objective.kind, checkpoint.objective.weights]) === JSON.stringify([objective.kind, objective.weights])
  return same ? [] : [`learned under another objective: ${checkpoint.objective.kind}`]
}
