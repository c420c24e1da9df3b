import { join } from 'node:path'
import type { EnergySourceInfo } from './energy-source.ts'
import { listFolder, readAnswer, readText } from './files.ts'
import { openKept, readKeptNumber } from './kept-file.ts'
import { coversCpus, isTotalRail } from './rails.ts'
import type { SensorSource } from './sensor-source.ts'

/** INA3221 behind the IIO driver of NVIDIA's 4.9 kernel (JetPack 4): `rail_name_K` and `in_powerK_input` in mW. Source: jetson_stats, jtop/core/power.py. */
export function readIioRails(root: string): EnergySourceInfo[] {
  const folder = join(root, 'sys/bus/i2c/devices')
  return listFolder(folder, /^\d+-[0-9a-f]{4}$/).flatMap((chip) =>
    listFolder(join(folder, chip), /^iio:device\d+$/).flatMap((device) => readDevice(join(folder, chip, device))),
  )
}

function readDevice(path: string): EnergySourceInfo[] {
  return listFolder(path, /^rail_name_\d+$/).flatMap((file): EnergySourceInfo[] => {
    const rail = readText(join(path, file)) ?? ''
    const power = join(path, `in_power${file.slice('rail_name_'.length)}_input`)
    const { access } = readAnswer(power)
    if (rail === '' || rail === 'NC' || access === 'absent') return []
    const total = isTotalRail(rail)
    return [
      {
        name: `ina3221x:${rail}`,
        interface: 'iio',
        scope: total ? 'board' : 'rail',
        reads: 'power',
        access,
        paths: [power],
        coversCpu: total || coversCpus(rail),
        total,
      },
    ]
  })
}

/** Opens a rail; undefined when it is gone or not readable. A reading takes an I2C transaction. */
export function openIioRail(path: string): SensorSource | undefined {
  const file = openKept(path)
  if (file === undefined) return undefined
  return {
    read: () => readKeptNumber(file) * 1e-3,
    get access() {
      return file.access
    },
    periodS: Number.NaN,
    rangeJ: Number.NaN,
    paths: [path],
    close: () => file.close(),
  }
}
