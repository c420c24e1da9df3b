import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Unpacked, unpackArchive } from '../fixtures/boards/unpack.ts'

export const littleKHz = [400000, 700000, 1000000, 1200000, 1400000]
export const bigKHz = [600000, 1000000, 1400000, 1700000, 2000000]

export interface PolicyTree extends Unpacked {
  readonly little: string
  readonly big: string
  /** kHz in a file of a policy. */
  read(policy: string, file: string): string
}

const policy = (n: number, cpus: string, table: readonly number[]) => {
  const path = `sys/devices/system/cpu/cpufreq/policy${n}`
  const files: Record<string, string | number | undefined> = {
    related_cpus: cpus,
    scaling_governor: 'schedutil',
    cpuinfo_min_freq: table[0],
    cpuinfo_max_freq: table.at(-1),
    scaling_min_freq: table[0],
    scaling_max_freq: table.at(-1),
  }
  return Object.entries(files)
    .map(([name, value]) => `=== ${path}/${name}\n${value}\n`)
    .join('')
}

/** A kernel tree with two policies and nothing else. */
export function makePolicyTree(): PolicyTree {
  const board = unpackArchive(policy(0, '0 1', littleKHz) + policy(2, '2 3', bigKHz))
  const cpufreq = join(board.root, 'sys/devices/system/cpu/cpufreq')
  return {
    ...board,
    little: join(cpufreq, 'policy0'),
    big: join(cpufreq, 'policy2'),
    read: (path, file) => readFileSync(join(path, file), 'utf8').split('\n', 1)[0] as string,
  }
}
