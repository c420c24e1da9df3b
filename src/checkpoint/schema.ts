import { createHash } from 'node:crypto'
import * as v from 'valibot'
import type { CheckpointData } from '../core/agent.ts'
import { parseJson } from '../core/json.ts'
import type { Requirements } from '../core/outcome.ts'
import type { Mask, Observation } from '../core/spaces.ts'
import {
  agentDataSchema,
  agentOptionsSchema,
  boardSchema,
  count,
  describeIssue,
  finite,
  networkSchema,
  nominalListSchema,
  nullableNumber,
  objectiveSchema,
  type Parts,
  requirementsSchema,
  requirementsToPlain,
  shown,
  spacesSchema,
  spacesToPlain,
} from './parts.ts'

export const checkpointSchemaName = 'flyball-checkpoint/1'

/** Everything needed to go on as if never stopped. docs/checkpoint-format.md documents the file. */
export interface Checkpoint extends Parts {
  /** Version of flyball that wrote it. */
  readonly flyball: string
  readonly agent: { readonly name: string; readonly options: Readonly<Record<string, number | boolean>>; readonly data: CheckpointData }
  /** Decisions taken: the index of the next one. */
  readonly step: number
  readonly seed: number
  /** What the next decision was going to see. A resumed run writes it to the trace as the segment's end: the last logged decision led there. */
  readonly next?: { readonly observation: Observation; readonly mask: Mask } | undefined
  /** The policy as a network for others, in a file of this folder. */
  readonly model?: { readonly file: string; readonly sha256: string } | undefined
  /** What was asked last, and since when what the agent gave up has been given up: of worlds that a resumed run lives through again, where lines of the trace depend on it. */
  readonly observer?:
    | { readonly asked: Requirements; readonly bits: number; readonly seen: number; readonly since: number; readonly count: number }
    | undefined
  /** The trace as it was at this step: its complete records and its length. */
  readonly trace?: { readonly file: string; readonly records: number; readonly sizeB: number } | undefined
}

const checkpointSchema = v.object({
  schema: v.literal(checkpointSchemaName),
  flyball: v.string(),
  agent: v.object({ name: v.string(), options: agentOptionsSchema, data: agentDataSchema }),
  spaces: spacesSchema,
  signature: v.string(),
  board: boardSchema,
  network: networkSchema,
  objective: objectiveSchema,
  requirements: requirementsSchema,
  nominal: nominalListSchema,
  step: count,
  seed: finite,
  next: v.optional(
    v.object({
      observation: v.pipe(
        v.array(nullableNumber),
        v.transform((values): Observation => Float64Array.from(values)),
      ),
      mask: v.pipe(
        v.array(v.picklist([0, 1])),
        v.transform((bits): Mask => Uint8Array.from(bits)),
      ),
    }),
  ),
  model: v.optional(v.object({ file: v.string(), sha256: v.string() })),
  observer: v.optional(v.object({ asked: requirementsSchema, bits: count, seen: count, since: count, count })),
  trace: v.optional(v.object({ file: v.string(), records: count, sizeB: count })),
})

/** The file's text: canonical JSON with its checksum as the last field, one line. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { spaces, requirements, next, observer, ...rest } = checkpoint
  const body = canonicalJson({
    ...rest,
    schema: checkpointSchemaName,
    spaces: spacesToPlain(spaces),
    signature: spaces.signature,
    requirements: requirementsToPlain(requirements),
    observer: observer && { ...observer, asked: requirementsToPlain(observer.asked) },
    next: next && { observation: Array.from(next.observation), mask: Array.from(next.mask) },
  })
  return sealed(body)
}

/** A canonical JSON object with its checksum as the last field. */
export const sealed = (body: string): string => `${body.slice(0, -1)},"sha256":"${sha256(body)}"}\n`

/** Why a text is no checkpoint: `corrupt` is a fault of the file, `schema` a file of another kind or a newer version. */
export type CheckpointFault = { readonly fault: 'corrupt' | 'schema'; readonly reason: string }

/** Never throws. */
export function parseCheckpoint(text: string): Checkpoint | CheckpointFault {
  let document: unknown
  try {
    document = parseJson(text)
  } catch (error) {
    return { fault: 'corrupt', reason: `it is truncated or no JSON (${Buffer.byteLength(text)} B, ${(error as Error).message})` }
  }
  if (typeof document !== 'object' || document === null || !('schema' in document))
    return { fault: 'schema', reason: `it has no field schema, expected ${checkpointSchemaName}` }
  if (document.schema !== checkpointSchemaName)
    return { fault: 'schema', reason: `its schema is ${shown(document.schema)}, this version reads ${checkpointSchemaName}` }
  const { sha256: written, ...body } = document as Record<string, unknown>
  const computed = sha256(canonicalJson(body))
  if (written !== computed) return { fault: 'corrupt', reason: `its checksum is ${shown(written)}, its content gives ${computed}` }
  const result = v.safeParse(checkpointSchema, body)
  if (!result.success) return { fault: 'corrupt', reason: describeIssue(result.issues[0]) }
  const { schema: _schema, signature: _signature, ...checkpoint } = result.output
  return checkpoint
}

/** JSON with sorted keys and no blanks, so that equal content has one text. NaN becomes null, undefined is left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
