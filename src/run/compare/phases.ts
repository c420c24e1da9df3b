import type { RequirementChange } from '../../../envs/world/world.ts'
import type { ObjectiveSpec } from '../../core/objective.ts'
import type { Requirements } from '../../core/outcome.ts'
import { describePoint, type NominalOutcome, type Spaces } from '../../core/spaces.ts'
import type { Ground } from '../grounds/ground.ts'
import { resolveWish, type Wish } from '../request.ts'
import type { Infeasible } from './result.ts'

/**
 * What is asked in every phase, and the objective, whose reference is that of the first phase throughout. What a ground asks at its start gives way to what the
 * user says; its later phases change that start. What no point gives stays asked: it is infeasible, not an error.
 */
export function resolvePhases(
  wish: Wish,
  { phases, objective, nominal }: Pick<Ground, 'phases' | 'objective' | 'nominal'>,
): { requirements: Requirements[]; objective: ObjectiveSpec } {
  const start = { ...changed(wish, phases[0] ?? {}), ...said(wish) }
  const resolved = [start, ...phases.slice(1).map((change) => changed(start, change))].map((asked) =>
    resolveReachable({ ...asked, objective: wish.objective ?? objective }, nominal),
  )
  return { requirements: resolved.map(({ requirements }) => requirements), objective: (resolved[0] as ReturnType<typeof resolveWish>).objective }
}

const said = (wish: Wish): Partial<Wish> => Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined))

/** Null takes back, undefined leaves. */
const over = <T>(asked: T | null | undefined, before: T | undefined): T | undefined => (asked === undefined ? before : (asked ?? undefined))

const changed = (wish: Wish, change: RequirementChange): Wish => ({
  ...wish,
  deadline: over(change.deadline, wish.deadline),
  percentile: over(change.percentile, wish.percentile),
  energyBudgetJ: over(change.energyBudgetJ, wish.energyBudgetJ),
  accuracyFloor: over(change.accuracyFloor, wish.accuracyFloor),
  leastConfidence: over(change.leastConfidence, wish.leastConfidence),
})

/** As resolveWish; of a floor that no point reaches, deadline and reference are those of the most accurate points. */
function resolveReachable(wish: Wish, nominal: readonly NominalOutcome[]): ReturnType<typeof resolveWish> {
  const best = Math.max(...nominal.map(({ accuracy }) => accuracy))
  if (wish.accuracyFloor === undefined || !(wish.accuracyFloor > best)) return resolveWish(wish, nominal)
  const { requirements, objective } = resolveWish({ ...wish, accuracyFloor: best }, nominal)
  return { requirements: { ...requirements, accuracyFloor: wish.accuracyFloor }, objective }
}

/** The phases whose requirements no point meets even on the quiet board, each with the point that misses them by the smallest factor; of equals the fastest. */
export function infeasiblePhases(requirements: readonly Requirements[], spaces: Spaces, nominal: readonly NominalOutcome[]): Infeasible[] {
  return requirements.flatMap((asked, phase) => {
    const excess = nominal.map((point) => excessOf(point, asked))
    const smallest = Math.min(...excess)
    const least = excess.reduce((best, factor, a) => {
      if (factor !== smallest) return best
      return best < 0 || (nominal[a] as NominalOutcome).latencyS < (nominal[best] as NominalOutcome).latencyS ? a : best
    }, -1)
    if (!((excess[least] as number) > 1)) return []
    const { latencyS, energyJ, accuracy } = nominal[least] as NominalOutcome
    const point = describePoint(spaces.points[least] as Spaces['points'][number])
    return [{ phase, requirements: asked, leastBad: { point, latencyS, energyJ: knownOrNull(energyJ), accuracy: knownOrNull(accuracy) } }]
  })
}

const knownOrNull = (value: number): number | null => (Number.isNaN(value) ? null : value)

/** The largest factor by which a point breaks a requirement; at most 1 when it breaks none. What is unknown breaks nothing. */
function excessOf(point: NominalOutcome, { deadlineS, energyBudgetJ, accuracyFloor }: Requirements): number {
  const factors = [
    deadlineS === undefined ? 0 : point.latencyS / deadlineS,
    energyBudgetJ === undefined ? 0 : point.energyJ / energyBudgetJ,
    accuracyFloor === undefined ? 0 : accuracyFloor / point.accuracy,
  ]
  return Math.max(...factors.filter((factor) => !Number.isNaN(factor)))
}
