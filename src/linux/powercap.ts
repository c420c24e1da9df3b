import { dirname, join } from 'node:path'
import type { EnergySource, EnergySourceInfo } from './energy-source.ts'
import { listFolder, readAnswer, readNumber, readText } from './files.ts'
import { type KeptFile, openKept, readKeptNumber } from './kept-file.ts'

/**
 * RAPL energy counters (Intel and AMD). Source: Documentation/power/powercap/powercap.rst. energy_uj is readable by root only since Linux 5.10
 * (CVE-2020-8694).
 */

/** Hardware refreshes the counters about every millisecond (Intel SDM vol. 3B, 16.10). */
const refreshS = 1e-3

/** The sum over all packages as one source, and the platform counter where there is one. Subzones (core, uncore, dram) are parts of a package and left out. */
export function readPowercap(root: string): EnergySourceInfo[] {
  const folder = join(root, 'sys/class/powercap')
  const packages: string[] = []
  const platforms: string[] = []
  // `intel-rapl:0:0` is a subzone; `intel-rapl-mmio:0` is the same package counted through another register.
  for (const name of listFolder(folder, /^intel-rapl:\d+$/)) {
    const label = readText(join(folder, name, 'name')) ?? ''
    const counter = join(folder, name, 'energy_uj')
    if (readAnswer(counter).access === 'absent') continue
    if (label.startsWith('package')) packages.push(counter)
    else if (label === 'psys') platforms.push(counter)
  }
  const sources: EnergySourceInfo[] = []
  const common = { interface: 'powercap', reads: 'energy', coversCpu: true, total: true } as const
  if (packages.length > 0) sources.push({ ...common, name: 'rapl:package', scope: 'rail', access: accessOfAll(packages), paths: packages })
  if (platforms.length > 0) sources.push({ ...common, name: 'rapl:psys', scope: 'board', access: accessOfAll(platforms), paths: platforms })
  return sources
}

function accessOfAll(paths: readonly string[]) {
  return paths.map((path) => readAnswer(path).access).find((access) => access !== 'ok') ?? 'ok'
}

/** Energy between two readings of a counter that wraps at `rangeUj`: (b - a) mod range, all in uJ. The counter counts the wrap value itself as 0. */
export function counterDelta(previousUj: number, currentUj: number, rangeUj: number): number {
  const delta = currentUj - previousUj
  return delta >= 0 ? delta : delta + rangeUj
}

class Counter {
  readonly file: KeptFile
  readonly #rangeUj: number
  #previousUj = Number.NaN
  #totalUj = 0

  constructor(file: KeptFile, rangeUj: number) {
    this.file = file
    this.#rangeUj = rangeUj
    this.read()
  }

  read(): number {
    const currentUj = readKeptNumber(this.file)
    if (Number.isNaN(currentUj)) return Number.NaN
    if (!Number.isNaN(this.#previousUj)) this.#totalUj += counterDelta(this.#previousUj, currentUj, this.#rangeUj)
    this.#previousUj = currentUj
    return this.#totalUj * 1e-6
  }
}

/** Opens RAPL counters; undefined when one is gone or not readable. Read at least once a wrap: 262 kJ, some 20 to 40 minutes of a busy server. */
export function openPowercap(info: EnergySourceInfo): EnergySource | undefined {
  const counters: Counter[] = []
  const close = () => {
    for (const counter of counters) counter.file.close()
  }
  for (const path of info.paths) {
    const file = openKept(path)
    const rangeUj = readNumber(join(dirname(path), 'max_energy_range_uj'))
    if (file !== undefined && rangeUj !== undefined && file.read() > 0) counters.push(new Counter(file, rangeUj))
    else {
      file?.close()
      close()
      return undefined
    }
  }
  return {
    name: info.name,
    scope: info.scope,
    quality: 'measured',
    ageS: refreshS,
    readJ() {
      let sumJ = 0
      for (let i = 0; i < counters.length; i++) sumJ += (counters[i] as Counter).read()
      return sumJ
    },
    close,
  }
}
