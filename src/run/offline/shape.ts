import type { NominalOutcome } from '../../core/spaces.ts'
import type { TraceHeader } from '../../trace/header.ts'
import type { TraceLog } from '../../trace/log.ts'

/** What has to be known of a log before a policy is judged on it. */
export interface LogShape {
  readonly decisions: number
  /** Of every run that has decisions, the index of its first: [0] for a log of one run. */
  readonly runStarts: readonly number[]
  /** `unknown`: not one decision has a propensity, but for those that an override took. */
  readonly propensities: 'logged' | 'unknown'
}

/** One pass over a log. */
export async function shapeOf(log: Pick<TraceLog, 'entries'>): Promise<LogShape> {
  let decisions = 0
  let known = 0
  let unknown = 0
  const runStarts: number[] = []
  for await (const entry of log.entries()) {
    if (entry.kind === 'segmentEnd' || entry.kind === 'run') {
      if (runStarts.at(-1) !== decisions) runStarts.push(decisions)
    } else if (entry.kind === 'decision') {
      decisions++
      if (!Number.isNaN(entry.propensity)) known++
      else if (entry.executedAction === entry.action) unknown++
    }
  }
  const inner = runStarts.filter((start) => start > 0 && start < decisions)
  return { decisions, runStarts: [0, ...inner], propensities: known === 0 && unknown > 0 ? 'unknown' : 'logged' }
}

/** Borders of `folds` stretches of the log of about the same length, the last one its end; whole runs where there are at least as many. */
export function foldBorders({ decisions, runStarts }: Pick<LogShape, 'decisions' | 'runStarts'>, folds: number): number[] {
  const even = Array.from({ length: folds }, (_, i) => (i + 1 === folds ? decisions : Math.min(decisions, (i + 1) * Math.ceil(decisions / folds))))
  if (runStarts.length < folds) return even
  const borders: number[] = []
  even.slice(0, -1).forEach((wanted, i) => {
    // Each fold gets a run at least: so many must be left for those that follow.
    const candidates = runStarts.slice(i + 1, runStarts.length - (folds - 2 - i)).filter((start) => start > (borders.at(-1) ?? 0))
    borders.push(candidates.reduce((best, start) => (Math.abs(start - wanted) < Math.abs(best - wanted) ? start : best)))
  })
  return [...borders, decisions]
}

const unknownOutcome: NominalOutcome = { latencyS: Number.NaN, energyJ: Number.NaN, accuracy: Number.NaN }

/** What was known of the points before the log began. In a log that flyball did not make the header's profile is the log's own mean: a model that is to be judged on the log must not see that. */
export const profileBefore = ({ env, nominal }: Pick<TraceHeader, 'env' | 'nominal'>): readonly NominalOutcome[] =>
  env.name === importedEnv ? nominal.map(() => unknownOutcome) : nominal

/** Environment of a trace that flyball did not record. */
export const importedEnv = 'imported'

/** Why a trace of several runs cannot be executed again. */
export const whyNoAgent = ({ env }: Pick<TraceHeader, 'env'>): string =>
  env.name === importedEnv ? 'was imported and holds no agent' : 'was merged, and the agents of its runs are not in it'
