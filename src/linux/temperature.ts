import { join } from 'node:path'
import type { Reading } from '../core/reading.ts'
import type { SensorEvent, Trouble } from '../core/sensor-event.ts'
import { makeGauge } from './gauge.ts'
import { readHwmonTemps } from './hwmon-temps.ts'
import { openKept, readKeptNumber } from './kept-file.ts'
import { temperatureLimits } from './plausible.ts'
import type { SensorSource } from './sensor-source.ts'
import { readThermalZones, type ThermalZone } from './thermal.ts'

/** A temperature that is watched. */
export interface TemperatureSensor {
  /** The kernel's name of it. */
  readonly name: string
  /** What `tempC` gave last, with its quality and age; reused. */
  readonly reading: Readonly<Reading>
  readonly trouble: Trouble | undefined
  /** degrees C; NaN where the sensor sleeps, fails, or says what no working board can have. `loadRatio`: busy share of all CPUs, NaN where unknown. No allocation while nothing happens. */
  tempC(nowS: number, loadRatio: number): number
  /** Between requests: looks again for what is gone or doubted. */
  tend(nowS: number): void
  close(): void
}

/** Keeps a zone's temperature open, and finds it again by its type when its number changes. */
export function watchTemperature(root: string, zone: ThermalZone, onTrouble: (event: SensorEvent) => void): TemperatureSensor {
  const gauge = makeGauge({ label: zone.type, open: () => openNow(root, zone), limits: temperatureLimits, onTrouble })
  const { reading } = gauge
  return {
    name: zone.type,
    reading,
    get trouble() {
      return gauge.trouble
    },
    tempC(nowS, loadRatio) {
      gauge.sample(nowS, loadRatio)
      return reading.value
    },
    tend: gauge.tend,
    close: gauge.close,
  }
}

/** The zone of this type, where it is now. Of several of one type (`acpitz`) the one at the same place, or none. */
function openNow(root: string, { type, path, file }: ThermalZone): SensorSource | undefined {
  const zones = file === undefined ? readThermalZones(root) : readHwmonTemps(root)
  const namesakes = zones.filter((zone) => zone.type === type)
  const found = namesakes.find((zone) => zone.path === path) ?? (namesakes.length === 1 ? namesakes[0] : undefined)
  return found === undefined ? undefined : openTemperature(found)
}

function openTemperature(zone: Pick<ThermalZone, 'path' | 'file'>): SensorSource | undefined {
  const path = zone.file ?? join(zone.path, 'temp')
  const kept = openKept(path)
  if (kept === undefined) return undefined
  return {
    read: () => readKeptNumber(kept) / 1000,
    get access() {
      return kept.access
    },
    periodS: Number.NaN,
    rangeJ: Number.NaN,
    paths: [path],
    close: () => kept.close(),
  }
}
