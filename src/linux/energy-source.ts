import type { EnergyScope } from '../core/outcome.ts'
import type { Access } from './kept-file.ts'

/** A sensor of energy or power that the kernel offers, as found at start-up. Plain data. */
export interface EnergySourceInfo {
  /** By label, never by number: `rapl:package`, `ina3221:VDD_IN`. */
  readonly name: string
  readonly interface: 'powercap' | 'hwmon' | 'iio'
  readonly scope: Exclude<EnergyScope, 'cpuTime'>
  /** A counter of energy, or power at the moment of reading. */
  readonly reads: 'energy' | 'power'
  readonly access: Access
  /** Files whose readings add up to the source. */
  readonly paths: readonly string[]
  /** Whether the source covers what the CPUs take: such a one can be charged to inference. */
  readonly coversCpu: boolean
  /** The whole board's supply or package, which contains every other rail: preferred, and never added to them. */
  readonly total: boolean
  /** The source that contains this one; left out where none does, or none that is known. */
  readonly partOf?: string
}

/**
 * The sources to charge inference with; their readings add up. A package counter or the board's total rail alone where one can be read, else every rail that
 * feeds CPUs; empty without any. Rails that contain others are never added to them.
 */
export function chooseEnergySources(sources: readonly EnergySourceInfo[]): EnergySourceInfo[] {
  const usable = sources.filter((source) => source.access === 'ok' && source.coversCpu)
  const totals = usable.filter((source) => source.total)
  const best = totals.find((source) => source.scope === 'rail') ?? totals[0]
  if (best !== undefined) return [best]
  const counters = usable.filter((source) => source.reads === 'energy')
  return counters.length > 0 ? counters : usable
}
