import { join } from 'node:path'
import { listFolder, readNumber, readText } from './files.ts'

/** What the kernel says of one CPU. Domains of frequency are never derived from this: see cpufreq.ts. */
export interface CpuInfo {
  readonly cpu: number
  /** 0..1024, the biggest core at its top frequency being 1024. */
  readonly capacity?: number
  /** First word of the device tree's `compatible`, e.g. `arm,cortex-a55`. */
  readonly coreType?: string
  readonly packageId?: number
  readonly coreId?: number
}

/** Every CPU the kernel has a folder for, online or not. Source: Documentation/ABI/testing/sysfs-devices-system-cpu. */
export function readCpus(root: string): CpuInfo[] {
  const folder = join(root, 'sys/devices/system/cpu')
  return listFolder(folder, /^cpu\d+$/).map((name) => {
    const path = join(folder, name)
    const capacity = readNumber(join(path, 'cpu_capacity'))
    const coreType = readText(join(path, 'of_node/compatible'))?.split(/\s+/)[0]
    const packageId = readNumber(join(path, 'topology/physical_package_id'))
    const coreId = readNumber(join(path, 'topology/core_id'))
    return {
      cpu: Number(name.slice(3)),
      ...(capacity === undefined || capacity <= 0 ? {} : { capacity }),
      ...(coreType === undefined || coreType === '' ? {} : { coreType }),
      ...(packageId === undefined || packageId < 0 ? {} : { packageId }),
      ...(coreId === undefined || coreId < 0 ? {} : { coreId }),
    }
  })
}
