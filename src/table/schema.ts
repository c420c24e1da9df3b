import * as v from 'valibot'
import { FlyballError } from '../core/errors.ts'
import { parseJson } from '../core/json.ts'
import { nearest } from '../core/nearest.ts'
import { isOutcomeName, outcomeNames, tableSchemaName } from './table.ts'

const text = v.pipe(v.string('expected a text'), v.trim(), v.nonEmpty('expected a text that is not empty'))
const number = v.pipe(v.number('expected a number'), v.finite('expected a finite number'))
const whole = v.pipe(number, v.integer('expected a whole number'), v.minValue(1, 'expected at least 1'))
const object = (issue: { readonly expected: string | null }): string => (issue.expected === 'Object' ? 'expected an object' : 'expected this field')
const list = <T extends v.GenericSchema>(of: T) => v.pipe(v.array(of, 'expected a list'), v.nonEmpty('expected at least one'))
const quality = v.picklist(['measured', 'estimated'], 'expected measured or estimated')

const knob = v.looseObject(
  {
    name: text,
    values: list(v.union([number, text], 'expected a number or a text')),
    kind: v.optional(v.picklist(['subnet', 'cluster', 'cores', 'frequency', 'other'], 'expected one of subnet, cluster, cores, frequency, other')),
    unit: v.optional(text),
    domain: v.optional(text),
  },
  object,
)

/** The JSON half. Fields that are not known stay unread; those that are known have to be right. */
const half = v.looseObject(
  {
    schema: v.literal(tableSchemaName, `expected '${tableSchemaName}'`),
    name: v.optional(text),
    device: v.optional(text),
    knobs: list(knob),
    outcomes: list(text),
    rows: v.optional(whole),
    energyScope: v.optional(v.picklist(['rail', 'board', 'cpuTime'], 'expected rail, board or cpuTime')),
    quality: v.optional(v.looseObject({ latencyS: v.optional(quality), energyJ: v.optional(quality), accuracy: v.optional(quality) }, object)),
    clusters: v.optional(list(v.looseObject({ id: text, cores: whole }, object))),
    features: v.optional(v.looseObject({ names: v.array(text, 'expected a list'), rows: list(v.array(number, 'expected a list')) }, object)),
  },
  object,
)

export type TableHalf = v.InferOutput<typeof half>
export type StatedKnob = TableHalf['knobs'][number]

/** The JSON half in `text`; `where` names the file in errors. Throws ERR_TABLE, which names the field, what was found and what would be right. */
export function parseHalf(json: string, where: string): TableHalf {
  let document: unknown
  try {
    // Some editors put a byte order mark before everything.
    document = parseJson(json.replace(/^\ufeff/, ''))
  } catch (error) {
    throw new FlyballError('ERR_TABLE', `${where}: is not JSON: ${(error as Error).message}`, { cause: error })
  }
  const parsed = v.safeParse(half, document)
  if (!parsed.success) {
    const [issue] = parsed.issues
    const found = issue.received === 'undefined' ? 'missing' : issue.type === 'non_empty' ? 'empty' : issue.received
    throw new FlyballError('ERR_TABLE', `${where}: ${v.getDotPath(issue) ?? 'the document'} is ${found}: ${issue.message}`)
  }
  const problem = problemOf(parsed.output)
  if (problem !== undefined) throw new FlyballError('ERR_TABLE', `${where}: ${problem}`)
  return parsed.output
}

function problemOf({ knobs, outcomes, clusters, features }: TableHalf): string | undefined {
  const names = knobs.map(({ name }) => name)
  const twice = [...names, ...outcomes].find((name, i, all) => all.indexOf(name) !== i)
  if (twice !== undefined) return `'${twice}' stands twice in knobs and outcomes, expected every column once`
  for (const [i, { name, values }] of knobs.entries()) {
    if (name === '__proto__' || name.includes('=')) return `knobs.${i}.name is '${name}', expected a name without '='`
    const again = values.find((value, j) => values.indexOf(value) !== j)
    if (again !== undefined) return `knobs.${i}.values (${name}) holds ${again} twice, expected every value once`
  }
  if (!outcomes.includes('latencyS'))
    return `outcomes is ${outcomes.join(', ')}: latencyS is missing, expected it and any of ${outcomeNames.join(', ')}, in SI units`
  for (const name of outcomes) {
    if (isOutcomeName(name)) continue
    const [close] = outcomeNames.filter((known) => name.toLowerCase().startsWith(known.replace(/[SJW]$/, '').toLowerCase()))
    const meant = close ?? nearest(name, outcomeNames)[0]
    if (meant !== undefined) return `outcomes holds '${name}': no such outcome, did you mean ${meant} (SI units)?`
  }
  const cluster = clusters?.find(({ id }, i) => clusters.findIndex((other) => other.id === id) !== i)
  if (cluster !== undefined) return `clusters holds '${cluster.id}' twice`
  const ragged = features?.rows.findIndex((row) => row.length !== features.names.length) ?? -1
  if (features !== undefined && ragged >= 0)
    return `features.rows.${ragged} has ${features.rows[ragged]?.length} numbers, expected ${features.names.length} as in features.names`
  return undefined
}
