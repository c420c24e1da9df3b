import { FlyballError } from '../core/errors.ts'
import type { Knob, KnobKind, OperatingPoint } from '../core/spaces.ts'
import type { StatedKnob } from './schema.ts'

/** What a knob is, by its name where the table does not say: `subnet`, `cluster`, `cores`, `freqHz`, `cpuFreqHz` and `cpu.freqHz` (of domain cpu). */
export function knobOf({ name, values, kind, unit, domain }: StatedKnob, where: string): Knob {
  const [, prefix] = /^(.*?)\.?freqHz$/i.exec(name) ?? []
  const inferred: KnobKind =
    name === 'subnet' || name === 'cluster' ? name : /(^|\.)cores$/.test(name) ? 'cores' : prefix === undefined ? 'other' : 'frequency'
  // A stated kind means that somebody described the knob: it is taken as it stands.
  const unitOf = unit ?? (kind === undefined && inferred === 'frequency' ? 'Hz' : undefined)
  const domainOf = domain ?? (kind === undefined && prefix ? prefix : undefined)
  const knob: Knob = {
    name,
    kind: kind ?? inferred,
    ...(unitOf === undefined ? {} : { unit: unitOf }),
    ...(domainOf === undefined ? {} : { domain: domainOf }),
    values: kind === undefined && values.every((value) => typeof value === 'number') ? [...values].sort((a, b) => a - b) : values,
  }
  checkFrequencies(knob, unit !== undefined, where)
  return knob
}

/** Frequencies in another unit are noticed: nobody's MHz become Hz. */
function checkFrequencies({ name, kind, unit, values }: Knob, stated: boolean, where: string): void {
  if (kind !== 'frequency' || unit === undefined) return
  const fail = (message: string): never => {
    throw new FlyballError('ERR_TABLE', `${where}: knob ${name}: ${message}`)
  }
  if (unit !== 'Hz') fail(`unit is '${unit}', expected Hz, as everything here is in SI units`)
  if (stated) return
  const positive = values.filter((value) => typeof value === 'number' && value !== 0) as number[]
  const low = positive.find((value) => value < 1e6)
  if (low !== undefined)
    fail(`the value ${low} is no frequency in Hz; this looks like ${low < 10 ? 'GHz: times 1e9' : low < 1e4 ? 'MHz: times 1e6' : 'kHz: times 1e3'}`)
  const top = Math.max(...positive)
  if (top < 1e7)
    fail(`the highest value is ${top}, which looks like kHz (times 1e3); where it really is in Hz, say so: "unit": "Hz" beside the knob's name`)
}

/** Sub-networks from the smallest on: by accuracy where it is known, then by the least latency. Only where nobody stated an order. */
export function orderSubnets(
  knob: Knob,
  points: readonly OperatingPoint[],
  accuracy: Readonly<Float64Array>,
  latencyS: Readonly<Float64Array>,
): Knob {
  const keys = new Map(knob.values.map((value) => [value, { accuracy: 0, rows: 0, leastS: Number.POSITIVE_INFINITY }]))
  points.forEach((point, a) => {
    const key = keys.get(point[knob.name] as number | string)
    if (key === undefined) return
    key.rows++
    if (!Number.isNaN(accuracy[a])) key.accuracy += accuracy[a] as number
    key.leastS = Math.min(key.leastS, latencyS[a] as number)
  })
  const rank = (value: number | string): readonly [number, number] => {
    const { accuracy, rows, leastS } = keys.get(value) as { accuracy: number; rows: number; leastS: number }
    return [rows === 0 ? 0 : accuracy / rows, leastS]
  }
  return {
    ...knob,
    values: [...knob.values].sort((a, b) => {
      const [accuracyA, leastA] = rank(a)
      const [accuracyB, leastB] = rank(b)
      return accuracyA - accuracyB || (leastA === leastB ? 0 : leastA - leastB)
    }),
  }
}
