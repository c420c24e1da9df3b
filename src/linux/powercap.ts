import { dirname, join } from 'node:path'
import type { EnergySourceInfo } from './energy-source.ts'
import { listFolder, readAnswer, readNumber, readText } from './files.ts'
import { openKept, readKeptNumber } from './kept-file.ts'
import type { SensorSource } from './sensor-source.ts'

/**
 * RAPL energy counters (Intel and AMD). Source: Documentation/power/powercap/powercap.rst. energy_uj is readable by root only since Linux 5.10
 * (CVE-2020-8694).
 */

/** Hardware refreshes the counters about every millisecond (Intel SDM vol. 3B, 16.10). */
const refreshS = 1e-3

/**
 * The sum over all packages as one source, the platform counter where there is one, and what packages consist of (core, uncore, dram), which is never added to
 * them.
 */
export function readPowercap(root: string): EnergySourceInfo[] {
  const folder = join(root, 'sys/class/powercap')
  const counters = new Map<string, string[]>()
  // `intel-rapl:0:0` is a part of package 0; `intel-rapl-mmio:0` is the same package counted through another register.
  for (const zone of listFolder(folder, /^intel-rapl:\d+(:\d+)?$/)) {
    const label = (readText(join(folder, zone, 'name')) ?? '').replace(/^package-.*/, 'package')
    const counter = join(folder, zone, 'energy_uj')
    if (label === '' || readAnswer(counter).access === 'absent') continue
    counters.set(label, [...(counters.get(label) ?? []), counter])
  }
  return [...counters]
    .sort(([a], [b]) => rankOf(a) - rankOf(b))
    .map(([label, paths]) => {
      const whole = label === 'package' || label === 'psys'
      return {
        name: `rapl:${label}`,
        interface: 'powercap',
        scope: label === 'psys' ? 'board' : 'rail',
        reads: 'energy',
        access: accessOfAll(paths),
        paths,
        // A part alone would leave out what the rest of the package takes for the inference.
        coversCpu: whole,
        total: whole,
        ...partOf(label, counters),
      }
    })
}

const rankOf = (label: string): number => ['package', 'psys'].indexOf(label) + 1 || 3

/** dram of a server is beside the package, not in it; psys is the whole board. */
function partOf(label: string, counters: ReadonlyMap<string, unknown>): { partOf?: string } {
  if (label === 'psys') return {}
  if (label !== 'package') return { partOf: 'rapl:package' }
  return counters.has('psys') ? { partOf: 'rapl:psys' } : {}
}

function accessOfAll(paths: readonly string[]) {
  return paths.map((path) => readAnswer(path).access).find((access) => access !== 'ok') ?? 'ok'
}

/** Opens one of its counters; undefined when it is gone or not readable. */
export function openPowercap(path: string): SensorSource | undefined {
  const file = openKept(path)
  if (file === undefined) return undefined
  return {
    read: () => readKeptNumber(file) * 1e-6,
    get access() {
      return file.access
    },
    periodS: refreshS,
    // Missing only where somebody's copy of /sys is not whole.
    rangeJ: (readNumber(join(dirname(path), 'max_energy_range_uj')) ?? Number.NaN) * 1e-6,
    paths: [path],
    close: () => file.close(),
  }
}
