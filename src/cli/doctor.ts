import { Command } from 'commander'
import { type Board, type Cluster, fingerprintOf } from '../board/board.ts'
import { degreesOf } from '../board/degrees.ts'
import { type Diagnosis, diagnose } from '../board/diagnosis.ts'
import { discoverBoard } from '../board/discover.ts'
import { type Inventory, readInventory } from '../board/inventory.ts'
import { permissionFix } from '../board/permission-files.ts'
import { checkSensors, type SensorCheck } from '../board/sensor-check.ts'
import { systemClock } from '../core/clock.ts'
import { FlyballError } from '../core/errors.ts'
import { formatQuantity, parsePositive } from '../core/units.ts'
import { formatCpuList } from '../linux/cpulist.ts'
import { readText } from '../linux/files.ts'
import { findLeftBehind } from '../linux/left-behind.ts'
import { degreeLines, fixHint, fixLines } from './doctor-fix.ts'
import { checkLines } from './doctor-sensors.ts'
import { bold, formatTable, printJson, printLines } from './print.ts'

const help = `
Example:
  flyball doctor
  flyball doctor --sensors 5s              looks at every sensor for 5 s: how often it has a new value, whether what it says can be
  flyball doctor --json > report.json      fields: board, governs, fingerprint, sensors, sensorChecks, guard, permissions, degrees, corePower, inventory, leftBehind
  flyball doctor --fix                     prints the commands and files that let a group at the clocks and counters, and runs nothing
  flyball doctor --fix --json              fields: group, grants, before, files, after, undo, notes; null where nothing is missing
  flyball doctor --root ./copied-sysfs     the same for a copy of somebody's /sys and /proc
`

interface DoctorOptions {
  json?: boolean
  root: string
  fix?: boolean
  sensors?: string
}

/** Long enough for the slowest common sensor to have a second value, s. */
const lookS = 0.6

/** `flyball doctor`: what was found on this board, how good it is, and what permission is missing. Touches nothing. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('shows what this board offers: clusters, frequencies, sensors, permissions and the commands that grant them')
    .option('--json', 'one JSON document on standard output')
    .option('--fix', 'print what grants the rights that are missing; runs nothing')
    .option('--root <DIR>', 'folder that stands for /', '/')
    .option('--sensors <TIME>', 'how long to look at the sensors (default: 600ms; once where --root is a copy)')
    .addHelpText('after', help)
    .action(async (options: DoctorOptions) => {
      if (options.root !== '/' && readText(`${options.root}/sys/devices/system/cpu/online`) === undefined)
        throw new FlyballError(
          'ERR_UNKNOWN_BOARD',
          `--root: nothing under '${options.root}' looks like a board; expected at least sys/devices/system/cpu/online`,
        )
      const here = options.root === '/'
      const durationS = options.sensors === undefined ? (here ? lookS : 0) : parsePositive(options.sensors, 'time', '--sensors')
      const board = discoverBoard({ root: options.root })
      const asRoot = process.getuid?.() === 0
      // Root lacks nothing: what it can do is let others.
      const fix = permissionFix(board, asRoot ? 'all' : 'denied')
      if (options.fix === true) {
        if (options.json === true) printJson(fix ?? null)
        else printLines(fixLines(fix, asRoot))
        return
      }
      const degrees = degreesOf(board, asRoot)
      const sensorChecks = await checkSensors(board, { durationS, clock: systemClock })
      const diagnosis = diagnose(board, sensorChecks)
      const inventory = here ? await readInventory() : undefined
      const leftBehind = here ? findLeftBehind().map((journal) => journal.path) : []
      if (options.json === true)
        printJson({ board, ...diagnosis, degrees, sensorChecks, ...(inventory === undefined ? {} : { inventory }), leftBehind })
      else printLines(render(board, diagnosis, sensorChecks, inventory, leftBehind, [...degreeLines(degrees), ...(asRoot ? [] : fixHint(fix))]))
    })
}

function render(
  board: Board,
  diagnosis: Diagnosis,
  checks: readonly SensorCheck[],
  inventory: Inventory | undefined,
  leftBehind: readonly string[],
  power: readonly string[],
): string[] {
  const lines = [bold(board.name), ...machineLines(inventory), `governs: ${diagnosis.governs}`, '']
  lines.push(bold('degrees of power'), ...indent(power), '')
  lines.push(bold('clusters'), ...indent(formatTable(board.clusters.map((cluster) => clusterRow(cluster, board, diagnosis)))), '')
  lines.push(
    bold('sensors'),
    ...indent(diagnosis.sensors.map((sensor) => `${sensor.quality.padEnd(9)}  ${sensor.name.padEnd(12)}  ${sensor.from}`)),
    '',
  )
  if (checks.length > 0) lines.push(bold('what they say'), ...indent(checkLines(checks, board)), '')
  lines.push(bold('guard'), ...indent(guardLines(diagnosis.guard)), '')
  for (const permission of diagnosis.permissions) {
    lines.push(
      bold(`to ${permission.what}`),
      ...indent(['until the next boot:', `  ${permission.commands[0]}`, 'from the next boot on:', `  ${permission.commands[1]}`]),
    )
    if (permission.warning !== undefined) lines.push(...indent([`note: ${permission.warning}`]))
    lines.push('')
  }
  if (board.findings.length > 0) lines.push(bold('noticed'), ...indent(board.findings.map((finding) => `${finding.where}: ${finding.what}`)), '')
  if (leftBehind.length > 0)
    lines.push(
      bold('left behind by a killed run'),
      ...indent([...leftBehind, 'flyball restore puts the knobs back, with sudo what is not yours']),
      '',
    )
  lines.push(`fingerprint: ${fingerprintOf(board)}`)
  return lines
}

function machineLines(inventory: Inventory | undefined): string[] {
  if (inventory === undefined) return []
  const memory = inventory.memoryB === undefined ? undefined : `${(inventory.memoryB / 2 ** 30).toFixed(1)} GiB`
  const parts = [
    inventory.manufacturer,
    inventory.model,
    memory,
    inventory.distribution,
    inventory.kernel,
    inventory.virtual === true ? 'virtual machine' : undefined,
  ]
  return [parts.filter((part) => part !== undefined).join(', ')]
}

function clusterRow(cluster: Cluster, board: Board, diagnosis: Diagnosis): string[] {
  const power = diagnosis.corePower.find((entry) => entry.cluster === cluster.id)
  const cores = cluster.cpus.length === 0 ? (cluster.coreType ?? '') : `cores ${formatCpuList(cluster.cpus)}`
  const offline = cluster.cpus.filter((cpu) => !board.onlineCpus.includes(cpu))
  const watts = power === undefined ? '' : `${formatQuantity(power.maxPowerW, 'power')} a core (${power.basis === 'opps' ? 'estimated' : 'assumed'})`
  const limits = { yes: 'frequency writable', denied: 'frequency: no permission', absent: 'frequency fixed' }[cluster.writable]
  return [
    cluster.id,
    offline.length === 0 ? cores : `${cores}, ${formatCpuList(offline)} offline`,
    oppText(cluster),
    cluster.governor ?? '-',
    cluster.kind === 'cpu' ? limits : `${limits}; flyball places no work here yet`,
    watts,
  ]
}

function oppText(cluster: Cluster): string {
  const [first] = cluster.opps
  const last = cluster.opps.at(-1)
  if (first === undefined || last === undefined) return '1 OPP of unknown frequency'
  const made = cluster.oppsQuality === 'range' ? ' even steps' : ''
  return `${cluster.opps.length} OPPs${made} ${formatQuantity(first.freqHz, 'frequency')} to ${formatQuantity(last.freqHz, 'frequency')}`
}

function guardLines({ heat, heatOff, power }: Diagnosis['guard']): string[] {
  const limits = heat.map(
    ({ sensor, tripC, fromC }) => `heat       ${sensor}: takes points away from ${fromC} degC, as the board throttles at ${tripC} degC`,
  )
  return [
    ...(heatOff === undefined ? limits : [`heat       off: ${heatOff}`]),
    `power cap  ${power === 'measured' ? 'on what is measured' : 'on an estimate only, as nothing measures it'}, where one is asked (--power-cap)`,
  ]
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`)
}
