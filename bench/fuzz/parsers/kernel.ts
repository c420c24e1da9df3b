import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { firstNumber } from '../../../src/linux/bytes.ts'
import { parseOwnCgroup } from '../../../src/linux/cgroup.ts'
import { parseFrequencies, parseKHz } from '../../../src/linux/cpufreq.ts'
import { formatCpuList, parseCpuList } from '../../../src/linux/cpulist.ts'
import { parseNumber, parseWords } from '../../../src/linux/files.ts'
import { parseJournal } from '../../../src/linux/journal-file.ts'
import { parseFlockOwner } from '../../../src/linux/lock-holder.ts'
import { parseCpuinfo } from '../../../src/linux/model.ts'
import { parseCpuFlags } from '../../../src/linux/online.ts'
import { parseStartTime } from '../../../src/linux/process-identity.ts'
import { parsePressure } from '../../../src/linux/psi.ts'
import { admitted } from '../../../src/linux/restore-theirs.ts'
import { parseStat } from '../../../src/linux/stat.ts'
import { otherStateDirs } from '../../../src/linux/state-dir.ts'
import { parseTask } from '../../../src/linux/task.ts'
import { parseTemp, roleOfZone } from '../../../src/linux/thermal.ts'
import { type FuzzedParser, promise, type Verdict, verdictOf } from '../parser.ts'
import { scratchFolder } from '../scratch.ts'

/** A parser of a text that never refuses: garbage is NaN or undefined. `read` tells whether anything was found. */
const neverThrows = (name: string, covers: readonly string[], samples: readonly string[], read: (input: Buffer) => boolean): FuzzedParser => ({
  name: `kernel-${name}`,
  covers: covers.map((cover) => `src/linux/${cover}`),
  form: 'text',
  corpus: () => samples.map((text) => Buffer.from(text)),
  parse: (input): Verdict => (read(input) ? 'accepted' : 'nothing found'),
})

const cpus = 8
const busyS = new Float64Array(cpus)
const totalS = new Float64Array(cpus)
const flags = new Uint8Array(cpus)
const text = (input: Buffer): string => input.toString('utf8')
const isValue = (value: number): boolean => Number.isNaN(value) || Number.isFinite(value)

const statText = `cpu  8000 200 4000 60000 1000 0 400 0 0 0
cpu0 4000 1 2000 30000 500 0 2 0 0 0
cpu1 4100 1 2100 30100 600 0 2 0 0 0
intr 535411 0 0 0 0 0 0 0
ctxt 1274344
btime 1795413887
`
const taskText = '4242 (node (worker) x) S 1 4242 4242 0 -1 4194304 1 0 0 0 7 3 0 0 20 0 11 0 8765432 1 2 3 4 5 6 7 8 9 0 0 0 0 0 0 17 3 0 0 0 0 0\n'

const cpuList: FuzzedParser = {
  name: 'kernel-cpulist',
  covers: ['src/linux/cpulist.ts parseCpuList'],
  form: 'text',
  corpus: () => ['0-3,5', '0', '', '0-8191', '7,5,3-4'].map((list) => Buffer.from(`${list}\n`)),
  parse: (input) =>
    verdictOf(() => {
      const list = parseCpuList(text(input))
      promise(list.length <= 8192 && list.every((cpu, i) => i === 0 || cpu > (list[i - 1] as number)), 'CPUs ascend')
      promise(parseCpuList(formatCpuList(list)).join() === list.join(), 'a list survives being written')
    }),
}

const journal: FuzzedParser = {
  name: 'journal',
  covers: ['src/linux/journal-file.ts parseJournal'],
  form: 'lines',
  corpus: () => [
    Buffer.from(
      [
        '{"flyball":"journal","schema":1,"bootId":"b","pid":42,"startTime":"99","root":"/"}',
        '{"entry":0,"kind":"value","path":"/sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq","original":"1800000","wrote":["600000","1200000"]}',
        '{"entry":1,"kind":"cgroup","path":"/sys/fs/cgroup/flyball-1-0","home":"/sys/fs/cgroup/cgroup.threads","after":{"path":"/sys/fs/cgroup/cgroup.subtree_control","value":"-cpu"}}',
        '',
      ].join('\n'),
    ),
  ],
  parse: (input) =>
    verdictOf(() => {
      const { header, records } = parseJournal(text(input), 'journal.jsonl')
      for (const { path } of records)
        promise(path.startsWith(join(header.root, 'sys/')) && isAbsolute(path) && !path.split('/').includes('..'), 'an entry lies under the root')
    }),
}

const theirRoot = '/no/such/board'

/** What root restores of another user's journal. */
const theirJournal: FuzzedParser = {
  name: 'journal-theirs',
  covers: ['src/linux/restore-theirs.ts admitted', 'src/linux/journal-file.ts parseJournal'],
  form: 'lines',
  corpus: () => [
    Buffer.from(
      [
        `{"flyball":"journal","schema":1,"bootId":"b","pid":42,"startTime":"99","root":"${theirRoot}"}`,
        `{"entry":0,"kind":"value","path":"${theirRoot}/sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq","original":"1800000","wrote":["600000"],"keep":"never"}`,
        `{"entry":1,"kind":"cgroup","path":"${theirRoot}/sys/fs/cgroup/flyball-1-0","home":"${theirRoot}/sys/fs/cgroup/cgroup.threads"}`,
        '',
      ].join('\n'),
    ),
  ],
  parse: (input) =>
    verdictOf(() => {
      for (const record of admitted(parseJournal(text(input), 'journal.jsonl'), theirRoot).records) {
        const paths = record.kind === 'value' ? [record.path] : [record.path, record.home, ...(record.after === undefined ? [] : [record.after.path])]
        const allowed = record.kind === 'value' ? /^\/sys\/devices\/system\/cpu\/cpufreq\/policy\d+\/scaling_(min|max)_freq$/ : /^\/sys\/fs\/cgroup\//
        for (const path of paths)
          promise(
            path.startsWith(theirRoot) && allowed.test(path.slice(theirRoot.length)) && !path.split('/').includes('..'),
            'root writes clocks and groups alone',
          )
        promise(
          record.kind !== 'value' || [record.original, ...record.wrote].every((value) => /^\d+$/.test(value)),
          'root writes numbers into clocks',
        )
      }
    }),
}

/** Folders of users' journals, from what a passwd file says. */
function passwd(): FuzzedParser {
  const root = scratchFolder()
  mkdirSync(join(root, 'etc'))
  return {
    name: 'passwd',
    covers: ['src/linux/state-dir.ts otherStateDirs'],
    form: 'text',
    corpus: () => [
      Buffer.from('root:x:0:0:root:/root:/bin/bash\nsshd:x:101:65534::/run/sshd:/usr/sbin/nologin\nann:x:1000:1000:Ann,,,:/home/ann:/bin/sh\n'),
    ],
    parse(input) {
      writeFileSync(join(root, 'etc/passwd'), input)
      const dirs = otherStateDirs('/none', { root, homes: true, uid: 0 })
      promise(new Set(dirs).size === dirs.length, 'no folder stands twice')
      return dirs.length > 1 ? 'accepted' : 'nothing found'
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  }
}

export const kernelParsers = (): FuzzedParser[] => [
  cpuList,
  journal,
  theirJournal,
  passwd(),
  neverThrows('number', ['files.ts parseNumber', 'cpufreq.ts parseKHz'], ['1800000', '-5', '3.25'], (input) => {
    const value = parseNumber(text(input))
    const freqHz = parseKHz(text(input))
    promise(value === undefined || Number.isFinite(value), 'a number is finite')
    promise(freqHz === undefined || (freqHz > 0 && Number.isFinite(freqHz)), 'a frequency is finite and above 0')
    return value !== undefined
  }),
  neverThrows('frequencies', ['cpufreq.ts parseFrequencies', 'files.ts parseWords'], ['1800000 1200000 600000 ', '300000'], (input) => {
    const found = parseFrequencies(parseWords(text(input).trim()))
    promise(
      found.every((freqHz, i) => freqHz > 0 && Number.isFinite(freqHz) && (i === 0 || freqHz > (found[i - 1] as number))),
      'frequencies ascend',
    )
    return found.length > 0
  }),
  neverThrows('one-value', ['thermal.ts parseTemp'], ['45000\n', '-3000\n', '1234567\n'], (input) => {
    const value = firstNumber(input, input.length)
    promise(isValue(value), 'a value is a number or NaN')
    const tempC = parseTemp(value)
    promise(Number.isNaN(tempC) || (tempC >= -40 && tempC <= 150), 'a temperature is plausible')
    return !Number.isNaN(value)
  }),
  neverThrows('stat', ['stat.ts parseStat'], [statText], (input) => {
    parseStat(input, input.length, busyS, totalS)
    promise(busyS.every(isValue) && totalS.every(isValue), 'times are numbers or NaN')
    return busyS.some((value) => !Number.isNaN(value))
  }),
  neverThrows(
    'pressure',
    ['psi.ts parsePressure'],
    ['some avg10=0.12 avg60=0.00 avg300=0.00 total=123456\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n'],
    (input) => {
      const totalS = parsePressure(input, input.length)
      promise(isValue(totalS), 'pressure is a number or NaN')
      return !Number.isNaN(totalS)
    },
  ),
  neverThrows('online-flags', ['online.ts parseCpuFlags'], ['0-3,5\n', '0\n', '1,3-6\n'], (input) => {
    parseCpuFlags(input, input.length, flags)
    return flags.includes(1)
  }),
  neverThrows('task', ['task.ts parseTask'], [taskText], (input) => {
    const task = parseTask(text(input))
    promise(task === undefined || (Number.isInteger(task.lastCpu) && task.lastCpu >= 0), 'a CPU has a number')
    return task !== undefined
  }),
  neverThrows('start-time', ['process-identity.ts parseStartTime'], [taskText], (input) => {
    const startTime = parseStartTime(text(input))
    promise(startTime === undefined || /^\d+$/.test(startTime), 'a start time is of digits')
    return startTime !== undefined
  }),
  neverThrows(
    'locks',
    ['lock-holder.ts parseFlockOwner'],
    ['1: POSIX  ADVISORY  WRITE 11 08:03:131 0 EOF\n2: FLOCK  ADVISORY  WRITE 12 08:03:131 0 EOF\n2: -> FLOCK  ADVISORY  WRITE 15 08:03:131 0 EOF'],
    (input) => {
      const pid = parseFlockOwner(text(input), { dev: 0x803n, ino: 131n })
      promise(pid === undefined || (Number.isInteger(pid) && pid >= 0), 'a process has a number')
      return pid !== undefined
    },
  ),
  neverThrows(
    'own-cgroup',
    ['cgroup.ts parseOwnCgroup'],
    ['12:cpu,cpuacct:/a/b\n3:memory:/x\n0::/user.slice/user@1000.service/app.scope\n', '0::/\n'],
    (input) => {
      const { v1, v2 } = parseOwnCgroup(text(input))
      for (const path of [v1, v2])
        promise(path === undefined || (path.startsWith('/') && !path.split('/').includes('..')), 'a group lies below its mount')
      return v1 !== undefined || v2 !== undefined
    },
  ),
  neverThrows(
    'cpuinfo',
    ['model.ts parseCpuinfo'],
    ['processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Some CPU @ 2.50GHz\n', 'CPU implementer\t: 0x41\nHardware\t: BCM2711\n'],
    (input) => parseCpuinfo(text(input)).architecture !== 'other',
  ),
  neverThrows('zone-type', ['thermal.ts roleOfZone'], ['bigcore0-thermal', 'x86_pkg_temp', 'acpitz'], (input) => roleOfZone(text(input)) !== 'other'),
]
