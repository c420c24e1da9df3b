import * as v from 'valibot'
import { describeIssue, finite, requirementsSchema, requirementsToPlain } from '../checkpoint/parts.ts'
import type { Outcome, Quality, Requirements } from '../core/outcome.ts'
import type { Mask, Observation, Spaces } from '../core/spaces.ts'
import { changeSchema, type EventEntry, formatEvent, guardSchema, knobSchema, relaxedSchema, sensorSchema } from './event.ts'
import { formatMask, parseMask } from './mask-text.ts'

/** One decision: what was seen, what was chosen and how likely, what came of it. */
export interface DecisionRecord {
  readonly step: number
  /** Time of the decision since the start of its segment, s. */
  readonly timeS: number
  readonly observation: Observation
  readonly mask: Mask
  /** What the agent chose. */
  readonly action: number
  /** What was executed: differs only when an emergency override came between. */
  readonly executedAction: number
  /** Sub-network that answered, an index into its knob's values, where the inference ended before the executed action's own was reached. */
  readonly answered?: number | undefined
  /** Probability of the choice; NaN when it was overridden, so that replay drops and counts it. */
  readonly propensity: number
  /** p(a) = epsilon / |mask| + (a is greedy ? 1 - epsilon : 0); with epsilon NaN the distribution has another form, and greedy is the likeliest. */
  readonly greedy: number
  readonly epsilon: number
  readonly outcome: Outcome
  /** From this decision to the next, s. */
  readonly durationS: number
}

/** Requirements that hold from this step on. */
export interface RequirementsEntry {
  readonly kind: 'requirements'
  readonly step: number
  readonly requirements: Requirements
}

/** An orderly end: what would have been seen at `step`, the first decision that was not taken. */
export interface SegmentEndEntry {
  readonly kind: 'segmentEnd'
  readonly step: number
  readonly observation: Observation
  readonly mask: Mask
}

/** From `step` on another run is told of, `run` in the header's list: what the decision before led to is not known. */
export interface RunEntry {
  readonly kind: 'run'
  readonly step: number
  readonly run: number
}

export type TraceEntry = ({ readonly kind: 'decision' } & DecisionRecord) | RequirementsEntry | SegmentEndEntry | RunEntry | EventEntry

/** Numbers are written as they are: doubles survive JSON exactly, so a log holds what was seen to the last bit; environments quantise (core/quantise) to keep lines short. */
export function formatDecision(record: DecisionRecord): string {
  const { outcome, executedAction, action } = record
  const overridden = executedAction !== action
  return JSON.stringify({
    step: record.step,
    timeS: Math.round(record.timeS * 1e6) / 1e6,
    observation: Array.from(record.observation),
    mask: formatMask(record.mask),
    action,
    executedAction: overridden ? executedAction : undefined,
    answered: record.answered,
    propensity: overridden ? null : record.propensity,
    greedy: record.greedy === action ? undefined : record.greedy,
    epsilon: record.epsilon,
    latencyS: outcome.latencyS,
    energyJ: outcome.energyJ,
    accuracy: outcome.accuracy,
    confidence: outcome.confidence,
    deadlineMet: outcome.deadlineMet,
    durationS: record.durationS,
    quality: formatQuality(outcome),
  })
}

export function formatRequirements(step: number, requirements: Requirements): string {
  return JSON.stringify({ requirements: requirementsToPlain(requirements), step })
}

export function formatSegmentEnd(step: number, observation: Observation, mask: Mask): string {
  return JSON.stringify({ segmentEnd: true, step, observation: Array.from(observation), mask: formatMask(mask) })
}

function formatRun(step: number, run: number): string {
  return JSON.stringify({ run, step })
}

/** The line of any entry. */
export function formatEntry(entry: TraceEntry): string {
  if (entry.kind === 'decision') return formatDecision(entry)
  if (entry.kind === 'requirements') return formatRequirements(entry.step, entry.requirements)
  if (entry.kind === 'segmentEnd') return formatSegmentEnd(entry.step, entry.observation, entry.mask)
  if (entry.kind === 'run') return formatRun(entry.step, entry.run)
  return formatEvent(entry)
}

const qualityOfLetter: Readonly<Record<string, Quality>> = { m: 'measured', e: 'estimated', a: 'absent' }

/** First letters of the quality of latency, energy, accuracy, confidence: `meea`. */
function formatQuality(outcome: Outcome): string {
  return [outcome.latencyQuality, outcome.energyQuality, outcome.accuracyQuality, outcome.confidenceQuality].map((quality) => quality[0]).join('')
}

const step = v.pipe(v.number(), v.integer(), v.minValue(0))
const maybeNumber = v.nullable(finite)
const probability = v.pipe(v.number(), v.minValue(0), v.maxValue(1 + 1e-9))
const maskText = v.optional(v.string())

const decisionSchema = v.strictObject({
  step,
  timeS: finite,
  observation: v.array(maybeNumber),
  mask: maskText,
  action: step,
  executedAction: v.optional(step),
  answered: v.optional(step),
  propensity: v.nullable(v.pipe(probability, v.gtValue(0))),
  greedy: v.optional(step),
  epsilon: v.nullable(probability),
  latencyS: v.nullable(v.pipe(finite, v.minValue(0))),
  energyJ: maybeNumber,
  accuracy: maybeNumber,
  confidence: maybeNumber,
  deadlineMet: v.boolean(),
  durationS: maybeNumber,
  quality: v.pipe(v.string(), v.regex(/^[mea]{4}$/)),
})
const requirementsEntrySchema = v.strictObject({ requirements: requirementsSchema, step })
const segmentEndSchema = v.strictObject({ segmentEnd: v.literal(true), step, observation: v.array(maybeNumber), mask: maskText })

const runSchema = v.strictObject({ run: step, step })

/** What is wrong with a line, and what would be right. */
export interface EntryFault {
  readonly fault: string
}

/** One line after the header. Never throws. */
export function parseEntry(line: string, spaces: Spaces): TraceEntry | EntryFault {
  let document: unknown
  try {
    document = JSON.parse(line)
  } catch {
    return { fault: 'it is no JSON' }
  }
  return parseDocument(document, spaces)
}

/** As parseEntry, of a line that is parsed already. Never throws. */
export function parseDocument(document: unknown, spaces: Spaces): TraceEntry | EntryFault {
  if (typeof document !== 'object' || document === null)
    return { fault: 'it is no object, expected a decision, requirements, an event or a segment end' }
  if ('requirements' in document) return parsed(requirementsEntrySchema, document, (entry) => ({ kind: 'requirements', ...entry }))
  if ('run' in document) return parsed(runSchema, document, (entry) => ({ kind: 'run', ...entry }))
  if ('change' in document) return parsed(changeSchema, document, ({ change, step }) => ({ kind: 'change', step, ...change }))
  if ('relaxed' in document) return parsed(relaxedSchema, document, ({ relaxed, step }) => ({ kind: 'relaxed', step, ...relaxed }))
  if ('guard' in document) return parsed(guardSchema, document, ({ guard, step }) => ({ kind: 'guard', step, ...guard }))
  if ('knob' in document) return parsed(knobSchema, document, ({ knob, step }) => ({ kind: 'knob', step, ...knob }))
  if ('sensor' in document) return parsed(sensorSchema, document, ({ sensor, step }) => ({ kind: 'sensor', step, ...sensor }))
  if ('segmentEnd' in document)
    return parsed(segmentEndSchema, document, (entry) =>
      withSeen(entry, spaces, (observation, mask) => ({ kind: 'segmentEnd', step: entry.step, observation, mask })),
    )
  // The schema says what is wrong with a record; that nothing is can be told ten times as fast.
  if (isDecision(document)) return decisionOf(document, spaces)
  return parsed(decisionSchema, document, (entry) => decisionOf(entry, spaces))
}

type DecisionDocument = v.InferOutput<typeof decisionSchema>

const decisionOf = (document: DecisionDocument, spaces: Spaces): TraceEntry | EntryFault =>
  withSeen(document, spaces, (observation, mask) => toDecision(document, observation, mask))

const fields = new Set(Object.keys(decisionSchema.entries))
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0
const isNumber = (value: unknown): boolean => Number.isFinite(value)
const isNumberOrNull = (value: unknown): boolean => value === null || Number.isFinite(value)
const isProbability = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 1 + 1e-9

/** True only for what the schema takes; may be false for some of it. */
function isDecision(document: object): document is DecisionDocument {
  const d = document as Record<string, unknown>
  for (const name in d) if (!fields.has(name)) return false
  const { observation, mask, executedAction, answered, propensity, greedy, epsilon, quality } = d
  if (!Array.isArray(observation)) return false
  for (let i = 0; i < observation.length; i++) if (!isNumberOrNull(observation[i])) return false
  return (
    isCount(d['step']) &&
    isNumber(d['timeS']) &&
    isCount(d['action']) &&
    (mask === undefined || typeof mask === 'string') &&
    (executedAction === undefined || isCount(executedAction)) &&
    (answered === undefined || isCount(answered)) &&
    (greedy === undefined || isCount(greedy)) &&
    (propensity === null || (isProbability(propensity) && (propensity as number) > 0)) &&
    (epsilon === null || isProbability(epsilon)) &&
    isNumberOrNull(d['latencyS']) &&
    (d['latencyS'] as number) >= 0 &&
    isNumberOrNull(d['energyJ']) &&
    isNumberOrNull(d['accuracy']) &&
    isNumberOrNull(d['confidence']) &&
    typeof d['deadlineMet'] === 'boolean' &&
    isNumberOrNull(d['durationS']) &&
    typeof quality === 'string' &&
    quality.length === 4 &&
    Array.prototype.every.call(quality, (letter: string) => letter === 'm' || letter === 'e' || letter === 'a')
  )
}

function parsed<S extends v.GenericSchema>(
  schema: S,
  document: unknown,
  use: (entry: v.InferOutput<S>) => TraceEntry | EntryFault,
): TraceEntry | EntryFault {
  const result = v.safeParse(schema, document)
  return result.success ? use(result.output) : { fault: describeIssue(result.issues[0]) }
}

// A typed array of more than 64 B costs an allocation outside the heap; those of many records share one.
const sharedNumbers = 8192
let shared = new Float64Array(0)
let taken = 0

function takeNumbers(count: number): Float64Array {
  if (taken + count > shared.length) {
    shared = new Float64Array(Math.max(sharedNumbers, count))
    taken = 0
  }
  taken += count
  return shared.subarray(taken - count, taken)
}

/** Checks what only the spaces can tell: number of monitors, mask, actions. */
function withSeen(
  entry: {
    observation: (number | null)[]
    mask?: string | undefined
    action?: number
    executedAction?: number | undefined
    greedy?: number | undefined
    answered?: number | undefined
  },
  { points, monitors, knobs }: Spaces,
  use: (observation: Observation, mask: Mask) => TraceEntry,
): TraceEntry | EntryFault {
  if (entry.observation.length !== monitors.length)
    return { fault: `observation has ${entry.observation.length} values, expected ${monitors.length}` }
  const mask = parseMask(entry.mask, points.length)
  if (mask === undefined)
    return { fault: `mask is ${entry.mask}, expected ${Math.ceil(points.length / 4)} hex digits that allow at least one of ${points.length} actions` }
  for (const field of ['action', 'executedAction', 'greedy'] as const) {
    const action = entry[field]
    if (action !== undefined && action >= points.length) return { fault: `${field} is ${action}, expected an action below ${points.length}` }
  }
  const sizes = entry.answered === undefined ? [] : (knobs.find(({ kind }) => kind === 'subnet')?.values ?? [])
  if (entry.answered !== undefined && entry.answered >= sizes.length)
    return { fault: `answered is ${entry.answered}, expected a sub-network below ${sizes.length}` }
  // An agent that chose what the guard forbids was overridden, and is on record.
  const overridden = entry.executedAction !== undefined && entry.executedAction !== entry.action
  if (entry.action !== undefined && mask[entry.action] !== 1 && !overridden) return { fault: `action ${entry.action} is masked` }
  const observation = takeNumbers(monitors.length)
  for (let i = 0; i < observation.length; i++) observation[i] = entry.observation[i] ?? Number.NaN
  return use(observation, mask)
}

function toDecision(entry: v.InferOutput<typeof decisionSchema>, observation: Observation, mask: Mask): TraceEntry {
  const quality = (at: number): Quality => qualityOfLetter[entry.quality[at] as string] as Quality
  return {
    kind: 'decision',
    step: entry.step,
    timeS: entry.timeS,
    observation,
    mask,
    action: entry.action,
    executedAction: entry.executedAction ?? entry.action,
    ...(entry.answered === undefined ? {} : { answered: entry.answered }),
    propensity: entry.propensity ?? Number.NaN,
    greedy: entry.greedy ?? entry.action,
    epsilon: entry.epsilon ?? Number.NaN,
    outcome: {
      latencyS: entry.latencyS ?? Number.NaN,
      energyJ: entry.energyJ ?? Number.NaN,
      accuracy: entry.accuracy ?? Number.NaN,
      confidence: entry.confidence ?? Number.NaN,
      deadlineMet: entry.deadlineMet,
      latencyQuality: quality(0),
      energyQuality: quality(1),
      accuracyQuality: quality(2),
      confidenceQuality: quality(3),
    },
    durationS: entry.durationS ?? Number.NaN,
  }
}
