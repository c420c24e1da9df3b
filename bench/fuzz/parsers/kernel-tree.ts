import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { governedClusters } from '../../../envs/board/clusters.ts'
import { diagnose } from '../../../src/board/diagnosis.ts'
import { discoverBoard } from '../../../src/board/discover.ts'
import { watchBestEnergy } from '../../../src/linux/energy-counter.ts'
import { makeOnlineCpus } from '../../../src/linux/online.ts'
import { makeCpuPressure } from '../../../src/linux/psi.ts'
import { makeCpuStat } from '../../../src/linux/stat.ts'
import { readTask } from '../../../src/linux/task.ts'
import { watchTemperature } from '../../../src/linux/temperature.ts'
import { readCoolingDevices } from '../../../src/linux/thermal.ts'
import { isThrottled } from '../../../src/linux/throttle.ts'
import { type FuzzedParser, promise } from '../parser.ts'
import { scratchFolder } from '../scratch.ts'

/** A made-up board in which every kind of kernel file stands: two frequency domains, a GPU, zones, counters, rails. */
const policy = (cpus: string, top: number) => ({
  related_cpus: cpus,
  affected_cpus: cpus,
  scaling_driver: 'cpufreq-dt',
  scaling_governor: 'schedutil',
  scaling_available_governors: 'performance schedutil ',
  scaling_available_frequencies: `600000 1200000 ${top} `,
  scaling_boost_frequencies: `${top + 100_000} `,
  cpuinfo_min_freq: '600000',
  cpuinfo_max_freq: `${top}`,
  scaling_min_freq: '600000',
  scaling_max_freq: `${top}`,
  bios_limit: `${top}`,
})

const files: Readonly<Record<string, string>> = {
  ...under('proc', {
    stat: 'cpu  8 2 4 6 1 0 4 0 0 0\ncpu0 4 1 2 3 5 0 2 0 0 0\ncpu1 4 1 2 3 6 0 2 0 0 0\nintr 5 0\n',
    cpuinfo: 'CPU implementer : 0x41',
  }),
  ...under('proc', { 'pressure/cpu': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=7', 'device-tree/model': 'a board', 'self/cgroup': '0::/' }),
  ...under('proc', { 'device-tree/compatible': 'some,board', 'self/task/7/stat': `7 (a b) S ${'0 '.repeat(35)}1 0` }),
  ...under('sys/devices/system/cpu', { online: '0-1', present: '0-1', possible: '0-1' }),
  ...under('sys/devices/system/cpu/cpu0', { cpu_capacity: '446', 'topology/core_id': '0', 'topology/physical_package_id': '0' }),
  ...under('sys/devices/system/cpu/cpu1', { cpu_capacity: '1024', 'of_node/compatible': 'arm,cortex-a76', 'topology/core_id': '1' }),
  ...under('sys/devices/system/cpu/cpufreq/policy0', policy('0', 1_800_000)),
  ...under('sys/devices/system/cpu/cpufreq/policy1', policy('1', 2_400_000)),
  ...under('sys/class/devfreq/fb000000.gpu', { governor: 'simple_ondemand', available_frequencies: '2 3', min_freq: '2', max_freq: '3' }),
  ...under('sys/class/thermal/thermal_zone0', { type: 'soc-thermal', temp: '45000', trip_point_0_type: 'passive', trip_point_0_temp: '85000' }),
  ...under('sys/class/thermal/thermal_zone1', { type: 'bigcore-thermal', temp: '46000', trip_point_0_hyst: '2000' }),
  ...under('sys/class/thermal/cooling_device0', { type: 'thermal-cpufreq-0', cur_state: '0', max_state: '5' }),
  ...under('sys/class/powercap/intel-rapl:0', { name: 'package-0', energy_uj: '123456', max_energy_range_uj: '262143328850' }),
  ...under('sys/class/hwmon/hwmon0', { name: 'ina231', power1_input: '1200000', power1_label: 'arm', update_interval: '35' }),
  ...under('sys/class/hwmon/hwmon1', { name: 'ina3221', in1_input: '5000', in1_label: 'VDD_IN', curr1_input: '900' }),
  ...under('sys/bus/i2c/devices/6-0040/iio:device0', { rail_name_0: 'POM_5V_IN', in_power0_input: '2000' }),
  ...under('sys/class/hwmon/hwmon2', { name: 'coretemp', temp1_input: '45000', temp1_label: 'Package id 0' }),
}

function under(folder: string, named: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(named).map(([name, text]) => [`${folder}/${name}`, text]))
}

const paths = Object.keys(files)
/** Files that stand in for a folder, an empty one and a missing one: broken, zero and absent are three things. */
const marks = ['=broken', '=empty', '=absent']

/**
 * A whole tree in one input: a line per file, `PATH=TEXT` with escapes; what is read of it must be a board, however broken the files. Each input writes only
 * the files that it changed.
 */
export function kernelTree(): FuzzedParser {
  const root = scratchFolder()
  for (const path of paths) put(path, files[path] as string)
  let changed: string[] = []

  function put(path: string, text: string): void {
    const at = join(root, path)
    rmSync(at, { recursive: true, force: true })
    if (text === '=absent') return
    mkdirSync(text === '=broken' ? at : dirname(at), { recursive: true })
    if (text !== '=broken') writeFileSync(at, text === '=empty' ? '' : `${text}\n`, 'latin1')
  }

  return {
    name: 'kernel-tree',
    covers: [
      ...['src/linux/online.ts readCpuList', 'src/linux/topology.ts readCpus', 'src/linux/cpufreq.ts readCpufreqPolicies'],
      ...['src/linux/model.ts readModel', 'src/linux/devfreq.ts readDevfreqDevices', 'src/linux/energy-counter.ts readEnergySources'],
      ...['src/linux/powercap.ts readPowercap', 'src/linux/hwmon.ts readHwmonRails', 'src/linux/iio-power.ts readIioRails'],
      ...['src/linux/thermal.ts readThermalZones', 'src/linux/thermal.ts readCoolingDevices', 'src/linux/task.ts readTask'],
      ...['src/linux/throttle.ts readThrottle', 'src/linux/hwmon-temps.ts readHwmonTemps'],
      ...['src/linux/files.ts readAnswer', 'src/linux/files.ts readText', 'src/linux/files.ts readNumber', 'src/linux/files.ts readWords'],
      ...['src/linux/kept-file.ts readKeptNumber', 'src/linux/cpufreq.ts readWritable'],
    ],
    form: 'text',
    corpus: () => [
      // Each file as it is; and each of the three ways in which it is not.
      ...paths.map((path) => Buffer.from(`${path}=${escaped(files[path] as string)}`)),
      ...paths.flatMap((path) => marks.map((mark) => Buffer.from(`${path}=${mark}`))),
    ],
    parse(input) {
      for (const path of changed) put(path, files[path] as string)
      changed = []
      for (const line of input.toString('latin1').split('\n')) {
        const at = line.indexOf('=')
        const path = line.slice(0, Math.max(0, at))
        if (!(path in files) || !Object.hasOwn(files, path)) continue
        changed.push(path)
        put(path, unescaped(line.slice(at + 1)))
      }
      use(root)
      return 'accepted'
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  }
}

const escaped = (text: string): string => text.replaceAll('\n', '\\n')
const unescaped = (text: string): string => text.replaceAll('\\n', '\n')
const isValue = (value: number): boolean => Number.isNaN(value) || Number.isFinite(value)

/** Everything that a run reads of a board, once. */
function use(root: string): void {
  const board = discoverBoard({ root })
  promise(
    board.clusters.some((cluster) => cluster.kind === 'cpu'),
    'a board has a cluster of CPUs',
  )
  promise(board.cpuCount >= 1 && board.cpuCount <= 8192, 'a board has CPUs')
  JSON.stringify(diagnose(board))
  const clusters = governedClusters(board, { virtual: 'auto', allowed: [0, 1], mostLevels: 5 })
  promise(clusters.length > 0 && clusters.every(({ levels }) => levels.length > 0), 'something can be governed')
  for (const { policyPaths } of board.clusters) for (const path of policyPaths) isThrottled(path, root)
  readCoolingDevices(root)
  readTask(root, 7)
  const stat = makeCpuStat(root, board.cpuCount)
  const online = makeOnlineCpus(root, board.cpuCount)
  const pressure = makeCpuPressure(root)
  const quiet = (): void => {}
  const energy = watchBestEnergy(root, board.energySources, quiet)
  const temperatures = board.cpuZones.map((zone) => watchTemperature(root, zone, quiet))
  stat?.sample()
  online?.sample()
  promise(isValue(pressure?.sample() ?? 0), 'pressure is a number or NaN')
  for (const nowS of [0, 1, 2]) {
    energy?.sample(nowS, Number.NaN)
    energy?.tend(nowS)
    promise(isValue(energy?.totalJ ?? 0) && isValue(energy?.power.value ?? 0), 'energy is a number or NaN')
    for (const sensor of temperatures) {
      promise(isValue(sensor.tempC(nowS, 0.5)), 'a temperature is a number or NaN')
      sensor.tend(nowS)
    }
  }
  for (const open of [stat, online, pressure, energy, ...temperatures]) open?.close()
}
