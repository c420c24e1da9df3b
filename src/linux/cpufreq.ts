import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { listFolder, parseNumber, readAnswer, readText, readWords } from './files.ts'
import { accessOf } from './kept-file.ts'

/** One frequency domain of the CPUs. Source: Documentation/admin-guide/pm/cpufreq.rst; kHz become Hz here. */
export interface CpufreqPolicy {
  readonly path: string
  /** The folder's number: that of the policy's first CPU. */
  readonly number: number
  /** 'broken' when all its CPUs are offline: everything in the folder then answers EBUSY. */
  readonly access: 'ok' | 'broken'
  /** CPUs of the domain, online or not. */
  readonly relatedCpus: readonly number[]
  /** Those of them that are online. */
  readonly affectedCpus: readonly number[]
  readonly driver?: string
  readonly governor?: string
  readonly availableGovernors: readonly string[]
  /** Ascending, without boost; empty when the driver has no table. */
  readonly frequenciesHz: readonly number[]
  readonly boostFrequenciesHz: readonly number[]
  /** Hardware limits. */
  readonly minFreqHz?: number
  readonly maxFreqHz?: number
  /** Limits that hold now. */
  readonly scalingMinFreqHz?: number
  readonly scalingMaxFreqHz?: number
  readonly writable: 'yes' | 'denied' | 'absent'
}

/** kHz to Hz. */
export function parseKHz(text: string | undefined): number | undefined {
  const kHz = parseNumber(text)
  // Of a number near the largest a thousandfold is none.
  return kHz === undefined || kHz <= 0 || kHz > Number.MAX_SAFE_INTEGER ? undefined : kHz * 1e3
}

/** `scaling_available_frequencies`: kHz in any order, with a trailing space, to Hz ascending. Words that are no number are left out. */
export function parseFrequencies(words: readonly string[]): number[] {
  const frequencies = words.map(parseKHz).filter((value) => value !== undefined)
  return [...new Set(frequencies)].sort((a, b) => a - b)
}

/** Whether this user may write the file: opened for writing and closed again, which kernel files take as no change. */
export function readWritable(path: string): 'yes' | 'denied' | 'absent' {
  try {
    closeSync(openSync(path, 'r+'))
    return 'yes'
  } catch (error) {
    return accessOf(error) === 'absent' ? 'absent' : 'denied'
  }
}

/** The lowest `scaling_max_freq` of these policies, Hz; NaN where none answers. */
export function lowestLimitHz(policyPaths: readonly string[]): number {
  const limits = policyPaths.map((path) => parseKHz(readText(join(path, 'scaling_max_freq')))).filter((limit) => limit !== undefined)
  return limits.length === 0 ? Number.NaN : Math.min(...limits)
}

/** All policies, by number. */
export function readCpufreqPolicies(root: string): CpufreqPolicy[] {
  const folder = join(root, 'sys/devices/system/cpu/cpufreq')
  return listFolder(folder, /^policy\d+$/).map((name) => readPolicy(join(folder, name), Number(name.slice('policy'.length))))
}

function readPolicy(path: string, number: number): CpufreqPolicy {
  const answer = readAnswer(join(path, 'related_cpus'))
  const driver = readText(join(path, 'scaling_driver'))
  const governor = readText(join(path, 'scaling_governor'))
  return {
    path,
    number,
    access: answer.access === 'ok' ? 'ok' : 'broken',
    relatedCpus: (answer.text ?? '').split(/\s+/).filter(Boolean).map(Number).filter(Number.isInteger),
    affectedCpus: readWords(join(path, 'affected_cpus')).map(Number).filter(Number.isInteger),
    ...(driver === undefined ? {} : { driver }),
    ...(governor === undefined ? {} : { governor }),
    availableGovernors: readWords(join(path, 'scaling_available_governors')),
    frequenciesHz: parseFrequencies(readWords(join(path, 'scaling_available_frequencies'))),
    boostFrequenciesHz: parseFrequencies(readWords(join(path, 'scaling_boost_frequencies'))),
    ...optionalHz('minFreqHz', join(path, 'cpuinfo_min_freq')),
    ...optionalHz('maxFreqHz', join(path, 'cpuinfo_max_freq')),
    ...optionalHz('scalingMinFreqHz', join(path, 'scaling_min_freq')),
    ...optionalHz('scalingMaxFreqHz', join(path, 'scaling_max_freq')),
    writable: readWritable(join(path, 'scaling_max_freq')),
  }
}

function optionalHz<K extends string>(name: K, path: string): { [P in K]?: number } {
  const freqHz = parseKHz(readText(path))
  return (freqHz === undefined ? {} : { [name]: freqHz }) as { [P in K]?: number }
}
