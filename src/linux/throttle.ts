import { basename, dirname, join } from 'node:path'
import { listFolder, readNumber } from './files.ts'
import { readCoolingDevices } from './thermal.ts'

/** Cooling devices that lower the clock of CPUs: ACPI, device tree, and idle injection's neighbours are not. */
const cpuCooling = /^(processor|cpufreq|thermal-cpufreq|cpu)/i

/** What holds the clock of CPUs down without anybody having written a limit. Sources: Documentation/ABI/testing/sysfs-devices-system-cpu (bios_limit, thermal_throttle), sysfs-class-thermal. */
export interface Throttle {
  /** Highest frequency that firmware allows the policy, Hz (`bios_limit`); undefined where it allows all, or says nothing. */
  readonly firmwareHz: number | undefined
  /** Sum of the states of all cooling devices of CPUs; 0: none cools. */
  readonly coolingSteps: number
  /** Times that the cores of this machine throttled themselves since boot (`thermal_throttle`, x86 alone). */
  readonly count: number
}

/** Looks anew, at some dozen files: never on a decision's path. */
export function readThrottle(policyPath: string, root: string): Throttle {
  const limit = readNumber(join(policyPath, 'bios_limit'))
  const top = readNumber(join(policyPath, 'cpuinfo_max_freq'))
  const cpus = join(root, 'sys/devices/system/cpu')
  return {
    firmwareHz: limit !== undefined && top !== undefined && limit < top ? limit * 1e3 : undefined,
    coolingSteps: sum(readCoolingDevices(root).map(({ type, state }) => (cpuCooling.test(type) ? state : 0))),
    count: sum(listFolder(cpus, /^cpu\d+$/).map((cpu) => readNumber(join(cpus, cpu, 'thermal_throttle/core_throttle_count')) ?? 0)),
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** Whether firmware (`bios_limit`) or a thermal cooling device holds the policy's frequency down now. Values in the policy's folder are kHz. */
export function isThrottled(policyPath: string, root: string): boolean {
  const { firmwareHz, coolingSteps } = readThrottle(policyPath, root)
  return firmwareHz !== undefined || coolingSteps > 0
}

/** Whether a cpufreq limit reads lower than what was written because the kernel caps it, without anybody having written it. */
export function isCapped(path: string, found: string, written: string | undefined, root: string): boolean {
  if (!/^scaling_(min|max)_freq$/.test(basename(path)) || written === undefined) return false
  return Number(found) < Number(written) && isThrottled(dirname(path), root)
}
