import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeJob, whyNoLab } from './lab/machine.ts'
import { writeOneIncrementTo } from './lab/network.ts'

const why = whyNoLab()
const untouched = ['schedutil 400000 1400000', 'schedutil 600000 2000000']

describe.skipIf(why !== undefined)(`whole runs on a real kernel${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  const job = makeJob()
  let seen: Record<string, Record<string, unknown>> = {}
  let printed = ''

  const of = <T extends object = Record<string, unknown>>(name: string): T => {
    expect(seen, printed).toHaveProperty([name])
    const found = seen[name] as T & { failed?: string }
    expect(found.failed, found.failed).toBeUndefined()
    return found
  }

  beforeAll(async () => {
    writeOneIncrementTo(join(job.dir, 'network'))
    const { status, console } = await job.run('exec node /repo/test/kernel/guest/runs.mjs /job/seen.json\n', 1500)
    printed = `status ${status}\n${console}`
    const file = join(job.dir, 'seen.json')
    if (existsSync(file)) seen = JSON.parse(readFileSync(file, 'utf8'))
  }, 1_530_000)
  afterAll(() => job.remove())

  it('train, and leave the clocks and governors as they were', () => {
    expect(of('train')).toEqual({ status: 0, stderr: '', decisions: 30, after: untouched, left: [], governor: 'schedutil' })
  })

  it('keep the governors of the kernel while they hold clocks', () => {
    expect(of('governs')).toEqual({ governors: ['schedutil', 'schedutil'], open: ['big', 'little'], events: [] })
  })

  it('go on while heat slows the board down, and take it for nobody', () => {
    expect(of('heat')).toEqual({ alive: true, guarded: true, changed: [] })
  })

  it('close what firmware does not allow, and open it again', () => {
    expect(of('firmware')).toEqual({ alive: true, name: 'big.freqHz', by: 'firmware', above: 0, changed: [] })
  })

  it('leave a domain that goes offline, and use it again when it is back', () => {
    expect(of('hotplug')).toEqual({
      policy: 'EBUSY',
      gone: { used: ['little'], open: ['little'] },
      back: ['big', 'little'],
      alive: true,
    })
  })

  it('follow a cpuset with a gap, one of a single domain, and one that lost all of its cores', () => {
    expect(of('cpuset')).toEqual({
      gap: ['big', 'little'],
      cores: [1],
      bigOnly: { used: ['big'], open: ['big'] },
      fallBack: { effective: '0-1', alive: true },
      returned: ['big'],
      alive: true,
    })
  })

  it('leave clocks that somebody else sets to them, say so, and go on', () => {
    const { events, ...rest } = of<{ events: string[] }>('foreign write')
    const theirs = ['schedutil 400000 1200000', 'schedutil 600000 1700000']
    expect(rest).toEqual({ yielded: theirs, kept: theirs, alive: true })
    expect(events.toSorted()).toEqual(['big', 'little'].map((cluster) => `changed ${cluster}.freqHz an administrator or a script true`))
  })

  it('are undone by flyball restore after kill -9, but for what somebody else set', () => {
    const { results, ...rest } = of<{ results: string[] }>('kill -9')
    const theirs = ['schedutil 400000 1200000', 'schedutil 600000 1700000']
    expect(rest).toEqual({ dry: 0, before: theirs, status: 0, after: theirs, left: [] })
    expect(results.filter((line) => line.endsWith('changed-by-somebody-else'))).toHaveLength(2)
  })

  it('deploy, and restore on SIGTERM', () => {
    expect(of('deploy and SIGTERM')).toEqual({ held: true, status: 0, stopped: 'SIGTERM', events: [], after: untouched, left: [] })
  })

  it('deploy with force, and are undone after kill -9', () => {
    expect(of('deploy, force and kill -9')).toMatchObject({ events: ['changed false'], signal: 'SIGKILL', status: 0, after: untouched, left: [] })
  })

  it('are put back by the watchdog after kill -9, without anybody asking', () => {
    expect(of('kill -9 beside a watchdog')).toEqual({ held: true, signal: 'SIGKILL', after: untouched })
  })

  it('record as another user, who may not set clocks', () => {
    expect(of('another user')).toEqual({ status: 0, knobs: ['subnet', 'cluster', 'cores'], said: true, after: untouched })
  })
})
