import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { FlyballError } from '../core/errors.ts'
import { type MadeGroup, removeGroup } from './cgroup-remove.ts'
import { readAnswer, readText, readWords } from './files.ts'
import type { Journal } from './journal.ts'
import { accessOf } from './kept-file.ts'
import { writeKernelFile } from './kernel-write.ts'

/** Sources: Documentation/scheduler/sched-bwc.rst, Documentation/admin-guide/cgroup-v2.rst (threaded mode), cgroup-v1/cgroups.rst. */

/** The kernel refuses quotas below 1 ms. */
const leastQuotaS = 1e-3
const shortestPeriodS = 5e-3
const longestPeriodS = 20e-3

/** Threads of this process that together get a limited share of CPU time. */
export interface BandwidthGroup {
  readonly path: string
  readonly version: 1 | 2
  readonly periodS: number
  /** Moves these threads into the group. Throws ERR_KERNEL_WRITE. */
  add(tids: readonly number[]): void
  /**
   * CPU time per period over all threads, in CPUs: 0.5 is half of one, 2 is two whole ones; Infinity lifts the limit. Without a system call when nothing
   * changes. False when the kernel refused. Throws ERR_RANGE for a quota below 1 ms.
   */
  set(cpuShare: number): boolean
  /** Moves the threads back and removes the group; idempotent, and done by the journal too. Throws ERR_KERNEL_WRITE. */
  remove(): void
}

export interface BandwidthOptions {
  /** Folder that stands for `/`. */
  readonly root: string
  readonly journal: Journal
  /** 5 to 20 ms. Default 10 ms. */
  readonly periodS?: number
}

/** Where groups of this process can be made: beside the threads that stay in its own group. */
interface Place {
  readonly version: 1 | 2
  readonly own: string
}

/** Path of this process in the hierarchy of the cpu controller (v1) and in the unified one (v2), from /proc/self/cgroup. Source: cgroups(7). */
export function parseOwnCgroup(text: string): { v1?: string; v2?: string } {
  const found: { v1?: string; v2?: string } = {}
  for (const line of text.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    // Seen from inside a namespace, a group outside of it begins with `/..`: not ours to go to.
    if (path === undefined || path.split('/').includes('..')) continue
    if (controllers === '') found.v2 = path
    else if (controllers?.split(',').includes('cpu')) found.v1 = path
  }
  return found
}

function findPlace(root: string): Place | undefined {
  const { v1, v2 } = parseOwnCgroup(readText(join(root, 'proc/self/cgroup')) ?? '')
  const base = join(root, 'sys/fs/cgroup')
  for (const mount of v1 === undefined ? [] : ['cpu', 'cpu,cpuacct']) {
    // In a container the path is the host's, and the own group is the mount itself.
    const own = [join(base, mount, v1 as string), join(base, mount)].find((path) => readAnswer(join(path, 'tasks')).access !== 'absent')
    if (own !== undefined) return { version: 1, own }
  }
  if (v2 === undefined) return undefined
  const own = [join(base, v2), base].find((path) => readWords(join(path, 'cgroup.controllers')).includes('cpu'))
  return own === undefined ? undefined : { version: 2, own }
}

/** Quota for a share, s. Throws ERR_RANGE below what the kernel takes. */
export function quotaOf(cpuShare: number, periodS: number): number {
  const quotaS = cpuShare * periodS
  // A nanosecond of rounding is no refusal.
  if (quotaS >= leastQuotaS - 1e-9) return quotaS
  throw new FlyballError(
    'ERR_RANGE',
    `a share of ${cpuShare} CPUs in ${periodS * 1e3} ms is ${quotaS * 1e3} ms, the kernel takes 1 ms or more: use a longer period or a larger share`,
  )
}

let made = 0

/**
 * Makes a group for some of this process's threads. Journalled before it is made. Throws ERR_RANGE for the period, ERR_NOT_PERMITTED without the right or a cpu
 * controller, ERR_KERNEL_WRITE when the kernel refuses.
 */
export function makeBandwidthGroup({ root, journal, periodS = 0.01 }: BandwidthOptions): BandwidthGroup {
  if (!(periodS >= shortestPeriodS && periodS <= longestPeriodS))
    throw new FlyballError('ERR_RANGE', `a bandwidth period of ${periodS} s is outside 0.005 to 0.02 s`)
  const place = findPlace(root)
  if (place === undefined)
    throw new FlyballError(
      'ERR_NOT_PERMITTED',
      'this process has no cpu controller to make a bandwidth group in; under systemd add Delegate=cpu to its unit',
    )
  const path = join(place.own, `flyball-${process.pid}-${made++}`)
  const home = join(place.own, place.version === 1 ? 'tasks' : 'cgroup.threads')
  const controls = join(place.own, 'cgroup.subtree_control')
  const enable = place.version === 2 && !readWords(controls).includes('cpu')
  const group: MadeGroup = { path, home, ...(enable ? { after: { path: controls, value: '-cpu' } } : {}) }
  journal.cgroup(group)
  try {
    mkdirSync(path)
    if (place.version === 1) writeKernelFile(join(path, 'cpu.cfs_period_us'), String(Math.round(periodS * 1e6)))
    else writeKernelFile(join(path, 'cgroup.type'), 'threaded')
    // A group with processes can have this controller for threaded children only, so the child comes first.
    if (enable) writeKernelFile(controls, '+cpu')
    return new Group(group, place.version, periodS)
  } catch (error) {
    throw refused(path, error)
  }
}

function refused(path: string, error: unknown): FlyballError {
  const code = accessOf(error) === 'denied' ? 'ERR_NOT_PERMITTED' : 'ERR_KERNEL_WRITE'
  return new FlyballError(code, `the bandwidth group ${path} could not be made or removed: ${(error as Error).message}`, { cause: error })
}

class Group implements BandwidthGroup {
  readonly path: string
  readonly version: 1 | 2
  readonly periodS: number
  readonly #group: MadeGroup
  readonly #descriptor: number
  readonly #lines = new Map<number, Buffer>()
  #share = Number.POSITIVE_INFINITY
  #removed = false

  constructor(group: MadeGroup, version: 1 | 2, periodS: number) {
    this.path = group.path
    this.version = version
    this.periodS = periodS
    this.#group = group
    this.#descriptor = openSync(join(group.path, version === 1 ? 'cpu.cfs_quota_us' : 'cpu.max'), 'r+')
  }

  add(tids: readonly number[]): void {
    const file = join(this.path, this.version === 1 ? 'tasks' : 'cgroup.threads')
    for (const tid of tids) {
      try {
        writeKernelFile(file, String(tid))
      } catch (error) {
        throw new FlyballError('ERR_KERNEL_WRITE', `thread ${tid} could not be moved into ${this.path}: ${(error as Error).message}`, {
          cause: error,
        })
      }
    }
  }

  set(cpuShare: number): boolean {
    if (cpuShare === this.#share) return true
    if (this.#removed) return false
    const line = this.#lines.get(cpuShare) ?? this.#encode(cpuShare)
    try {
      writeSync(this.#descriptor, line, 0, line.length, 0)
      this.#share = cpuShare
      return true
    } catch {
      return false
    }
  }

  remove(): void {
    if (this.#removed) return
    this.#removed = true
    closeSync(this.#descriptor)
    try {
      removeGroup(this.#group)
    } catch (error) {
      if (accessOf(error) !== 'absent') throw refused(this.path, error)
    }
  }

  /** The bytes to write; kept, as a governor sets the same few shares over and over. */
  #encode(cpuShare: number): Buffer {
    const periodUs = Math.round(this.periodS * 1e6)
    const unlimited = cpuShare === Number.POSITIVE_INFINITY
    const quotaUs = unlimited ? 0 : Math.round(quotaOf(cpuShare, this.periodS) * 1e6)
    const line = Buffer.from(this.version === 1 ? `${unlimited ? -1 : quotaUs}\n` : `${unlimited ? 'max' : quotaUs} ${periodUs}\n`)
    this.#lines.set(cpuShare, line)
    return line
  }
}
