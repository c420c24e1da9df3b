import { join } from 'node:path'
import { listFolder, parseNumber, readNumber, readText } from './files.ts'
import { isPlausible, temperatureLimits } from './plausible.ts'

/** What a zone measures, told from its type: numbers of zones are unstable and their order means nothing. */
export type ThermalRole = 'cpu' | 'soc' | 'firmware' | 'gpu' | 'npu' | 'other'

export interface Trip {
  /** critical, hot, passive or active. */
  readonly type: string
  readonly tempC: number
  readonly hysteresisC?: number
}

export interface ThermalZone {
  readonly path: string
  /** Of the temperature, where it is not `temp` in the folder. */
  readonly file?: string
  /** The kernel's name of the sensor, e.g. `bigcore0-thermal`. */
  readonly type: string
  readonly role: ThermalRole
  readonly trips: readonly Trip[]
  /** At discovery; undefined when it did not answer plausibly. */
  readonly tempC?: number
}

const hottestTripC = 150

const roles: readonly (readonly [ThermalRole, RegExp])[] = [
  ['gpu', /gpu|mali/i],
  ['npu', /npu|^cv\d|dla/i],
  ['other', /pmic|batt|skin|wifi|charger|ambient|modem|ddr|^ao-|pll|fan/i],
  ['cpu', /cpu|core|x86_pkg_temp|cluster|^mcpu|^apc|^big|^little|^mid/i],
  ['soc', /soc|package|^tj-|center|tsens|tmu/i],
  ['firmware', /^acpitz$/i],
]

/** Role of a zone of this type. */
export function roleOfZone(type: string): ThermalRole {
  return roles.find(([, pattern]) => pattern.test(type))?.[0] ?? 'other'
}

/** Milli degrees C to degrees C; NaN for what no working sensor says. Source: Documentation/driver-api/thermal/sysfs-api.rst. */
export function parseTemp(milliC: number): number {
  const tempC = milliC / 1000
  return isPlausible(tempC, temperatureLimits) ? tempC : Number.NaN
}

/** All zones, by number. */
export function readThermalZones(root: string): ThermalZone[] {
  const folder = join(root, 'sys/class/thermal')
  const zones: ThermalZone[] = []
  for (const name of listFolder(folder, /^thermal_zone\d+$/)) {
    const path = join(folder, name)
    const type = readText(join(path, 'type'))
    if (type === undefined) continue
    const tempC = parseTemp(readNumber(join(path, 'temp')) ?? Number.NaN)
    zones.push({ path, type, role: roleOfZone(type), trips: readTrips(path), ...(Number.isNaN(tempC) ? {} : { tempC }) })
  }
  return zones
}

function readTrips(path: string): Trip[] {
  const trips: Trip[] = []
  for (const name of listFolder(path, /^trip_point_\d+_type$/)) {
    const type = readText(join(path, name))
    const tempC = (readNumber(join(path, name.replace(/type$/, 'temp'))) ?? Number.NaN) / 1000
    const hysteresis = parseNumber(readText(join(path, name.replace(/type$/, 'hyst'))))
    // Trips that firmware left unset read -274000, 0 or something huge.
    if (type === undefined || !(tempC > 0 && tempC <= hottestTripC)) continue
    trips.push({ type, tempC, ...(hysteresis === undefined ? {} : { hysteresisC: hysteresis / 1000 }) })
  }
  return trips
}

/**
 * The zones that say how hot the CPUs are: those of the cores, else of the whole chip, else the firmware's. Never all zones: the PMIC of a Jetson Nano
 * reads 100 degrees C for ever.
 */
export function chooseCpuZones(zones: readonly ThermalZone[]): ThermalZone[] {
  for (const role of ['cpu', 'soc', 'firmware'] as const) {
    const chosen = zones.filter((zone) => zone.role === role)
    if (chosen.length > 0) return chosen
  }
  return []
}

export interface CoolingDevice {
  readonly path: string
  readonly type: string
  /** 0: no cooling; for cpufreq the steps below the top OPP. */
  readonly state: number
  readonly maxState: number
}

/** All cooling devices, by number. */
export function readCoolingDevices(root: string): CoolingDevice[] {
  const folder = join(root, 'sys/class/thermal')
  const devices: CoolingDevice[] = []
  for (const name of listFolder(folder, /^cooling_device\d+$/)) {
    const path = join(folder, name)
    const type = readText(join(path, 'type'))
    const state = readNumber(join(path, 'cur_state'))
    const maxState = readNumber(join(path, 'max_state'))
    if (type !== undefined && state !== undefined && maxState !== undefined) devices.push({ path, type, state, maxState })
  }
  return devices
}
