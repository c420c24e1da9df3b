import * as v from 'valibot'
import {
  agentDataSchema,
  agentOptionsSchema,
  boardSchema,
  count,
  describeIssue,
  finite,
  networkSchema,
  nominalListSchema,
  objectiveSchema,
  type Parts,
  plainRecord,
  requirementsSchema,
  requirementsToPlain,
  shown,
  spacesSchema,
  spacesToPlain,
} from '../checkpoint/parts.ts'
import type { CheckpointData } from '../core/agent.ts'
import { parseJson } from '../core/json.ts'
import type { EnergyScope } from '../core/outcome.ts'

export const traceSchemaName = 'flyball-trace/2'
/** The same without events. */
const earlierSchemaName = 'flyball-trace/1'

/** The first line of a trace: everything that a second run of the agent needs, and where the rest came from. */
export interface TraceHeader extends Parts {
  /** ISO 8601; left out where the same seed must give the same bytes. */
  readonly createdAt?: string | undefined
  /** By program: flyball, node, onnxruntime … */
  readonly versions: Readonly<Record<string, string>>
  readonly seed: number
  readonly env: { readonly name: string; readonly options: Readonly<Record<string, unknown>> }
  /** `initial` is the state that the agent began with, null for one that began with nothing. */
  readonly agent: {
    readonly name: string
    readonly options: Readonly<Record<string, number | boolean>>
    readonly frozen: boolean
    readonly initial: CheckpointData | null
  }
  readonly energyScope: EnergyScope
  /** Index of the first decision: above 0 where a run went on from a checkpoint in a new trace. */
  readonly startStep: number
  /** Of a trace that holds several runs, or one that flyball did not make: where each is from. Then there is no one agent that could be run again. */
  readonly runs?: readonly RunOrigin[] | undefined
}

/** Where one run of a merged or imported trace is from. */
export interface RunOrigin {
  /** Name of its file. */
  readonly source: string
  readonly createdAt?: string | undefined
  readonly decisions: number
  readonly env: string
  readonly agent: string
  readonly seed: number
  /** What decided went on learning: its propensities may have fallen towards 0. */
  readonly learning: boolean
}

const runOriginSchema = v.object({
  source: v.string(),
  createdAt: v.optional(v.string()),
  decisions: count,
  env: v.string(),
  agent: v.string(),
  seed: v.number(),
  learning: v.boolean(),
})

const headerSchema = v.object({
  schema: v.picklist([traceSchemaName, earlierSchemaName]),
  createdAt: v.optional(v.string()),
  versions: v.record(v.string(), v.string()),
  seed: finite,
  env: v.object({ name: v.string(), options: plainRecord }),
  board: boardSchema,
  network: networkSchema,
  spaces: spacesSchema,
  requirements: requirementsSchema,
  objective: objectiveSchema,
  nominal: nominalListSchema,
  agent: v.object({ name: v.string(), options: agentOptionsSchema, frozen: v.boolean(), initial: v.nullable(agentDataSchema) }),
  energyScope: v.picklist(['rail', 'board', 'cpuTime']),
  startStep: count,
  runs: v.optional(v.pipe(v.array(runOriginSchema), v.minLength(1))),
})

/** One line, without its end. */
export function formatHeader(header: TraceHeader): string {
  const { spaces, requirements, ...rest } = header
  return JSON.stringify({ schema: traceSchemaName, ...rest, requirements: requirementsToPlain(requirements), spaces: spacesToPlain(spaces) })
}

/** `corrupt` is a fault of the line, `schema` a document of another kind or a newer version. */
export type HeaderFault = { readonly fault: 'corrupt' | 'schema'; readonly reason: string }

/** Never throws. */
export function parseHeader(line: string): TraceHeader | HeaderFault {
  let document: unknown
  try {
    document = parseJson(line)
  } catch {
    return { fault: 'corrupt', reason: 'the header is no JSON, expected a trace; of any other log flyball trace import --map MAP.json makes one' }
  }
  if (typeof document !== 'object' || document === null || !('schema' in document))
    return { fault: 'corrupt', reason: `the first line is no header, expected an object with schema ${traceSchemaName}` }
  if (document.schema !== traceSchemaName && document.schema !== earlierSchemaName)
    return { fault: 'schema', reason: `its schema is ${shown(document.schema)}, this version reads ${earlierSchemaName} and ${traceSchemaName}` }
  const result = v.safeParse(headerSchema, document)
  if (!result.success) return { fault: 'corrupt', reason: `header, ${describeIssue(result.issues[0])}` }
  const { schema: _schema, ...header } = result.output
  const [rows, points] = [header.nominal.length, header.spaces.points.length]
  if (rows !== points)
    return { fault: 'corrupt', reason: `header, nominal: ${rows} entries, expected one for each of the ${points} operating points` }
  return header
}
