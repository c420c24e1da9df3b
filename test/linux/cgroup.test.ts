import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FlyballError } from '../../src/core/errors.ts'
import { makeBandwidthGroup, parseOwnCgroup, quotaOf } from '../../src/linux/cgroup.ts'
import { type Journal, openJournal } from '../../src/linux/journal.ts'
import { listThreads } from '../../src/linux/task.ts'
import { unpackArchive } from '../fixtures/boards/unpack.ts'

let stateDir: string
let journal: Journal
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'flyball-state-'))
  journal = openJournal({ root: '/', stateDir })
})
afterEach(() => {
  journal.restoreAll()
  rmSync(stateDir, { recursive: true, force: true })
})

/** Why no group can be made here; undefined where it can. */
function missing(): string | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'flyball-state-'))
  const probe = openJournal({ root: '/', stateDir: dir })
  try {
    makeBandwidthGroup({ root: '/', journal: probe }).remove()
    return undefined
  } catch (error) {
    return (error as Error).message
  } finally {
    probe.restoreAll()
    rmSync(dir, { recursive: true, force: true })
  }
}
const reason = missing()

describe.skipIf(reason !== undefined)(`a bandwidth group on this machine${reason === undefined ? '' : ` (${reason})`}`, () => {
  it('holds threads to a quota, and is gone afterwards with its threads back home', async () => {
    const known = new Set(listThreads('/'))
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true })
    await new Promise((resolve) => worker.once('online', resolve))
    const tids = listThreads('/').filter((tid) => !known.has(tid))
    const group = makeBandwidthGroup({ root: '/', journal, periodS: 0.02 })
    const file = group.version === 1 ? 'cpu.cfs_quota_us' : 'cpu.max'
    const quota = () => readFileSync(join(group.path, file), 'utf8').trim().split(' ')[0]
    const threads = () =>
      readFileSync(join(group.path, group.version === 1 ? 'tasks' : 'cgroup.threads'), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map(Number)
    group.add(tids)
    expect(threads().sort()).toEqual(tids.sort())
    expect(group.set(0.5)).toBe(true)
    expect(quota()).toBe('10000')
    expect(group.set(1.5)).toBe(true)
    expect(quota()).toBe('30000')
    expect(() => group.set(0.04)).toThrow(/the kernel takes 1 ms or more/)
    expect(quota()).toBe('30000')
    expect(group.set(Number.POSITIVE_INFINITY)).toBe(true)
    expect(quota()).toBe(group.version === 1 ? '-1' : 'max')
    group.remove()
    group.remove()
    expect(existsSync(group.path)).toBe(false)
    expect(listThreads('/')).toEqual(expect.arrayContaining(tids))
    expect(journal.restoreAll().entries.map((entry) => entry.result)).toEqual(['already'])
    await worker.terminate()
  })

  it('really throttles a busy thread', async () => {
    const known = new Set(listThreads('/'))
    const worker = new Worker('for (;;) {}', { eval: true })
    await new Promise((resolve) => worker.once('online', resolve))
    const group = makeBandwidthGroup({ root: '/', journal, periodS: 0.01 })
    group.add(listThreads('/').filter((tid) => !known.has(tid)))
    group.set(0.2)
    const throttled = () => Number(/nr_throttled (\d+)/.exec(readFileSync(join(group.path, 'cpu.stat'), 'utf8'))?.[1])
    while (throttled() < 3) await new Promise((resolve) => setTimeout(resolve, 5))
    await worker.terminate()
    group.remove()
  })

  it('is removed by the journal when the program is in the middle of it', async () => {
    const known = new Set(listThreads('/'))
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true })
    await new Promise((resolve) => worker.once('online', resolve))
    const group = makeBandwidthGroup({ root: '/', journal })
    group.add(listThreads('/').filter((tid) => !known.has(tid)))
    group.set(0.5)
    expect(journal.restoreAll().entries).toMatchObject([{ path: group.path, original: 'absent', result: 'restored' }])
    expect(existsSync(group.path)).toBe(false)
    expect(readdirSync(stateDir)).toEqual([])
    group.remove()
    await worker.terminate()
  })
})

describe('bandwidth groups', () => {
  it('refuse periods and quotas that the kernel or a deadline cannot bear', () => {
    for (const periodS of [0.004, 0.021, Number.NaN])
      expect(() => makeBandwidthGroup({ root: '/', journal, periodS })).toThrow(/outside 0.005 to 0.02/)
    expect(quotaOf(0.1, 0.01)).toBeCloseTo(0.001, 12)
    for (const share of [0.09, 0, -1, Number.NaN]) expect(() => quotaOf(share, 0.01)).toThrow(FlyballError)
  })

  it('need a cpu controller, and say how to get one', () => {
    const board = unpackArchive('=== proc/self/cgroup\n0::/user.slice\n=== sys/fs/cgroup/user.slice/cgroup.controllers\nmemory pids\n')
    expect(() => makeBandwidthGroup({ root: board.root, journal })).toThrow(/Delegate=cpu/)
    board.remove()
  })

  it('find the process in either hierarchy', () => {
    expect(parseOwnCgroup('12:cpu,cpuacct:/a\n3:cpuset:/b\n0::/c\n')).toEqual({ v1: '/a', v2: '/c' })
    expect(parseOwnCgroup('0::/\n')).toEqual({ v2: '/' })
    expect(parseOwnCgroup('')).toEqual({})
  })
})
