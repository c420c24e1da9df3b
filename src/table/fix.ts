import { FlyballError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import type { Knob } from '../core/spaces.ts'
import { parseQuantity } from '../core/units.ts'
import { numberOf } from './cells.ts'
import type { MeasuredTable } from './table.ts'

/**
 * The table with some knobs frozen: `batch=1` keeps the rows with that value and drops the knob. A frequency may have a unit (`cpuFreqHz=1.2GHz`).
 * Values that no row is left with are dropped from the other knobs. Throws ERR_USAGE or ERR_UNKNOWN_KNOB, which name the knobs and values there are.
 */
export function fixKnobs(table: MeasuredTable, fixes: readonly string[]): MeasuredTable {
  if (fixes.length === 0) return table
  const fixed = new Map<string, number | string>()
  for (const text of fixes) {
    const at = text.indexOf('=')
    if (at < 1) throw new FlyballError('ERR_USAGE', `--fix: '${text}' is no setting, expected KNOB=VALUE, e.g. --fix batch=1`)
    const name = text.slice(0, at).trim()
    if (fixed.has(name)) throw new FlyballError('ERR_USAGE', `--fix: ${name} is given twice`)
    fixed.set(name, settingOf(table, name, text.slice(at + 1).trim()))
  }
  const rows = table.points.flatMap((point, a) => ([...fixed].every(([name, value]) => point[name] === value) ? [a] : []))
  if (rows.length === 0) throw new FlyballError('ERR_UNKNOWN_KNOB', `--fix: no row of ${table.name} has ${fixes.join(' and ')}`)
  const points = rows.map((a) => Object.fromEntries(Object.entries(table.points[a] ?? {}).filter(([name]) => !fixed.has(name))))
  const knobs = table.knobs
    .filter(({ name }) => !fixed.has(name))
    .map((knob): Knob => ({ ...knob, values: knob.values.filter((value) => points.some((point) => point[knob.name] === value)) }))
  const pick = (values: Float64Array): Float64Array => Float64Array.from(rows, (a) => values[a] as number)
  const cluster = table.knobs.find((knob) => knob.kind === 'cluster')
  const left = new Set(rows.map((a) => String(table.points[a]?.[cluster?.name ?? ''])))
  return {
    ...table,
    knobs,
    points,
    latencyS: pick(table.latencyS),
    energyJ: pick(table.energyJ),
    accuracy: pick(table.accuracy),
    clusters: cluster === undefined ? table.clusters : table.clusters.filter(({ id }) => left.has(id)),
    ...(table.features === undefined
      ? {}
      : { features: { names: table.features.names, rows: rows.map((a) => table.features?.rows[a] as readonly number[]) } }),
  }
}

function settingOf({ name: table, knobs }: MeasuredTable, name: string, text: string): number | string {
  const knob = knobs.find((one) => one.name === name)
  if (knob === undefined) {
    const names = knobs.map((one) => one.name)
    const [close] = nearest(name, names)
    throw new FlyballError(
      'ERR_UNKNOWN_KNOB',
      `--fix: ${table} has no knob '${name}'${close === undefined ? '' : `; did you mean ${close}?`}, expected one of ${names.join(', ')}`,
    )
  }
  const number = knob.unit === 'Hz' && /[a-z]$/i.test(text) ? parseQuantity(text, 'frequency', `--fix ${name}`) : numberOf(text)
  const value = knob.values.find((one) => one === number || String(one) === text)
  if (value === undefined)
    throw new FlyballError('ERR_UNKNOWN_KNOB', `--fix: '${text}' is no value of ${name} in ${table}, expected one of ${knob.values.join(', ')}`)
  return value
}
