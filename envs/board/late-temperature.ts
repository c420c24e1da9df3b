import type { Board } from '../../src/board/board.ts'
import { heatLimits } from '../../src/board/heat-limits.ts'
import { readCpuZones } from '../../src/board/thermal-zones.ts'
import type { HeatLimit } from '../../src/core/guard.ts'
import type { SensorEvent } from '../../src/core/sensor-event.ts'
import { makeLateLook } from '../../src/linux/retry.ts'
import { type TemperatureSensor, watchTemperature } from '../../src/linux/temperature.ts'
import type { ThermalZone } from '../../src/linux/thermal.ts'

/** What the runtime needs of a temperature. */
export type WatchedTemperature = Pick<TemperatureSensor, 'tempC' | 'tend' | 'close'>

/** Of each of the board's CPU zones; where it shows none, of what comes late, whose limit `limits` then gets. */
export function watchTemperatures(
  board: Pick<Board, 'root' | 'cpuZones' | 'firmwareTripC'>,
  limits: HeatLimit[],
  onSensor: (event: SensorEvent) => void,
): readonly WatchedTemperature[] {
  if (board.cpuZones.length === 0) return [makeLateTemperature(board, limits, onSensor)]
  return board.cpuZones.map((zone) => watchTemperature(board.root, zone, onSensor))
}

/**
 * The CPUs' temperature of a board that showed none when the run began: NaN until a sensor appears; of several at once the hottest. `limits` gets the limit of it, where one is known, once it has given a first value, so that
 * nobody takes its silence before for a failure.
 */
function makeLateTemperature(
  { root, firmwareTripC }: Pick<Board, 'root' | 'firmwareTripC'>,
  limits: HeatLimit[],
  onSensor: (event: SensorEvent) => void,
): WatchedTemperature {
  const look = makeLateLook((): ThermalZone[] | undefined => {
    const zones = readCpuZones(root)
    return zones.length === 0 ? undefined : zones
  })
  let zones: readonly ThermalZone[] = []
  let sensors: readonly TemperatureSensor[] = []
  let hottestC = Number.NaN
  let limited = false

  /** Begins to guard by it. */
  const limit = (): void => {
    limited = true
    const tripC = Math.min(...heatLimits({ cpuZones: zones, ...(firmwareTripC === undefined ? {} : { firmwareTripC }) }).map((one) => one.tripC))
    if (Number.isFinite(tripC)) limits.push({ sensor: zones.map(({ type }) => type).join('+'), tripC })
  }

  return {
    tempC(nowS, loadRatio) {
      hottestC = Number.NaN
      for (let i = 0; i < sensors.length; i++) {
        const zoneC = (sensors[i] as TemperatureSensor).tempC(nowS, loadRatio)
        if (!(zoneC <= hottestC) && !Number.isNaN(zoneC)) hottestC = zoneC
      }
      return hottestC
    },
    tend(nowS) {
      for (const sensor of sensors) sensor.tend(nowS)
      if (!limited && !Number.isNaN(hottestC)) limit()
      const found = look.tend(nowS)
      if (found === undefined) return
      zones = found
      sensors = found.map((zone) => watchTemperature(root, zone, onSensor))
      for (const { type } of found) onSensor({ what: 'found', sensor: type })
    },
    close() {
      for (const sensor of sensors) sensor.close()
    },
  }
}
