import { dirname, join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import type { Quality } from '../core/outcome.ts'
import { watchEnergy } from '../linux/energy-counter.ts'
import { chooseEnergySources, type EnergySourceInfo } from '../linux/energy-source.ts'
import { readText } from '../linux/files.ts'
import { besidePower } from '../linux/hwmon.ts'
import { powerText } from '../linux/plausible.ts'
import { watchTemperature } from '../linux/temperature.ts'
import type { ThermalZone } from '../linux/thermal.ts'
import type { Board } from './board.ts'
import { fixOf } from './sensor-fix.ts'
import { type LookedAt, lookAt } from './sensor-look.ts'

/** What a sensor said while it was looked at. Plain data. */
export interface SensorCheck {
  readonly label: string
  readonly kind: 'temperature' | 'power' | 'energy'
  readonly paths: readonly string[]
  /** degrees C; W, of a counter the mean over the look; null where it said nothing that can be. */
  readonly value: number | null
  readonly unit: 'degC' | 'W'
  /** Median time between two new values, s; null where there were not three. */
  readonly periodS: number | null
  readonly quality: Quality
  /** Whether a governor reads it, or why not. */
  readonly use: string
  readonly problem: string | null
  /** What to do about it: a command, or words. */
  readonly fix: string | null
}

export interface LookOptions {
  /** How long to look, s; 0: once, as at a copy of somebody's /sys, which does not move. */
  readonly durationS: number
  readonly clock: Clock
}

/** A counter of energy that rests for so long has stopped, s. */
const restS = 0.2

/** Reads every temperature and energy sensor of the board for a moment. Changes nothing. */
export async function checkSensors(board: Board, options: LookOptions): Promise<SensorCheck[]> {
  const { root, thermalZones, energySources } = board
  const readable = energySources.filter((source) => source.access === 'ok')
  const looked = await lookAt(
    [
      ...thermalZones.map((zone) => (tell: Parameters<typeof watchTemperature>[2]) => temperatureOf(watchTemperature(root, zone, tell))),
      ...readable.map((info) => (tell: Parameters<typeof watchTemperature>[2]) => energyOf(watchEnergy(root, info, tell))),
    ],
    options,
  )
  const zones = thermalZones.map((zone, i) => checkZone(board, zone, looked[i] as LookedAt))
  const chosen = new Set(chooseEnergySources(energySources))
  const sources = energySources.map((info) => {
    const at = readable.indexOf(info)
    return checkSource(info, chosen.has(info), at < 0 ? undefined : (looked[thermalZones.length + at] as LookedAt), options.durationS)
  })
  return [...zones, ...sources.map((check, i) => besideWhole(besideProduct(check), energySources[i] as EnergySourceInfo, sources))]
}

const temperatureOf = (sensor: ReturnType<typeof watchTemperature>) => ({
  sample: (nowS: number) => void sensor.tempC(nowS, Number.NaN),
  value: () => sensor.reading.value,
  mark: () => sensor.reading.value,
  quality: () => sensor.reading.quality,
  close: sensor.close,
})

const energyOf = (watch: ReturnType<typeof watchEnergy>) => ({
  sample: (nowS: number) => watch.sample(nowS, Number.NaN),
  value: () => watch.power.value,
  mark: () => (watch.counts ? watch.totalJ : watch.power.value),
  quality: () => watch.quality,
  close: watch.close,
})

function checkZone({ cpuZones }: Board, zone: ThermalZone, looked: LookedAt): SensorCheck {
  const problem = looked.problem
  return {
    label: zone.type,
    kind: 'temperature',
    paths: [zone.file ?? `${zone.path}/temp`],
    value: looked.last,
    unit: 'degC',
    periodS: looked.periodS,
    quality: looked.quality,
    use: cpuZones.includes(zone) ? 'used' : `not used (${zone.role === 'other' ? 'not of the CPUs' : zone.role})`,
    problem,
    fix: problem === null ? null : fixOf(zone),
  }
}

function checkSource(info: EnergySourceInfo, chosen: boolean, looked: LookedAt | undefined, durationS: number): SensorCheck {
  const rests = info.reads === 'energy' && durationS >= restS && looked?.changes === 0 && looked.problem === null
  const refused = info.access === 'denied' ? 'may not be read by this user' : 'does not answer'
  const problem = looked === undefined ? refused : rests ? `did not count in ${durationS} s` : looked.problem
  const once = durationS === 0 && info.reads === 'energy'
  return {
    label: info.name,
    kind: info.reads,
    paths: info.paths,
    value: looked === undefined || rests ? null : info.reads === 'energy' ? looked.mean : looked.last,
    unit: 'W',
    periodS: looked?.periodS ?? null,
    quality: looked === undefined || rests ? 'absent' : once ? 'measured' : looked.quality,
    use: chosen
      ? 'used'
      : info.partOf !== undefined
        ? `part of ${info.partOf}: not added`
        : info.coversCpu
          ? 'not used'
          : 'not used (not of the CPUs)',
    problem,
    fix: problem === null ? null : fixOf(info),
  }
}

/** A power that is not voltage times current: the chip is taken for another one, or its shunt for another. */
function besideProduct(check: SensorCheck): SensorCheck {
  const [path] = check.paths
  const both = check.problem !== null || check.kind !== 'power' || path === undefined ? undefined : besidePower(path)
  if (both === undefined || Math.abs(both.powerW - both.productW) <= 0.15 * Math.max(both.powerW, both.productW, 0.1)) return check
  const shunt = join(dirname(path as string), 'shunt_resistor')
  return {
    ...check,
    quality: 'estimated',
    problem: `reads ${powerText(both.powerW)}, but voltage times current is ${powerText(both.productW)}: taken for another chip, or for another shunt`,
    fix:
      readText(shunt) === undefined
        ? 'bind the driver of the chip that is on the board'
        : `echo MICROOHMS | sudo tee ${shunt}   # as the board\u2019s schematics say`,
  }
}

/** A part that takes more than the whole says that one of the two lies. */
function besideWhole(check: SensorCheck, { partOf }: EnergySourceInfo, all: readonly SensorCheck[]): SensorCheck {
  const whole = all.find(({ label }) => label === partOf)
  if (check.problem !== null || whole?.value == null || check.value === null || check.value <= 1.2 * whole.value) return check
  const problem = `reads ${powerText(check.value)}, more than ${whole.label}, which contains it (${powerText(whole.value)}): one of the two is in another unit, or mislabelled`
  return {
    ...check,
    quality: 'estimated',
    problem,
    fix: 'compare with a meter at the supply; tell the driver\u2019s maintainers which of the two is off',
  }
}
