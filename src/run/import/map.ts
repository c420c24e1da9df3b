import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { FlyballError, isSystemError } from '../../core/errors.ts'
import { parseJson } from '../../core/json.ts'
import { formats } from './rows.ts'

export const mapSchemaName = 'flyball-import/1'

const text = v.pipe(v.string('expected a text'), v.nonEmpty('expected a text that is not empty'))
const number = v.pipe(v.number('expected a number'), v.finite('expected a finite number'))
const positive = v.pipe(number, v.gtValue(0, 'expected a number above 0'))
const weight = v.pipe(number, v.minValue(0, 'expected a number of at least 0'))
const object = (issue: { readonly expected: string | null; readonly received: string }): string =>
  issue.expected === 'never' ? `no field is called ${issue.received}` : issue.expected === 'Object' ? 'expected an object' : 'expected this field'
const list = <T extends v.GenericSchema>(of: T) => v.pipe(v.array(of, 'expected a list'), v.nonEmpty('expected at least one'))

const quantity = v.strictObject({ column: text, unit: v.optional(text) }, object)
const timeColumn = v.strictObject({ column: text, unit: v.optional(text), offset: v.optional(text) }, object)
const knob = v.strictObject(
  {
    column: text,
    name: v.optional(text),
    kind: v.optional(v.picklist(['subnet', 'cluster', 'cores', 'frequency', 'other'], 'expected one of subnet, cluster, cores, frequency, other')),
    unit: v.optional(text),
    domain: v.optional(text),
    levels: v.optional(list(v.union([number, text], 'expected a number or a text'))),
    step: v.optional(positive),
    accuracy: v.optional(v.record(v.string(), v.pipe(number, v.minValue(0), v.maxValue(1, 'expected a share from 0 to 1')))),
  },
  object,
)
const monitor = v.strictObject(
  { column: text, name: v.optional(text), unit: v.optional(text), low: v.optional(number), high: v.optional(number) },
  object,
)
const asked = v.union([quantity, number, text], 'expected { "column", "unit" }, a number in SI units, or a quantity as "33ms"')

const mapSchema = v.strictObject(
  {
    schema: v.literal(mapSchemaName, `expected '${mapSchemaName}'`),
    format: v.optional(v.picklist(formats, `expected one of ${formats.join(', ')}`)),
    delimiter: v.optional(v.pipe(v.string(), v.length(1, 'expected one character'))),
    decimal: v.optional(v.picklist(['.', ','], 'expected . or ,')),
    board: v.optional(text),
    energyScope: v.optional(v.picklist(['rail', 'board', 'cpuTime'], 'expected rail, board or cpuTime')),
    time: v.optional(v.union([timeColumn, v.strictObject({ every: text })], 'expected { "column", "unit" }, or { "every": "1s" }')),
    run: v.optional(v.strictObject({ column: text }, object)),
    knobs: list(knob),
    monitors: v.optional(v.array(monitor, 'expected a list')),
    monitorsFrom: v.optional(v.picklist(['row', 'previousRow'], 'expected row or previousRow')),
    outcomes: v.strictObject(
      {
        latencyS: v.optional(quantity),
        energyJ: v.optional(quantity),
        powerW: v.optional(
          v.strictObject({ ...quantity.entries, over: v.optional(v.picklist(['latency', 'interval'], 'expected latency or interval')) }, object),
        ),
        accuracy: v.optional(quantity),
        confidence: v.optional(quantity),
      },
      object,
    ),
    propensity: v.optional(quantity),
    requirements: v.optional(
      v.strictObject(
        {
          deadlineS: v.optional(asked),
          energyBudgetJ: v.optional(asked),
          accuracyFloor: v.optional(asked),
          percentile: v.optional(v.pipe(number, v.gtValue(0), v.ltValue(100, 'expected a share in %, above 0 and below 100'))),
        },
        object,
      ),
    ),
    objective: v.optional(v.picklist(['weighted', 'energy', 'accuracy', 'latency'], 'expected weighted, energy, accuracy or latency')),
    weights: v.optional(
      v.strictObject(
        { latency: v.optional(weight, 0), energy: v.optional(weight, 0), accuracy: v.optional(weight, 0), confidence: v.optional(weight, 0) },
        object,
      ),
    ),
    latencies: v.optional(
      v.strictObject(
        {
          time: timeColumn,
          latencyS: quantity,
          accuracy: v.optional(quantity),
          confidence: v.optional(quantity),
          deadlineS: v.optional(quantity),
          maxGapS: v.optional(positive),
        },
        object,
      ),
    ),
  },
  object,
)

/** Which columns of a log are what. */
export type ImportMap = v.InferOutput<typeof mapSchema>
export type KnobMap = ImportMap['knobs'][number]
export type QuantityMap = v.InferOutput<typeof quantity>
export type LatencyMap = NonNullable<ImportMap['latencies']>
export type TimeColumn = v.InferOutput<typeof timeColumn>

/** Reads a map. Throws ERR_LOG naming the file and the field, what was found and what would be right. */
export function readMap(path: string): ImportMap {
  let document: unknown
  try {
    document = parseJson(readFileSync(path, 'utf8').replace(/^\ufeff/, ''))
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR'))
      throw new FlyballError('ERR_LOG', `${path}: there is no such file, expected the map of --map: JSON with schema ${mapSchemaName}`, {
        cause: error,
      })
    throw new FlyballError('ERR_LOG', `${path} is no map: ${(error as Error).message}; expected JSON with schema ${mapSchemaName}`, { cause: error })
  }
  const parsed = v.safeParse(mapSchema, document)
  if (parsed.success) return checked(parsed.output, path)
  const [issue] = parsed.issues
  const found = issue.received === 'undefined' ? 'is missing' : issue.type === 'strict_object' ? 'is not known' : `is ${issue.received}`
  throw new FlyballError('ERR_LOG', `${path}: ${v.getDotPath(issue) ?? 'the document'} ${found}: ${issue.message}`)
}

function checked(map: ImportMap, path: string): ImportMap {
  const fail = (field: string, what: string): never => {
    throw new FlyballError('ERR_LOG', `${path}: ${field}: ${what}`)
  }
  const twice = (names: readonly string[]): number => names.findIndex((name, i) => names.indexOf(name) !== i)
  const knobs = map.knobs.map(({ name, column }) => name ?? column)
  if (twice(knobs) >= 0) fail(`knobs.${twice(knobs)}`, `a second knob is called ${knobs[twice(knobs)]}`)
  const monitors = (map.monitors ?? []).map(({ name, column }) => name ?? column)
  if (twice(monitors) >= 0) fail(`monitors.${twice(monitors)}`, `a second monitor is called ${monitors[twice(monitors)]}`)
  map.knobs.forEach(({ levels, step }, i) => {
    if (levels !== undefined && step !== undefined) fail(`knobs.${i}`, 'has levels and a step, expected one of the two')
  })
  if (map.outcomes.energyJ !== undefined && map.outcomes.powerW !== undefined) fail('outcomes', 'has energyJ and powerW, expected one of the two')
  if (map.latencies !== undefined && map.outcomes.latencyS !== undefined)
    fail('latencies', 'and outcomes.latencyS both say the latency, expected one of the two')
  const { powerW } = map.outcomes
  if (powerW !== undefined && map.time === undefined && powerOver(map) === 'interval')
    fail('outcomes.powerW', 'is counted over the interval between two records, expected "time" as well')
  if (map.latencies !== undefined && (map.time === undefined || 'every' in map.time))
    fail('latencies', 'are joined by time, expected a column of it in "time" as well')
  return map
}

/** What an average power is multiplied with to be the energy of a decision. */
export const powerOver = ({ outcomes, latencies }: ImportMap): 'latency' | 'interval' =>
  outcomes.powerW?.over ?? (outcomes.latencyS === undefined && latencies === undefined ? 'interval' : 'latency')
