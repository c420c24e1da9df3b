import { FlyballError } from '../../core/errors.ts'
import type { KnobKind, Monitor, NominalOutcome, OperatingPoint } from '../../core/spaces.ts'
import { orderSubnets } from '../../table/knobs.ts'
import { decisionsOf, type ImportedDecision, type ImportSource } from './decisions.ts'
import { type LevelledKnob, levelsOf } from './levels.ts'
import { noneSkipped } from './samples.ts'

/** What the first pass over a log finds. */
export interface Survey {
  readonly knobs: readonly LevelledKnob[]
  readonly points: readonly OperatingPoint[]
  /** Index of the point of a record's knobs. */
  pointOf(knobs: ImportedDecision['knobs']): number
  /** Mean outcomes of every point over the log; NaN where there is none. */
  readonly means: readonly NominalOutcome[]
  readonly decisionsOfPoint: readonly number[]
  readonly monitors: readonly Monitor[]
  readonly decisions: number
  /** Of every file or session, its decisions. */
  readonly runs: readonly { readonly path: string; readonly decisions: number }[]
  /** Decisions that have each. */
  readonly known: Readonly<Record<'latencyS' | 'energyJ' | 'accuracy' | 'confidence' | 'propensity', number>>
}

/** So many combinations of settings are no operating points but measurements. */
const mostPoints = 4096
const mostRawPoints = 1 << 16

type Mean = 'latencyS' | 'energyJ' | 'accuracy'
const meanNames: readonly Mean[] = ['latencyS', 'energyJ', 'accuracy']

interface Sums {
  readonly knobs: readonly (number | string)[]
  count: number
  readonly sum: Record<Mean, number>
  readonly n: Record<Mean, number>
}

/** Reads the log once, for what its header has to say. Throws ERR_LOG. */
export async function survey(source: ImportSource): Promise<Survey> {
  const { map } = source
  const where = source.files.join(', ')
  const raw = new Map<string, Sums>()
  const counts = map.knobs.map(() => new Map<number | string, number>())
  const ranges = (map.monitors ?? []).map(() => ({ low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY }))
  const known = { latencyS: 0, energyJ: 0, accuracy: 0, confidence: 0, propensity: 0 }
  const runs: { path: string; decisions: number }[] = []
  let decisions = 0
  for await (const decision of decisionsOf(source, noneSkipped())) {
    decisions++
    if (decision.beginsRun) runs.push({ path: decision.path, decisions: 0 })
    ;(runs.at(-1) as (typeof runs)[number]).decisions++
    const knobs = decision.knobs as readonly (number | string)[]
    for (const [k, value] of knobs.entries()) counts[k]?.set(value, (counts[k]?.get(value) ?? 0) + 1)
    addSums(raw, knobs, decision, where)
    ranges.forEach((range, i) => {
      const value = decision.monitors[i] as number
      if (value < range.low) range.low = value
      if (value > range.high) range.high = value
    })
    for (const name of Object.keys(known) as (keyof typeof known)[]) if (!Number.isNaN(decision[name])) known[name]++
  }
  if (decisions === 0)
    throw new FlyballError(
      'ERR_LOG',
      `${where}: no record has all its knobs (${map.knobs.map(({ column }) => column).join(', ')}), so none is a decision`,
    )
  const levelled = map.knobs.map((knob, k) => levelsOf(knob, counts[k] as Map<number | string, number>, where))
  const found = pointsOf(levelled, raw, where)
  const monitors = (map.monitors ?? []).map(({ name, column, low, high }, i): Monitor => {
    const range = ranges[i] as (typeof ranges)[number]
    const seen = range.low <= range.high
    return { name: name ?? column, low: low ?? (seen ? range.low : 0), high: high ?? (seen ? range.high : 1) }
  })
  return { ...found, monitors, decisions, runs, known }
}

function addSums(raw: Map<string, Sums>, knobs: readonly (number | string)[], decision: ImportedDecision, where: string): void {
  const key = JSON.stringify(knobs)
  const sums = raw.get(key) ?? { knobs, count: 0, sum: { latencyS: 0, energyJ: 0, accuracy: 0 }, n: { latencyS: 0, energyJ: 0, accuracy: 0 } }
  raw.set(key, sums)
  if (raw.size > mostRawPoints)
    throw new FlyballError(
      'ERR_LOG',
      `${where}: the knobs have more than ${mostRawPoints} different settings, expected at most ${mostPoints}: are they something that was set? Otherwise state "levels" or "step" in the map`,
    )
  sums.count++
  for (const name of meanNames) {
    if (Number.isNaN(decision[name])) continue
    sums.sum[name] += decision[name]
    sums.n[name]++
  }
}

function pointsOf(
  levelled: readonly LevelledKnob[],
  raw: ReadonlyMap<string, Sums>,
  where: string,
): Pick<Survey, 'knobs' | 'points' | 'pointOf' | 'means' | 'decisionsOfPoint'> {
  const settings = (knobs: readonly (number | string)[]): (number | string)[] =>
    levelled.map(({ levelOf }, k) => levelOf(knobs[k] as number | string))
  const merged = new Map<string, Sums>()
  for (const one of raw.values()) {
    const knobs = settings(one.knobs)
    const key = JSON.stringify(knobs)
    const sums = merged.get(key) ?? { knobs, count: 0, sum: { latencyS: 0, energyJ: 0, accuracy: 0 }, n: { latencyS: 0, energyJ: 0, accuracy: 0 } }
    merged.set(key, sums)
    sums.count += one.count
    for (const name of meanNames) {
      sums.sum[name] += one.sum[name]
      sums.n[name] += one.n[name]
    }
  }
  if (merged.size > mostPoints)
    throw new FlyballError(
      'ERR_LOG',
      `${where}: there are ${merged.size} operating points, expected at most ${mostPoints}: state "levels" or "step" of knobs in the map, or name fewer knobs`,
    )
  const place = (k: number, value: number | string): number => levelled[k]?.knob.values.indexOf(value) ?? 0
  const rows = [...merged.values()].sort((a, b) => {
    for (let k = 0; k < levelled.length; k++) {
      const difference = place(k, a.knobs[k] as number | string) - place(k, b.knobs[k] as number | string)
      if (difference !== 0) return difference
    }
    return 0
  })
  const index = new Map(rows.map(({ knobs }, a) => [JSON.stringify(knobs), a]))
  const points = rows.map(({ knobs }): OperatingPoint => Object.fromEntries(levelled.map(({ knob }, k) => [knob.name, knobs[k] as number | string])))
  const means = rows.map(({ sum, n }): NominalOutcome => {
    const mean = (name: Mean): number => (n[name] === 0 ? Number.NaN : sum[name] / n[name])
    return { latencyS: mean('latencyS'), energyJ: mean('energyJ'), accuracy: mean('accuracy') }
  })
  const column = (name: Mean): Float64Array => Float64Array.from(means, (point) => point[name])
  const inOrder = levelled.map((one) =>
    one.knob.kind === ('subnet' satisfies KnobKind) && !one.stated
      ? { ...one, knob: orderSubnets(one.knob, points, column('accuracy'), column('latencyS')) }
      : one,
  )
  return {
    knobs: inOrder,
    points,
    pointOf: (knobs) => index.get(JSON.stringify(settings(knobs as readonly (number | string)[]))) as number,
    means,
    decisionsOfPoint: rows.map(({ count }) => count),
  }
}
