import * as v from 'valibot'
import { nearest } from '../../core/nearest.ts'

/** Of what every board and scenario file is made: numbers in SI units within what is possible, so that another unit is noticed, and objects that know their fields. */

/** A number from `low` to `high`. `hint`: what a number outside probably is, tried from the first on. */
export function figure(expected: string, low: number, high: number, ...hints: readonly { from: number; to: number; say: string }[]) {
  return v.pipe(
    v.number(`expected ${expected}`),
    v.check(
      (x) => x >= low && x <= high,
      (issue) => {
        const hint = hints.find(({ from, to }) => issue.input >= from && issue.input <= to)
        return `expected ${expected}${hint === undefined ? '' : `; this looks like ${hint.say}`}`
      },
    ),
  )
}

export const freqHz = figure(
  'a frequency from 1e7 to 2e10 Hz',
  1e7,
  2e10,
  { from: 1e4, to: 1e7, say: 'kHz: times 1e3' },
  { from: 10, to: 1e4, say: 'MHz: times 1e6' },
  { from: 0.01, to: 10, say: 'GHz: times 1e9' },
)
export const voltageV = figure(
  'a voltage from 0.3 to 1.5 V',
  0.3,
  1.5,
  { from: 3e5, to: 1.5e6, say: 'uV: times 1e-6' },
  { from: 300, to: 1500, say: 'mV: times 1e-3' },
)
export const powerW = figure('a power above 0 and up to 500 W', Number.MIN_VALUE, 500, { from: 500, to: 1e10, say: 'mW or uW' })
export const capacitanceF = figure(
  'a capacitance from 1e-13 to 1e-7 F (dynamic-power-coefficient of a device tree, uW/MHz/V^2, times 1e-12)',
  1e-13,
  1e-7,
  { from: 1, to: 1e5, say: 'uW/MHz/V^2: times 1e-12' },
)
export const tempC = figure('a temperature from -40 to 200 degC', -40, 200, { from: 2e3, to: 2e5, say: 'millidegrees: times 1e-3' })
export const spanC = figure('a difference of temperatures from 0 to 100 degC', 0, 100, { from: 500, to: 1e5, say: 'millidegrees: times 1e-3' })
export const timeS = figure(
  'a time from 0 to 100 s',
  0,
  100,
  { from: 1e5, to: 1e10, say: 'ns: times 1e-9' },
  { from: 100, to: 1e5, say: 'us: times 1e-6' },
)
export const bandwidthBps = figure('a bandwidth from 1e7 to 1e13 B/s', 1e7, 1e13, { from: 10, to: 1e7, say: 'MB/s: times 1e6' })
export const sizeB = figure('a size from 1024 to 1e13 B', 1024, 1e13, { from: 1, to: 1024, say: 'KiB: times 1024' })
export const resistanceOhm = figure('a resistance from 1e-4 to 10 ohm', 1e-4, 10, { from: 10, to: 1e7, say: 'micro-ohm: times 1e-6' })
export const ratio = figure('a number from 0 to 1', 0, 1)
/** Of a core relative to the board's fastest; a capacity of 1024 is 1. */
export const capacity = figure('a number above 0 and up to 1 (1 is the fastest core)', 1e-3, 1, { from: 1, to: 1024, say: 'of 1024: divide by it' })
export const positive = figure('a number above 0', Number.MIN_VALUE, Number.MAX_VALUE)
export const atLeast0 = figure('a number of at least 0', 0, Number.MAX_VALUE)

/** Without `most` any that a number holds exactly. */
export const whole = (least: number, what: string, most = Number.MAX_SAFE_INTEGER) =>
  v.pipe(
    v.number(`expected ${what}`),
    v.check(
      (x) => Number.isInteger(x) && x >= least && x <= most,
      `expected ${what}, a whole number of at least ${least}${most < Number.MAX_SAFE_INTEGER ? ` and at most ${most}` : ''}`,
    ),
  )
export const text = v.pipe(v.string('expected a text'), v.nonEmpty('expected a text that is not empty'))
/** Named in `sources` paths and on the command line. */
export const name = v.pipe(text, v.regex(/^[A-Za-z0-9_-]+$/, 'expected letters, digits, - and _ only'))
export const oneOf = <const T extends readonly string[]>(...words: T) => v.picklist(words, `expected one of ${words.join(', ')}`)
export const list = <T extends v.GenericSchema>(of: T) => v.array(of, 'expected a list')
export const flag = v.boolean('expected true or false')

/** An object that has these fields and no others. */
export const strict = <T extends v.ObjectEntries>(entries: T) => {
  const names = Object.keys(entries)
  // To valibot a list is an object as well.
  const object = v.custom<Record<string, unknown>>(
    (x) => typeof x === 'object' && x !== null && !Array.isArray(x),
    `expected an object with the fields ${names.join(', ')}`,
  )
  const fields = v.strictObject(entries, (issue) => {
    if (issue.expected !== 'never') return 'expected this field'
    const [close] = nearest(String(issue.received).replaceAll('"', ''), names)
    return `no such field here; ${close === undefined ? `expected one of ${names.join(', ')}` : `did you mean ${close}?`}`
  })
  return v.pipe(object, fields)
}

const briefly = (list: unknown): string => {
  const whole = JSON.stringify(list)
  return whole.length > 60 ? `${whole.slice(0, 60)}…` : whole
}

/** The first thing wrong with a document: the field, what was found, what would be right. */
export function describeIssues(issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  // A field that is not known says more than one that is missing: often it is the same, misspelt.
  const issue = issues.find((one) => one.expected === 'never') ?? issues[0]
  const found =
    issue.expected === 'never'
      ? 'unknown'
      : issue.received === 'undefined'
        ? 'missing'
        : issue.received === 'Array'
          ? briefly(issue.input)
          : issue.received
  return `${v.getDotPath(issue) ?? 'the document'} is ${found}: ${issue.message}`
}
