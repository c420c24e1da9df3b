import { realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { EnergySourceInfo } from './energy-source.ts'
import { listFolder, readAnswer, readNumber, readText } from './files.ts'
import { openKept, readKeptNumber } from './kept-file.ts'
import { coversCpus, isTotalRail } from './rails.ts'
import type { SensorSource } from './sensor-source.ts'

/** Power monitors on rails of the board. Source: Documentation/hwmon/sysfs-interface.rst (mV, mA, uW, uJ, ms), ina2xx.rst, ina3221.rst. */

/** Chips whose power figures are no consumption of this board: USB-PD contracts, batteries, discrete graphics, disks, network cards. */
const foreignChips = /^(tcpm_source|ucsi_source|bat|ac\b|adp|amdgpu|nouveau|nvme|iwlwifi|mt7)/i
/** I2C addresses of the INA231 on the ODROID-XU3, which has no labels (Hardkernel's schematics). */
const ina231Rails: Record<string, string> = { '0040': 'a15', '0041': 'mem', '0044': 'gpu', '0045': 'a7' }

/** Every rail that has an energy, a power, or a voltage and a current reading. */
export function readHwmonRails(root: string): EnergySourceInfo[] {
  const folder = join(root, 'sys/class/hwmon')
  return listFolder(folder, /^hwmon\d+$/).flatMap((name) => readChip(join(folder, name)))
}

function readChip(path: string): EnergySourceInfo[] {
  const chip = readText(join(path, 'name'))
  if (chip === undefined || foreignChips.test(chip)) return []
  const sources: EnergySourceInfo[] = []
  for (const file of listFolder(path, /^(energy|power|in)\d+_(input|average)$/)) {
    const [, quantity, channelText] = /^(energy|power|in)(\d+)_/.exec(file) as RegExpExecArray
    const channel = Number(channelText)
    const paths = quantity === 'in' ? voltageAndCurrent(path, chip, channel) : [join(path, file)]
    if (paths === undefined) continue
    const label = readText(join(path, `${quantity}${channel}_label`)) ?? (quantity === 'in' ? undefined : chipLabel(path))
    // NC: not connected.
    if (label === 'NC' || (file.endsWith('_average') && sources.some((source) => source.paths[0] === join(path, `${quantity}${channel}_input`))))
      continue
    const rail = label ?? `${quantity}${channel}`
    const total = isTotalRail(rail)
    sources.push({
      name: `${chip}:${rail}`,
      interface: 'hwmon',
      scope: total ? 'board' : 'rail',
      reads: quantity === 'energy' ? 'energy' : 'power',
      access: paths.map((part) => readAnswer(part).access).find((access) => access !== 'ok') ?? 'ok',
      paths,
      coversCpu: total || coversCpus(rail),
      total,
    })
  }
  return sources
}

function chipLabel(path: string): string | undefined {
  const label = readText(join(path, 'label'))
  if (label !== undefined) return label
  try {
    return ina231Rails[/-([0-9a-f]{4})$/.exec(basename(realpathSync(join(path, 'device'))))?.[1] ?? '']
  } catch {
    return undefined
  }
}

/** The pair that makes a power. Of an INA3221 only channels 1 to 3: in4 to in6 are shunt voltages, in7 their sum, curr4 the sum of currents. */
function voltageAndCurrent(path: string, chip: string, channel: number): string[] | undefined {
  if (chip !== 'ina3221' || channel < 1 || channel > 3) return undefined
  const current = join(path, `curr${channel}_input`)
  return readAnswer(current).access === 'absent' ? undefined : [join(path, `in${channel}_input`), current]
}

/** Opens a rail; undefined when a file of it is gone or not readable. A reading may take an I2C transaction, some milliseconds. */
export function openHwmonRail({ paths, reads }: Pick<EnergySourceInfo, 'paths' | 'reads'>): SensorSource | undefined {
  const files = paths.map((path) => openKept(path))
  const [first, second] = files
  const close = () => {
    for (const file of files) file?.close()
  }
  if (first === undefined || (paths.length === 2 && second === undefined)) {
    close()
    return undefined
  }
  const read =
    // Of energies uJ, of powers uW; mV times mA is uW as well.
    second === undefined ? () => readKeptNumber(first) * 1e-6 : () => readKeptNumber(first) * readKeptNumber(second) * 1e-6
  return {
    read,
    get access() {
      return first.access === 'ok' && second !== undefined ? second.access : first.access
    },
    periodS: periodOf(first.path),
    rangeJ: reads === 'energy' ? Number.NaN : Number.POSITIVE_INFINITY,
    paths,
    close,
  }
}

/** s; an average has an interval of its own. */
function periodOf(path: string): number {
  const own = path.endsWith('_average') ? readNumber(`${path}_interval`) : undefined
  return (own ?? readNumber(join(dirname(path), 'update_interval')) ?? Number.NaN) * 1e-3
}

/** Voltage times current of the same channel as a power, W, the mean of some readings beside as many of the power itself; undefined where the chip has no such pair. */
export function besidePower(path: string): { readonly powerW: number; readonly productW: number } | undefined {
  const [, folder, channel] = /^(.*)\/power(\d+)_input$/.exec(path) ?? []
  if (folder === undefined) return undefined
  let [powerUw, productUw] = [0, 0]
  const times = 5
  for (let i = 0; i < times; i++) {
    powerUw += readNumber(path) ?? Number.NaN
    productUw += (readNumber(join(folder, `in${channel}_input`)) ?? Number.NaN) * (readNumber(join(folder, `curr${channel}_input`)) ?? Number.NaN)
  }
  return Number.isNaN(powerUw + productUw) ? undefined : { powerW: (powerUw / times) * 1e-6, productW: (productUw / times) * 1e-6 }
}
