import type { Quality } from '../core/outcome.ts'
import { describePoint } from '../core/spaces.ts'
import type { TraceHeader } from './header.ts'
import type { DecisionRecord, TraceEntry } from './record.ts'

/** What a monitor or an outcome was like over a trace. Null where it was never there. */
export interface FieldSummary {
  readonly name: string
  readonly least: number | null
  readonly mean: number | null
  readonly most: number | null
  /** Share of decisions without it. */
  readonly absentRatio: number
}

export interface TraceSummary {
  readonly decisions: number
  /** Time covered by decisions, s. */
  readonly durationS: number
  readonly firstStep: number | null
  readonly requirementChanges: number
  /** Changes of the board that the agent detected. */
  readonly changes: number
  /** Times that no point was believed to keep what was asked. */
  readonly relaxed: number
  /** Times that the guard took points away or gave some back. */
  readonly guarded: number
  /** Times that a knob was changed by somebody else. */
  readonly knobs: number
  /** Times that a sensor was doubted. */
  readonly sensors: number
  readonly segments: number
  readonly overridden: number
  readonly missRatio: number | null
  readonly monitors: readonly FieldSummary[]
  readonly outcomes: readonly FieldSummary[]
  /** Share of decisions by quality of the energy. */
  readonly energyQuality: Readonly<Record<Quality, number>>
  /** Points by how often they were executed, most first. */
  readonly points: readonly { readonly action: number; readonly point: string; readonly ratio: number }[]
  readonly pointsNeverTried: number
  /** Of the logged propensities: least, and the share that is 1, from which nothing can be learned about other choices. */
  readonly leastPropensity: number | null
  readonly deterministicRatio: number | null
}

interface Range {
  add(value: number): void
  summary(name: string): FieldSummary
}

function makeRange(): Range {
  let n = 0
  let absent = 0
  let sum = 0
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  return {
    add(value) {
      if (Number.isNaN(value)) {
        absent++
        return
      }
      n++
      sum += value
      if (value < least) least = value
      if (value > most) most = value
    },
    summary: (name) => ({
      name,
      least: n === 0 ? null : least,
      mean: n === 0 ? null : sum / n,
      most: n === 0 ? null : most,
      absentRatio: n + absent === 0 ? 1 : absent / (n + absent),
    }),
  }
}

const outcomeNames = ['latencyS', 'energyJ', 'accuracy', 'confidence'] as const

/** Adds up a trace entry by entry; what it keeps does not grow with the trace. */
export function makeTraceSummary({ spaces }: Pick<TraceHeader, 'spaces'>): { add(entry: TraceEntry): void; summary(): TraceSummary } {
  const monitors = spaces.monitors.map(() => makeRange())
  const outcomes = outcomeNames.map(() => makeRange())
  const taken = new Float64Array(spaces.points.length)
  const energyQuality = { measured: 0, estimated: 0, absent: 0 }
  const propensity = makeRange()
  let decisions = 0
  let durationS = 0
  let firstStep: number | null = null
  let requirementChanges = 0
  let changes = 0
  let relaxed = 0
  let guarded = 0
  let knobs = 0
  let sensors = 0
  let segments = 0
  let open = false
  let overridden = 0
  let misses = 0
  let deterministic = 0

  const addDecision = (record: DecisionRecord): void => {
    const { observation, outcome } = record
    firstStep ??= record.step
    decisions++
    if (!open) segments++
    open = true
    if (!Number.isNaN(record.durationS)) durationS += record.durationS
    monitors.forEach((range, i) => {
      range.add(observation[i] as number)
    })
    outcomeNames.forEach((name, i) => {
      outcomes[i]?.add(outcome[name])
    })
    energyQuality[outcome.energyQuality]++
    taken[record.executedAction] = (taken[record.executedAction] as number) + 1
    if (record.executedAction !== record.action) overridden++
    else propensity.add(record.propensity)
    if (record.propensity === 1) deterministic++
    if (!outcome.deadlineMet) misses++
  }

  return {
    add(entry) {
      if (entry.kind === 'decision') addDecision(entry)
      else if (entry.kind === 'requirements') requirementChanges++
      else if (entry.kind === 'segmentEnd' || entry.kind === 'run') open = false
      else if (entry.kind === 'change') changes++
      else if (entry.kind === 'guard') guarded++
      else if (entry.kind === 'knob') knobs += entry.what === 'changed' ? 1 : 0
      else if (entry.kind === 'sensor') sensors += entry.what === 'doubted' ? 1 : 0
      else if (Object.keys(entry.limits).length > 0) relaxed++
    },
    summary() {
      const share = (count: number): number => (decisions === 0 ? 0 : count / decisions)
      const order = Array.from(taken.keys())
        .filter((a) => (taken[a] as number) > 0)
        .sort((a, b) => (taken[b] as number) - (taken[a] as number) || a - b)
      return {
        decisions,
        durationS,
        firstStep,
        requirementChanges,
        changes,
        relaxed,
        guarded,
        knobs,
        sensors,
        segments,
        overridden,
        missRatio: decisions === 0 ? null : misses / decisions,
        monitors: monitors.map((range, i) => range.summary(spaces.monitors[i]?.name ?? '')),
        outcomes: outcomes.map((range, i) => range.summary(outcomeNames[i] as string)),
        energyQuality: {
          measured: share(energyQuality.measured),
          estimated: share(energyQuality.estimated),
          absent: share(energyQuality.absent),
        },
        points: order.map((action) => ({
          action,
          point: describePoint(spaces.points[action] as Record<string, number | string>),
          ratio: share(taken[action] as number),
        })),
        pointsNeverTried: taken.length - order.length,
        leastPropensity: propensity.summary('propensity').least,
        deterministicRatio: decisions === 0 ? null : share(deterministic),
      }
    },
  }
}
