import { FlyballError } from '../../core/errors.ts'
import { quantise } from '../../core/quantise.ts'
import type { Knob } from '../../core/spaces.ts'
import { numberOf } from '../../table/cells.ts'
import { knobOf } from '../../table/knobs.ts'
import { scaleOf } from './cells.ts'
import type { KnobMap } from './map.ts'

type Value = number | string

/** A knob with the levels that a log's values were brought to. */
export interface LevelledKnob {
  readonly knob: Knob
  /** Whether the order of the levels was stated. */
  readonly stated: boolean
  levelOf(value: Value): Value
  /** Records whose value was another than its level, and how far the farthest of them was. */
  readonly snapped: number
  readonly farthest: number
}

/** More are no levels but a measurement. */
export const mostLevels = 128
/** Clocks that are read differ from what was set by their jitter. */
const clockTolerance = 0.01

/** Finds the levels of a knob in how often each value stands in the log. Throws ERR_LOG for more than `mostLevels`, saying what to state in the map. */
export function levelsOf(map: KnobMap, counts: ReadonlyMap<Value, number>, where: string): LevelledKnob {
  const name = map.name ?? map.column
  const found = asNumbers(counts)
  const numeric = [...found.keys()].every((value) => typeof value === 'number')
  const isClock = map.kind === 'frequency' || /freqHz$/i.test(name)
  const scale = (value: Value): Value => (typeof value === 'number' ? knobValue(value, map, where) : value)
  const levelsStated = map.levels?.map(scale)
  const level =
    levelsStated !== undefined
      ? toNearest(levelsStated)
      : map.step !== undefined
        ? toStep(Number(scale(map.step)))
        : isClock && numeric
          ? together(found as ReadonlyMap<number, number>)
          : (value: Value) => value
  const levels = new Map<Value, number>()
  let snapped = 0
  let farthest = 0
  for (const [value, count] of found) {
    const to = level(value)
    if (to === undefined)
      throw new FlyballError(
        'ERR_LOG',
        `${where}, column ${map.column}: '${value}' is none of the levels ${map.levels?.join(', ')} that the map states`,
      )
    levels.set(to, (levels.get(to) ?? 0) + count)
    if (to === value) continue
    snapped += count
    farthest = Math.max(farthest, Math.abs(Number(to) - Number(value)))
  }
  if (levels.size > mostLevels)
    throw new FlyballError(
      'ERR_LOG',
      `${where}, column ${map.column}: knob ${name} has ${levels.size} levels${numeric ? `, from ${least(found)} to ${most(found)}` : ''}, expected at most ${mostLevels}: is it something that was set? Otherwise state "levels" or "step" in the map`,
    )
  const values = levelsStated?.filter((value) => levels.has(value)) ?? ordered([...levels.keys()])
  return {
    knob: knobFor(map, name, values, where),
    stated: map.levels !== undefined,
    levelOf: (value) => level(numeric ? toNumber(value) : value) as Value,
    snapped,
    farthest,
  }
}

/** A number of the map, in the unit of its column, as `samples.ts` reads those of the log. */
function knobValue(value: number, { unit, kind }: KnobMap, where: string): number {
  const { factor, offset } = scaleOf(unit, kind === 'frequency' ? 'frequency' : 'any', where)
  return quantise(value * factor + offset, knobDigits)
}

/** Significant digits of a knob's number: what a unit's factor rounds is no other level. */
export const knobDigits = 12

function knobFor({ kind, unit, domain }: KnobMap, name: string, values: readonly Value[], where: string): Knob {
  const hertz = kind === 'frequency' || (unit !== undefined && /freqHz$/i.test(name))
  try {
    return knobOf(
      {
        name,
        values: [...values],
        ...(kind === undefined ? {} : { kind }),
        ...(hertz ? { unit: 'Hz' } : {}),
        ...(domain === undefined ? {} : { domain }),
      },
      where,
    )
  } catch (error) {
    if (error instanceof FlyballError)
      throw new FlyballError('ERR_LOG', `${error.message}; expected "unit" beside the knob in the map`, { cause: error })
    throw error
  }
}

/** Texts of numbers are numbers where all are. */
function asNumbers(counts: ReadonlyMap<Value, number>): ReadonlyMap<Value, number> {
  const numbers = new Map<Value, number>()
  for (const [value, count] of counts) {
    const number = toNumber(value)
    if (typeof number !== 'number') return counts
    numbers.set(number, (numbers.get(number) ?? 0) + count)
  }
  return numbers
}

function toNumber(value: Value): Value {
  const number = typeof value === 'number' ? value : numberOf(value)
  return Number.isNaN(number) ? value : number
}

function toNearest(levels: readonly Value[]): (value: Value) => Value | undefined {
  const numbers = levels.filter((level) => typeof level === 'number')
  return (value) => {
    if (levels.includes(value)) return value
    if (typeof value !== 'number' || numbers.length === 0) return undefined
    return numbers.reduce((best, level) => (Math.abs(level - value) < Math.abs(best - value) ? level : best))
  }
}

const toStep =
  (step: number) =>
  (value: Value): Value =>
    typeof value === 'number' ? Math.round(value / step) * step : value

/** Values within 1 % of the lowest of a group are that group's most frequent one. */
function together(counts: ReadonlyMap<number, number>): (value: Value) => Value {
  const sorted = [...counts.keys()].sort((a, b) => a - b)
  const levels = new Map<Value, number>()
  for (let from = 0; from < sorted.length; ) {
    const group = sorted.filter((value, i) => i >= from && value <= (sorted[from] as number) * (1 + clockTolerance))
    const usual = group.reduce((best, value) => ((counts.get(value) as number) > (counts.get(best) as number) ? value : best))
    for (const value of group) levels.set(value, usual)
    from += group.length
  }
  return (value) => levels.get(value) ?? value
}

const least = (counts: ReadonlyMap<Value, number>): number => Math.min(...([...counts.keys()] as number[]))
const most = (counts: ReadonlyMap<Value, number>): number => Math.max(...([...counts.keys()] as number[]))
const ordered = (values: Value[]): Value[] =>
  values.every((value) => typeof value === 'number') ? (values as number[]).sort((a, b) => a - b) : values.map(String).sort()
