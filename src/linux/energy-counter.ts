import type { SensorEvent } from '../core/sensor-event.ts'
import { chooseEnergySources, type EnergySourceInfo } from './energy-source.ts'
import { type EnergyWatch, sumOf, watchPart } from './energy-watch.ts'
import { openHwmonRail, readHwmonRails } from './hwmon.ts'
import { openIioRail, readIioRails } from './iio-power.ts'
import { openPowercap, readPowercap } from './powercap.ts'
import { withParents } from './rails.ts'
import type { SensorSource } from './sensor-source.ts'

const readers = { powercap: readPowercap, hwmon: readHwmonRails, iio: readIioRails }

/** Every sensor of energy or power under `root`, readable or not. */
export function readEnergySources(root: string): EnergySourceInfo[] {
  return [...readPowercap(root), ...withParents([...readHwmonRails(root), ...readIioRails(root)])]
}

/** Opens one of them for the control loop; found again by its name when its number changes. */
export function watchEnergy(root: string, info: EnergySourceInfo, onTrouble: (event: SensorEvent) => void): EnergyWatch {
  const { name, reads, scope, total } = info
  // Each package wraps on its own.
  const parts = info.interface === 'powercap' ? info.paths.length : 1
  return sumOf(
    Array.from({ length: parts }, (_, k) =>
      watchPart({ label: parts === 1 ? name : `${name}-${k}`, reads, scope, total, onTrouble, open: () => openNow(root, info, k) }),
    ),
  )
}

/** Of equal names, which there are where a board has several chips of a kind without labels, it is the one at the same place, or none: two that take each other's place would count double. */
function openNow(root: string, { name, interface: kind, paths }: EnergySourceInfo, part: number): SensorSource | undefined {
  const namesakes = readers[kind](root).filter((source) => source.name === name)
  const found = namesakes.find((source) => source.paths.join() === paths.join()) ?? (namesakes.length === 1 ? namesakes[0] : undefined)
  if (found === undefined) return undefined
  if (kind === 'hwmon') return openHwmonRail(found)
  const path = found.paths[part]
  if (path === undefined) return undefined
  return kind === 'powercap' ? openPowercap(path) : openIioRail(path)
}

/** Watches what `chooseEnergySources` chooses as one; undefined when there is nothing to measure with. */
export function watchBestEnergy(
  root: string,
  sources: readonly EnergySourceInfo[],
  onTrouble: (event: SensorEvent) => void,
): EnergyWatch | undefined {
  const chosen = chooseEnergySources(sources)
  return chosen.length === 0 ? undefined : sumOf(chosen.map((info) => watchEnergy(root, info, onTrouble)))
}
