import * as v from 'valibot'
import type { CheckpointData } from '../core/agent.ts'
import type { ObjectiveSpec } from '../core/objective.ts'
import type { Requirements } from '../core/outcome.ts'
import { makeSpaces, type NominalOutcome, type Spaces } from '../core/spaces.ts'

// The parts that a trace header and a checkpoint have in common, as JSON. NaN, which JSON lacks, is null there.

/** The board that a run governed. The fingerprint is a digest of what decides whether a policy fits: clusters, cores, OPPs. */
export interface BoardId {
  readonly id: string
  readonly fingerprint: string
}

/** The dynamic network that a run governed: name, and digests of its files in the order of its manifest. */
export interface NetworkId {
  readonly name: string
  readonly sha256s: readonly string[]
}

/** `1e999` is JSON, and infinite. */
export const finite = v.pipe(v.number(), v.finite())
export const nullableNumber = v.pipe(
  v.nullable(finite),
  v.transform((value) => value ?? Number.NaN),
)
const ratio = v.pipe(finite, v.minValue(0), v.maxValue(1))
const word = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff))
export const count = v.pipe(v.number(), v.integer(), v.minValue(0))
export const plainRecord = v.record(v.string(), v.unknown())

export const boardSchema = v.object({ id: v.string(), fingerprint: v.string() })
export const networkSchema = v.nullable(v.object({ name: v.string(), sha256s: v.array(v.string()) }))

export const agentOptionsSchema = v.record(v.string(), v.union([finite, v.boolean()]))

/** Whoever walks through an object with a `length` as if it were a list may not come back; one with a `toString` breaks sums. */
const disguises = ['length', 'toString', 'valueOf', '__proto__']

function holdsDisguise(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(holdsDisguise)
  return disguises.some((name) => Object.hasOwn(value, name)) || Object.values(value).some(holdsDisguise)
}

/** The agent's own state: its layout is the agent's business, its version and generator are everybody's. */
export const agentDataSchema = v.pipe(
  v.looseObject({ version: finite, rng: v.tuple([word, word, word, word]) }),
  v.check((data) => !holdsDisguise(data), `expected no object with a member ${disguises.join(', ')}`),
  v.transform((data): CheckpointData => data),
)

const nominalSchema = v.object({ latencyS: nullableNumber, energyJ: nullableNumber, accuracy: nullableNumber })
export const nominalListSchema = v.array(nominalSchema)

export const requirementsSchema = v.object({
  percentile: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
  deadlineS: v.optional(v.pipe(finite, v.gtValue(0))),
  energyBudgetJ: v.optional(v.pipe(finite, v.gtValue(0))),
  accuracyFloor: v.optional(ratio),
  leastConfidence: v.optional(ratio),
})

const weight = v.pipe(finite, v.minValue(0))
export const objectiveSchema = v.object({
  kind: v.picklist(['weighted', 'energy', 'accuracy', 'latency']),
  weights: v.object({ latency: weight, energy: weight, accuracy: weight, confidence: weight }),
  reference: v.object({ ...nominalSchema.entries, point: count }),
})

const knobValue = v.union([finite, v.string()])
const knobSchema = v.pipe(
  v.object({
    name: v.string(),
    kind: v.picklist(['subnet', 'cluster', 'cores', 'frequency', 'other']),
    unit: v.exactOptional(v.string()),
    domain: v.exactOptional(v.string()),
    values: v.array(knobValue),
  }),
)
export const spacesSchema = v.pipe(
  v.object({
    knobs: v.array(knobSchema),
    points: v.pipe(v.array(v.record(v.string(), knobValue)), v.minLength(1)),
    featureNames: v.array(v.string()),
    features: v.array(v.array(nullableNumber)),
    monitors: v.array(v.object({ name: v.string(), low: finite, high: finite })),
  }),
  v.rawTransform(({ dataset, addIssue, NEVER }): Spaces => {
    try {
      return makeSpaces(dataset.value)
    } catch (error) {
      addIssue({ message: (error as Error).message })
      return NEVER
    }
  }),
)

/** Spaces as JSON; the signature follows from the rest. */
export function spacesToPlain(spaces: Spaces): Record<string, unknown> {
  const width = spaces.featureNames.length
  return {
    knobs: spaces.knobs,
    points: spaces.points,
    featureNames: spaces.featureNames,
    features: spaces.points.map((_, a) => Array.from(spaces.features.subarray(a * width, (a + 1) * width))),
    monitors: spaces.monitors.map(({ name, low, high }) => ({ name, low, high })),
  }
}

/** Drops what is not asked: JSON would leave it out too, but a digest must not depend on that. */
export function requirementsToPlain(requirements: Requirements): Record<string, number> {
  return Object.fromEntries(Object.entries(requirements).filter((entry): entry is [string, number] => entry[1] !== undefined))
}

export type Parts = {
  readonly spaces: Spaces
  readonly board: BoardId
  readonly network: NetworkId | null
  readonly objective: ObjectiveSpec
  readonly requirements: Requirements
  readonly nominal: readonly NominalOutcome[]
}

/** Where in a document valibot found the first fault, and what it expected: `agent.rng.2: Invalid type: …`. */
export function describeIssue(issue: v.BaseIssue<unknown>): string {
  return `${v.getDotPath(issue) ?? 'the document'}: ${issue.message}`
}

/** A value in a message: an object with a `toString` of its own is no text, and cannot be made one. */
export const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value)?.slice(0, 80)) ?? 'missing'
