import { join } from 'node:path'
import { readWritable } from './cpufreq.ts'
import { listFolder, parseWords, readNumber, readText } from './files.ts'

/** A device with a clock of its own (GPU, NPU, DRAM). Source: Documentation/ABI/testing/sysfs-class-devfreq; already Hz. */
export interface DevfreqDevice {
  readonly path: string
  /** E.g. `17000000.ga10b`, `fb000000.gpu`, `dmc`. */
  readonly name: string
  readonly kind: 'gpu' | 'npu' | 'memory' | 'other'
  readonly governor?: string
  /** Ascending; not limited by min and max. */
  readonly frequenciesHz: readonly number[]
  readonly minFreqHz?: number
  readonly maxFreqHz?: number
  readonly writable: 'yes' | 'denied' | 'absent'
}

const kinds: readonly (readonly [DevfreqDevice['kind'], RegExp])[] = [
  ['gpu', /gpu|mali|ga10b|gv11b|gm20b|gp10b|v3d|adreno|kgsl/i],
  ['npu', /npu|vpu-ai|dla/i],
  ['memory', /dmc|emc|memory|ddr|dram|noc|bus/i],
]

/** What a devfreq device of this name is. */
export function kindOfDevfreq(name: string): DevfreqDevice['kind'] {
  return kinds.find(([, pattern]) => pattern.test(name))?.[0] ?? 'other'
}

/** All devices, by name. */
export function readDevfreqDevices(root: string): DevfreqDevice[] {
  const folder = join(root, 'sys/class/devfreq')
  return listFolder(folder, /^[^.]/).map((name) => {
    const path = join(folder, name)
    const governor = readText(join(path, 'governor'))
    const minFreqHz = readNumber(join(path, 'min_freq'))
    const maxFreqHz = readNumber(join(path, 'max_freq'))
    const frequencies = parseWords(readText(join(path, 'available_frequencies')))
      .map(Number)
      .filter(Number.isFinite)
    return {
      path,
      name,
      kind: kindOfDevfreq(name),
      ...(governor === undefined ? {} : { governor }),
      frequenciesHz: frequencies.sort((a, b) => a - b),
      ...(minFreqHz === undefined ? {} : { minFreqHz }),
      ...(maxFreqHz === undefined ? {} : { maxFreqHz }),
      writable: readWritable(join(path, 'max_freq')),
    }
  })
}
