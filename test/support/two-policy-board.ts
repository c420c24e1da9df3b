import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Unpacked, unpackArchive } from '../fixtures/boards/unpack.ts'

export interface TwoPolicyBoard extends Unpacked {
  /** Lowest and highest frequency allowed, kHz, of the little and the big core. */
  limits(): [number[], number[]]
}

export const untouchedKHz: [number[], number[]] = [
  [400000, 1400000],
  [600000, 2000000],
]

/** A board whose two cores, each with a clock of its own, are two of this machine's: a little and a big one. `more`: further files, as in the archives. */
export function makeTwoPolicyBoard(little: number, big: number, more = ''): TwoPolicyBoard {
  const cpufreq = 'sys/devices/system/cpu/cpufreq'
  const policy = (cpu: number, table: string, [low, high]: number[]) => `=== ${cpufreq}/policy${cpu}/related_cpus
${cpu}
=== ${cpufreq}/policy${cpu}/scaling_available_frequencies
${table}
=== ${cpufreq}/policy${cpu}/cpuinfo_min_freq
${low}
=== ${cpufreq}/policy${cpu}/cpuinfo_max_freq
${high}
=== ${cpufreq}/policy${cpu}/scaling_min_freq
${low}
=== ${cpufreq}/policy${cpu}/scaling_max_freq
${high}
=== ${cpufreq}/policy${cpu}/scaling_governor
schedutil
=== ${cpufreq}/policy${cpu}/scaling_driver
cpufreq-dt
`
  const board = unpackArchive(`A board of two cores.
=== sys/devices/system/cpu/online
${little},${big}
=== sys/devices/system/cpu/present
${little},${big}
=== sys/devices/system/cpu/cpu${little}/cpu_capacity
400
=== sys/devices/system/cpu/cpu${big}/cpu_capacity
1024
=== proc/device-tree/model [nul]
Two Core Board
=== proc/stat
cpu${little} 4000 1 2000 30000 500 0 2 0 0 0
cpu${big} 4100 1 2100 30100 600 0 2 0 0 0
${policy(little, '400000 700000 1000000 1400000', untouchedKHz[0])}${policy(big, '600000 1000000 1400000 2000000', untouchedKHz[1])}${more}`)
  const read = (cpu: number, end: string): number => Number(readFileSync(join(board.root, cpufreq, `policy${cpu}/scaling_${end}_freq`), 'utf8'))
  return {
    ...board,
    limits: () => [
      [read(little, 'min'), read(little, 'max')],
      [read(big, 'min'), read(big, 'max')],
    ],
  }
}
