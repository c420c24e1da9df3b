import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Quality } from '../../src/core/outcome.ts'
import type { Reading } from '../../src/core/reading.ts'
import type { SensorEvent } from '../../src/core/sensor-event.ts'
import { readEnergySources, watchEnergy } from '../../src/linux/energy-counter.ts'
import type { EnergySourceInfo } from '../../src/linux/energy-source.ts'
import { readHwmonTemps } from '../../src/linux/hwmon-temps.ts'
import { sensorText } from '../../src/linux/sensor-trouble.ts'
import { watchTemperature } from '../../src/linux/temperature.ts'
import { readThermalZones, type ThermalZone } from '../../src/linux/thermal.ts'
import { unpackArchive } from '../fixtures/boards/unpack.ts'

/** One watched sensor in a kernel tree of its own, whatever its kind. */
export interface SensorTree {
  readonly label: string
  readonly told: string[]
  /** degrees C or W. */
  readonly reading: Readonly<Reading>
  quality(): Quality
  /** J; undefined of a temperature. */
  totalJ(): number | undefined
  /** What the board does: a temperature, or a power that a counter adds up over time. */
  be(value: number, nowS: number): void
  /** What stands in the sensor's file, whatever it is. */
  write(text: string): void
  sample(nowS: number, loadRatio?: number): void
  tend(nowS: number): void
  /** The driver lets go of the device. */
  vanish(): void
  /** It takes it again, under another number. */
  comeBack(): void
  close(): void
  remove(): void
}

export interface SensorKind {
  readonly name: string
  readonly counts: boolean
  /** A value that any board may have, and another one. */
  readonly usual: number
  readonly other: number
  /** A thousand times too little, or 1000 times too much, must be noticed. */
  readonly wrongUnits: readonly number[]
  make(): SensorTree
}

interface Layout {
  /** Folder of the device, that can go and come back as `elsewhere`. */
  readonly folder: string
  readonly elsewhere: string
  /** File whose number changes. */
  readonly file: string
  readonly others: Readonly<Record<string, string | number>>
  /** Kernel units in one SI unit. */
  readonly scale: number
}

const archiveOf = ({ folder, file, others }: Layout, first: number): string =>
  Object.entries({ ...others, [file]: first })
    .map(([name, content]) => `=== ${folder}/${name}\n${content}\n`)
    .join('')

function makeTree(layout: Layout, first: number, counts: boolean, open: (root: string, tell: (event: SensorEvent) => void) => Opened): SensorTree {
  const tree = unpackArchive(archiveOf(layout, Math.round(first * layout.scale)))
  const told: string[] = []
  const opened = open(tree.root, (event) => told.push(sensorText(event)))
  let folder = layout.folder
  let state = { value: first, sinceS: 0, addedJ: first }
  let text = `${Math.round(first * layout.scale)}`
  const write = (to: string): void => {
    text = to
    writeFileSync(join(tree.root, folder, layout.file), `${to}\n`)
  }
  return {
    ...{ label: opened.label, told, reading: opened.reading, quality: opened.quality, totalJ: opened.totalJ },
    be(value, nowS) {
      const addedJ = state.addedJ + state.value * (nowS - state.sinceS)
      state = { value, sinceS: nowS, addedJ }
      write(`${Math.round((counts ? addedJ : value) * layout.scale)}`)
    },
    write,
    sample: (nowS, loadRatio = Number.NaN) => opened.sample(nowS, loadRatio),
    tend: opened.tend,
    vanish: () => rmSync(join(tree.root, folder), { recursive: true }),
    comeBack() {
      folder = layout.elsewhere
      mkdirSync(dirname(join(tree.root, folder)), { recursive: true })
      mkdirSync(join(tree.root, `${folder}.new`))
      for (const [name, content] of Object.entries(layout.others)) writeFileSync(join(tree.root, `${folder}.new`, name), `${content}\n`)
      writeFileSync(join(tree.root, `${folder}.new`, layout.file), `${text}\n`)
      renameSync(join(tree.root, `${folder}.new`), join(tree.root, folder))
    },
    close: opened.close,
    remove() {
      opened.close()
      tree.remove()
    },
  }
}

interface Opened {
  readonly label: string
  readonly reading: Readonly<Reading>
  quality(): Quality
  totalJ(): number | undefined
  sample(nowS: number, loadRatio: number): void
  tend(nowS: number): void
  close(): void
}

const temperature =
  (find: (root: string) => ThermalZone[]) =>
  (root: string, tell: (event: SensorEvent) => void): Opened => {
    const sensor = watchTemperature(root, find(root)[0] as ThermalZone, tell)
    return {
      ...{ label: sensor.name, reading: sensor.reading, tend: sensor.tend, close: sensor.close },
      quality: () => sensor.reading.quality,
      totalJ: () => undefined,
      sample: (nowS, loadRatio) => void sensor.tempC(nowS, loadRatio),
    }
  }

const energy = (root: string, tell: (event: SensorEvent) => void): Opened => {
  const watch = watchEnergy(root, readEnergySources(root)[0] as EnergySourceInfo, tell)
  return {
    ...{ label: watch.name, reading: watch.power, sample: watch.sample, tend: watch.tend, close: watch.close },
    quality: () => watch.quality,
    totalJ: () => watch.totalJ,
  }
}

const kind = (
  name: string,
  layout: Layout,
  open: (root: string, tell: (event: SensorEvent) => void) => Opened,
  changes: Partial<SensorKind> = {},
): SensorKind => {
  const { usual = 5, counts = false } = changes
  return { name, counts, usual, other: 7, wrongUnits: [0.001, 1000], ...changes, make: () => makeTree(layout, usual, counts, open) }
}

const degrees = { usual: 46, other: 52 }

/** Every kind of sensor that flyball reads, each as its kernel interface lays it out. */
export const sensorKinds: readonly SensorKind[] = [
  kind(
    'thermal zone',
    {
      ...{ folder: 'sys/class/thermal/thermal_zone0', elsewhere: 'sys/class/thermal/thermal_zone3', file: 'temp', scale: 1e3 },
      others: { type: 'cpu-thermal', mode: 'enabled' },
    },
    temperature(readThermalZones),
    degrees,
  ),
  kind(
    'temperature of hwmon',
    {
      ...{ folder: 'sys/class/hwmon/hwmon2', elsewhere: 'sys/class/hwmon/hwmon4', file: 'temp1_input', scale: 1e3 },
      others: { name: 'k10temp', temp1_label: 'Tctl' },
    },
    temperature(readHwmonTemps),
    degrees,
  ),
  kind(
    'power of hwmon',
    {
      ...{ folder: 'sys/class/hwmon/hwmon1', elsewhere: 'sys/class/hwmon/hwmon2', file: 'power1_input', scale: 1e6 },
      others: { name: 'ina226', power1_label: 'VDD_IN', update_interval: 10 },
    },
    energy,
  ),
  kind(
    'voltage and current of hwmon',
    {
      ...{ folder: 'sys/class/hwmon/hwmon1', elsewhere: 'sys/class/hwmon/hwmon0', file: 'curr1_input', scale: 200 },
      // 5 V: 200 mA are 1 W.
      others: { name: 'ina3221', in1_label: 'VDD_IN', in1_input: 5000, update_interval: 10 },
    },
    energy,
  ),
  kind(
    'energy of hwmon',
    {
      ...{ folder: 'sys/class/hwmon/hwmon1', elsewhere: 'sys/class/hwmon/hwmon2', file: 'energy1_input', scale: 1e6 },
      others: { name: 'ina4230', energy1_label: 'VDD_IN' },
    },
    energy,
    { counts: true },
  ),
  kind(
    'power of IIO',
    {
      ...{
        folder: 'sys/bus/i2c/devices/6-0040/iio:device0',
        elsewhere: 'sys/bus/i2c/devices/6-0040/iio:device2',
        file: 'in_power0_input',
        scale: 1e3,
      },
      others: { rail_name_0: 'POM_5V_IN' },
    },
    energy,
  ),
  kind(
    'RAPL',
    {
      ...{ folder: 'sys/class/powercap/intel-rapl:0', elsewhere: 'sys/class/powercap/intel-rapl:1', file: 'energy_uj', scale: 1e6 },
      others: { name: 'package-0', max_energy_range_uj: 262143328850 },
    },
    energy,
    { counts: true },
  ),
]
