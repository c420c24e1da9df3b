import { readHwmonTemps } from '../linux/hwmon-temps.ts'
import { chooseCpuZones, readThermalZones, type ThermalZone } from '../linux/thermal.ts'

/** The kernel's thermal zones; where none says how hot CPUs or chip are, what hwmon knows of them. */
export function readZones(root: string): ThermalZone[] {
  const zones = readThermalZones(root)
  return zones.some(({ role }) => role === 'cpu' || role === 'soc') ? zones : [...zones, ...readHwmonTemps(root)]
}

/** Those that say how hot the CPUs are; empty where none does. */
export const readCpuZones = (root: string): ThermalZone[] => chooseCpuZones(readZones(root))
