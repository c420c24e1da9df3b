import { FlyballError } from './errors.ts'

export type KnobKind = 'subnet' | 'cluster' | 'cores' | 'frequency' | 'other'

/** Something the governor sets. Frequencies are in Hz and name their domain (the cluster they belong to). */
export interface Knob {
  readonly name: string
  readonly kind: KnobKind
  readonly unit?: string
  readonly domain?: string
  readonly values: readonly (number | string)[]
}

/** Something the governor reads, with the range in which it normally lies. Monitors that can be absent read NaN. */
export interface Monitor {
  readonly name: string
  readonly low: number
  readonly high: number
}

/** One value for every knob. */
export type OperatingPoint = Readonly<Record<string, number | string>>

/** What a point is expected to give on an idle board: measured by a profile, and what a deadline of `1.3x` is a multiple of. */
export interface NominalOutcome {
  readonly latencyS: number
  readonly energyJ: number
  readonly accuracy: number
}

/** One value per monitor, in the order of `Spaces.monitors`. NaN means absent. Reused by its maker. */
export type Observation = Float64Array

/** One byte per action: 1 allowed, 0 masked. Never all zero. Reused by its maker. */
export type Mask = Uint8Array

/**
 * What can be chosen and what can be seen. Action a is `points[a]`; its features are
 * `features[a * featureNames.length + i]`, computed once, so that an agent can know physics without knowing boards.
 */
export interface Spaces {
  readonly knobs: readonly Knob[]
  readonly points: readonly OperatingPoint[]
  readonly featureNames: readonly string[]
  readonly features: Float64Array
  readonly monitors: readonly Monitor[]
  /** Text that two spaces share exactly when a policy of one fits the other. */
  readonly signature: string
}

export interface SpacesInput {
  knobs: readonly Knob[]
  points: readonly OperatingPoint[]
  featureNames?: readonly string[]
  /** Row per point, column per feature name. */
  features?: readonly (readonly number[])[]
  monitors: readonly Monitor[]
}

/** Checks that every point gives every knob one of its values, and freezes the result. Throws ERR_UNKNOWN_KNOB. */
export function makeSpaces(input: SpacesInput): Spaces {
  const { knobs, points, monitors } = input
  const featureNames = input.featureNames ?? []
  if (points.length === 0) throw new FlyballError('ERR_UNKNOWN_KNOB', 'spaces need at least one operating point')
  points.forEach((point, a) => {
    for (const knob of knobs) {
      const value = point[knob.name]
      if (value === undefined || !knob.values.includes(value))
        throw new FlyballError('ERR_UNKNOWN_KNOB', `point ${a}: knob ${knob.name} is ${value}, expected one of ${knob.values.join(', ')}`)
    }
    const unknown = Object.keys(point).find((name) => !knobs.some((knob) => knob.name === name))
    if (unknown !== undefined) throw new FlyballError('ERR_UNKNOWN_KNOB', `point ${a}: no knob is called ${unknown}`)
  })
  const rows = input.features ?? []
  // No rows at all: nothing is known of any point.
  if (rows.some((row) => row.length !== featureNames.length) || (rows.length > 0 && rows.length !== points.length))
    throw new FlyballError('ERR_UNKNOWN_KNOB', `features are not ${featureNames.length} numbers for each of ${points.length} points`)
  const features = new Float64Array(points.length * featureNames.length)
  rows.forEach((row, a) => {
    features.set(row, a * featureNames.length)
  })
  return { knobs, points, featureNames, features, monitors, signature: signatureOf(knobs, points, monitors) }
}

/** The signature leaves out features, which follow from the points, and ranges of monitors, which are labels. */
function signatureOf(knobs: readonly Knob[], points: readonly OperatingPoint[], monitors: readonly Monitor[]): string {
  const rows = points.map((point) => knobs.map((knob) => point[knob.name]).join(':'))
  return [
    `knobs ${knobs.map((knob) => knob.name + (knob.unit === undefined ? '' : `[${knob.unit}]`)).join(' ')}`,
    `points ${rows.join(' ')}`,
    `monitors ${monitors.map((monitor) => monitor.name).join(' ')}`,
  ].join('\n')
}

/** Words for a point, for people: `subnet=50 cluster=big big.freqHz=1.8GHz`. */
export function describePoint(point: OperatingPoint): string {
  return Object.entries(point)
    .map(([name, value]) =>
      /freqHz$/i.test(name) && typeof value === 'number' ? `${name}=${Number((value / 1e6).toPrecision(4))}MHz` : `${name}=${value}`,
    )
    .join(' ')
}

/** Index of a monitor, or -1. */
export function monitorIndex(spaces: Spaces, name: string): number {
  return spaces.monitors.findIndex((monitor) => monitor.name === name)
}
