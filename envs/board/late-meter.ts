import type { Board } from '../../src/board/board.ts'
import type { SensorEvent } from '../../src/core/sensor-event.ts'
import { readEnergySources, watchBestEnergy } from '../../src/linux/energy-counter.ts'
import type { EnergyWatch } from '../../src/linux/energy-watch.ts'
import { type LateLook, makeLateLook } from '../../src/linux/retry.ts'
import type { EnergyMeter } from './energy-meter.ts'

export interface LateMeterInput {
  /** Until then. */
  readonly first: EnergyMeter
  /** For a sensor of this board. */
  readonly look: LateLook<EnergyWatch>
  meterOf(watch: EnergyWatch): EnergyMeter
  onFound(watch: EnergyWatch): void
}

/** An energy meter that `hold` keeps as it is: what is compared with each other must be measured by the same means. */
export interface LateMeter extends EnergyMeter {
  hold(held: boolean): void
}

/** The meter of this board, by its best sensor; where there is none, by the model until one comes. */
export function openBoardMeter(
  { root, energySources }: Pick<Board, 'root' | 'energySources'>,
  meterOf: (watch: EnergyWatch | undefined) => EnergyMeter,
  onSensor: (event: SensorEvent) => void,
): LateMeter {
  const watch = watchBestEnergy(root, energySources, onSensor)
  return makeLateMeter({
    first: meterOf(watch),
    look: watch === undefined ? makeLateLook(() => watchBestEnergy(root, readEnergySources(root), onSensor)) : never,
    meterOf,
    onFound: ({ name, scope }) => onSensor({ what: 'found', sensor: name, energyScope: scope }),
  })
}

const never: LateLook<EnergyWatch> = { tend: () => undefined }

/** A meter by the model, until the board shows a sensor: from the next dispatch on that is what measures. */
export function makeLateMeter({ first, look, meterOf, onFound }: LateMeterInput): LateMeter {
  let meter = first
  let next: EnergyMeter | undefined
  let held = false
  // Two meters count from different starts: who takes the difference must not.
  let fresh = false
  return {
    get scope() {
      return meter.scope
    },
    get railName() {
      return meter.railName
    },
    get power() {
      return meter.power
    },
    totalJ: () => (fresh ? Number.NaN : meter.totalJ()),
    begin(nowS) {
      fresh = next !== undefined
      if (next !== undefined) {
        meter.close()
        meter = next
        next = undefined
      }
      meter.begin(nowS)
    },
    look: (nowS) => meter.look(nowS),
    end: (nowS, powerW, othersRatio) => meter.end(nowS, powerW, othersRatio),
    quality: () => meter.quality(),
    hold(to) {
      held = to
    },
    tend(nowS) {
      meter.tend(nowS)
      if (held) return
      const watch = look.tend(nowS)
      if (watch === undefined) return
      next = meterOf(watch)
      onFound(watch)
    },
    close() {
      meter.close()
      next?.close()
    },
  }
}
