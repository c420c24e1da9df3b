import * as v from 'valibot'
import { figure } from '../../../src/board/known/values.ts'
import { FlyballError } from '../../../src/core/errors.ts'
import { parseDeadline, parseQuantity } from '../../../src/core/units.ts'

/** Of what a scenario file is made, beyond what board files know. */

export const momentS = figure('a time from 0 to 1e7 s', 0, 1e7)
export const spanS = figure('a time above 0 and up to 1e7 s', Number.MIN_VALUE, 1e7)
/** What others take: never all, for then nothing would ever be answered. */
export const share = figure(
  'a share from 0 to 0.95',
  0,
  0.95,
  { from: 0.951, to: 1, say: 'everything: at most 0.95' },
  { from: 1, to: 100, say: '%: times 1e-2' },
)
export const load = figure('a load above 0 and up to 20 (1: as many requests as the fastest point of full size can answer)', 1e-6, 20, {
  from: 20,
  to: 2000,
  say: '%: times 1e-2',
})
export const rateHz = figure('a rate above 0 and up to 1e6 requests per second', 1e-6, 1e6)
export const factor = figure('a factor on the latency from 0.1 to 100', 0.1, 100)
export const jitter = figure('a jitter from 0 to 0.95', 0, 0.95, { from: 0.951, to: 100, say: '%: times 1e-2' })

/** A number, or `[low, high]`: drawn anew, uniformly, each time. */
export type Drawn = number | readonly [number, number]

export const drawn = <T extends v.GenericSchema<number, number>>(of: T) => {
  const pair = v.pipe(
    v.strictTuple([of, of], 'expected a number or [low, high]'),
    v.check(([low, high]) => low <= high, 'expected [low, high] with low <= high'),
  )
  return v.lazy((input): v.GenericSchema<Drawn, Drawn> => (Array.isArray(input) ? (pair as unknown as v.GenericSchema<Drawn, Drawn>) : of))
}

/** A quantity with its unit, or a requirement that is taken back. */
const asked = (expected: string, isRight: (text: string) => boolean) =>
  v.nullable(
    v.pipe(
      v.string(`expected ${expected}, or null`),
      v.check((text) => isRight(text), `expected ${expected}`),
    ),
  )

const parses = (parse: (text: string) => unknown) => (text: string) => {
  try {
    parse(text)
    return true
  } catch (error) {
    if (error instanceof FlyballError) return false
    throw error
  }
}

export const deadline = asked(
  "a time as '200ms', or a multiple of the fastest point that meets the floor as '1.5x'",
  parses((text) => parseDeadline(text, 'deadline')),
)
export const energyBudget = asked(
  "an energy above 0 as '150mJ'",
  parses((text) => {
    if (!(parseQuantity(text, 'energy', 'energyBudget') > 0)) throw new FlyballError('ERR_RANGE', text)
  }),
)

type OneOf<T extends Readonly<Record<string, v.GenericSchema>>> = v.GenericSchema<v.InferInput<T[keyof T]>, v.InferOutput<T[keyof T]>>

/** The schema that `pick` names for a document; `otherwise` where it names none. */
export function choose<const T extends Readonly<Record<string, v.GenericSchema>>>(
  schemas: T,
  pick: (fields: Readonly<Record<string, unknown>>) => string,
  otherwise: v.GenericSchema = v.never(),
) {
  return v.lazy((input): OneOf<T> => {
    const fields = typeof input === 'object' && input !== null ? (input as Readonly<Record<string, unknown>>) : {}
    const name = pick(fields)
    return (Object.hasOwn(schemas, name) ? schemas[name] : otherwise) as OneOf<T>
  })
}

/** By the field `kind`. */
export function byKind<const T extends Readonly<Record<string, v.GenericSchema>>>(schemas: T) {
  const expected = `expected one of ${Object.keys(schemas).join(', ')}`
  // No strict object: what the other fields mean is not known before the kind is.
  const kindOnly = v.object({ kind: v.picklist(Object.keys(schemas), expected) }, 'expected an object with the field kind')
  return choose(schemas, ({ kind }) => (typeof kind === 'string' ? kind : ''), kindOnly)
}
