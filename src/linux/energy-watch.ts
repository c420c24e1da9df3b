import type { Quality } from '../core/outcome.ts'
import { makeReading, type Reading } from '../core/reading.ts'
import type { SensorEvent, Trouble } from '../core/sensor-event.ts'
import { makeCounter } from './counter.ts'
import type { EnergySourceInfo } from './energy-source.ts'
import { makeGauge } from './gauge.ts'
import { boardPowerLimits, railPowerLimits } from './plausible.ts'
import type { SensorIdentity } from './sensor-source.ts'

/** One sensor of energy or power, or several whose readings add up, watched. Never throws; allocates nothing while nothing happens. */
export interface EnergyWatch {
  readonly name: string
  readonly scope: EnergySourceInfo['scope']
  /** Of energy; else it reads power. */
  readonly counts: boolean
  /** Since opening, J: of power sensors the sum of each reading times the time since the one before. */
  readonly totalJ: number
  /** Of the last sample, the worst of all parts. */
  readonly quality: Quality
  readonly trouble: Trouble | undefined
  /** New values, of the slowest part. */
  readonly updates: number
  /** Grows whenever something is not known or not believed: who compares two totals asks whether it grew between. */
  readonly gaps: number
  /** W: now, or of a counter the mean since the sample before; reused. */
  readonly power: Readonly<Reading>
  /** Reads. `loadRatio`: busy share of all CPUs, NaN where unknown. */
  sample(nowS: number, loadRatio: number): void
  /** Between requests: looks again for what is gone or doubted. */
  tend(nowS: number): void
  close(): void
}

/** No package or rail takes more, W. */
const mostPowerW = 2000

export interface WatchPart extends SensorIdentity, Pick<EnergySourceInfo, 'reads' | 'scope' | 'total'> {
  onTrouble(event: SensorEvent): void
}

export function watchPart(part: WatchPart): EnergyWatch {
  return part.reads === 'energy' ? ofCounter(part) : ofGauge(part)
}

function ofCounter(part: WatchPart): EnergyWatch {
  // A package or a board that runs this takes more than that; a single rail may sleep.
  const counter = makeCounter({ ...part, mostPowerW, leastPowerW: part.total ? 0.05 : 0 })
  const { power, tend, close } = counter
  return {
    name: part.label,
    scope: part.scope,
    counts: true,
    power,
    get totalJ() {
      return counter.totalJ
    },
    get quality() {
      return counter.quality
    },
    get trouble() {
      return counter.trouble
    },
    get updates() {
      return counter.updates
    },
    get gaps() {
      return counter.gaps
    },
    sample: counter.sample,
    tend,
    close,
  }
}

/** A monitor says the mean of its last conversions: each reading stands for the time before it. */
function ofGauge(part: WatchPart): EnergyWatch {
  const gauge = makeGauge({ ...part, limits: part.total ? boardPowerLimits : railPowerLimits })
  const { reading, tend, close } = gauge
  const state = { totalJ: 0, lastS: Number.NaN, gaps: 0 }
  return {
    name: part.label,
    scope: part.scope,
    counts: false,
    power: reading,
    get totalJ() {
      return state.totalJ
    },
    get quality() {
      return reading.quality
    },
    get trouble() {
      return gauge.trouble
    },
    get updates() {
      return gauge.updates
    },
    get gaps() {
      return state.gaps
    },
    sample(nowS, loadRatio) {
      gauge.sample(nowS, loadRatio)
      if (reading.quality !== 'measured') state.gaps++
      if (reading.quality !== 'absent' && nowS > state.lastS) state.totalJ += reading.value * (nowS - state.lastS)
      state.lastS = nowS
    },
    tend,
    close,
  }
}

const ranks: Record<Quality, number> = { measured: 0, estimated: 1, absent: 2 }

/** Readings that add up: known where all are. */
export function sumOf(parts: readonly EnergyWatch[]): EnergyWatch {
  const [first] = parts as [EnergyWatch]
  if (parts.length === 1) return first
  const name = parts.map((part) => part.name).join('+')
  const power = makeReading(name)
  const over = (value: (part: EnergyWatch) => number, join: (a: number, b: number) => number) => (): number => {
    let result = value(first)
    for (let i = 1; i < parts.length; i++) result = join(result, value(parts[i] as EnergyWatch))
    return result
  }
  const add = (a: number, b: number): number => a + b
  const least = (a: number, b: number): number => Math.min(a, b)
  const most = (a: number, b: number): number => Math.max(a, b)
  const totalJ = over((part) => part.totalJ, add)
  const updates = over((part) => part.updates, least)
  const gaps = over((part) => part.gaps, add)
  const powerW = over((part) => part.power.value, add)
  const ageS = over((part) => part.power.ageS, most)
  const worst = (of: (part: EnergyWatch) => Quality): Quality => {
    let found = of(first)
    for (let i = 1; i < parts.length; i++) {
      const quality = of(parts[i] as EnergyWatch)
      if (ranks[quality] > ranks[found]) found = quality
    }
    return found
  }
  const ownQuality = (part: EnergyWatch): Quality => part.quality
  const powerQuality = (part: EnergyWatch): Quality => part.power.quality
  return {
    name,
    scope: first.scope,
    counts: first.counts,
    power,
    get totalJ() {
      return totalJ()
    },
    get quality() {
      return worst(ownQuality)
    },
    get trouble() {
      for (const part of parts) if (part.trouble !== undefined) return part.trouble
      return undefined
    },
    get updates() {
      return updates()
    },
    get gaps() {
      return gaps()
    },
    sample(nowS, loadRatio) {
      for (let i = 0; i < parts.length; i++) (parts[i] as EnergyWatch).sample(nowS, loadRatio)
      power.quality = worst(powerQuality)
      power.value = power.quality === 'absent' ? Number.NaN : powerW()
      power.ageS = ageS()
    },
    tend(nowS) {
      for (const part of parts) part.tend(nowS)
    },
    close() {
      for (const part of parts) part.close()
    },
  }
}
