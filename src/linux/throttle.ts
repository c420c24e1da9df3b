import { basename, dirname, join } from 'node:path'
import { readNumber } from './files.ts'
import { readCoolingDevices } from './thermal.ts'

/** Cooling devices that lower the clock of CPUs: ACPI, device tree, and idle injection's neighbours are not. */
const cpuCooling = /^(processor|cpufreq|thermal-cpufreq|cpu)/i

/** Whether firmware (`bios_limit`) or a thermal cooling device holds the policy's frequency down now. Values in the policy's folder are kHz. */
export function isThrottled(policyPath: string, root: string): boolean {
  const limit = readNumber(join(policyPath, 'bios_limit'))
  const top = readNumber(join(policyPath, 'cpuinfo_max_freq'))
  if (limit !== undefined && top !== undefined && limit < top) return true
  return readCoolingDevices(root).some((device) => cpuCooling.test(device.type) && device.state > 0)
}

/** Whether a cpufreq limit reads lower than what was written because the kernel caps it, without anybody having written it. */
export function isCapped(path: string, found: string, written: string | undefined, root: string): boolean {
  if (!/^scaling_(min|max)_freq$/.test(basename(path)) || written === undefined) return false
  return Number(found) < Number(written) && isThrottled(dirname(path), root)
}
