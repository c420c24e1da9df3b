import { join } from 'node:path'
import { listFolder, parseNumber, readNumber, readText } from './files.ts'
import { parseTemp, type ThermalZone } from './thermal.ts'

/**
 * CPU sensors of hwmon, for machines whose thermal zones say nothing of the CPUs (AMD). By chip and label: of k10temp Tdie before Tctl, to which the maker adds up to
 * 27 degrees on some. Source: Documentation/hwmon/{coretemp,k10temp}.rst.
 */
const cpuSensors: readonly (readonly [chip: RegExp, labels: readonly RegExp[]])[] = [
  [/^coretemp$/, [/^Package id/, /^Core/]],
  [/^(k10temp|zenpower)$/, [/^Tdie$/, /^Tctl$/]],
  [/^(cpu_thermal|soc_thermal)$/, [/^/]],
]

/** As thermal zones; empty where no chip is one of CPUs. */
export function readHwmonTemps(root: string): ThermalZone[] {
  const folder = join(root, 'sys/class/hwmon')
  return listFolder(folder, /^hwmon\d+$/).flatMap((name) => {
    const path = join(folder, name)
    const chip = readText(join(path, 'name')) ?? ''
    const labels = cpuSensors.find(([pattern]) => pattern.test(chip))?.[1]
    return labels === undefined ? [] : readChip(path, chip, labels)
  })
}

function readChip(path: string, chip: string, labels: readonly RegExp[]): ThermalZone[] {
  const channels = listFolder(path, /^temp\d+_input$/).map((file) => {
    const prefix = file.slice(0, -'_input'.length)
    return { file: join(path, file), prefix, label: readText(join(path, `${prefix}_label`)) }
  })
  for (const pattern of labels) {
    const chosen = channels.filter(({ label }) => pattern.test(label ?? ''))
    if (chosen.length > 0) return chosen.map(({ file, prefix, label }) => zoneOf(path, file, prefix, label === undefined ? chip : `${chip}:${label}`))
  }
  return []
}

function zoneOf(path: string, file: string, prefix: string, type: string): ThermalZone {
  const tempC = parseTemp(readNumber(file) ?? Number.NaN)
  const trips = (
    [
      ['critical', 'crit'],
      ['hot', 'max'],
    ] as const
  ).flatMap(([kind, name]) => {
    const tripC = (parseNumber(readText(join(path, `${prefix}_${name}`))) ?? Number.NaN) / 1000
    return tripC > 0 && tripC <= 150 ? [{ type: kind, tempC: tripC }] : []
  })
  return { path, file, type, role: 'cpu', trips, ...(Number.isNaN(tempC) ? {} : { tempC }) }
}
