import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { governedClusters } from '../../../envs/board/clusters.ts'
import { type FrequencyControl, makeFrequencyControl } from '../../../envs/board/frequency.ts'
import type { Board } from '../../../src/board/board.ts'
import { discoverBoard } from '../../../src/board/discover.ts'
import { FlyballError } from '../../../src/core/errors.ts'
import type { KnobEvent } from '../../../src/core/knob-event.ts'
import { listThreads } from '../../../src/linux/task.ts'
import { type Unpacked, unpackBoard } from '../../fixtures/boards/unpack.ts'

let tree: Unpacked
let board: Board
let stateDir: string
let problems: string[]
let events: KnobEvent[]
const controls: FrequencyControl[] = []
const chosenBefore = process.env['FLYBALL_STATE_DIR']

beforeEach(() => {
  tree = unpackBoard('odroid-xu4')
  board = discoverBoard({ root: tree.root })
  stateDir = mkdtempSync(join(tmpdir(), 'flyball-state-'))
  process.env['FLYBALL_STATE_DIR'] = stateDir
  problems = []
  events = []
})
afterEach(() => {
  for (const control of controls.splice(0)) control.restore()
  tree.remove()
  rmSync(stateDir, { recursive: true, force: true })
  if (chosenBefore === undefined) delete process.env['FLYBALL_STATE_DIR']
  else process.env['FLYBALL_STATE_DIR'] = chosenBefore
})

function make(force = false): FrequencyControl {
  const clusters = governedClusters(board, { virtual: 'auto', allowed: [0, 1, 2, 3, 4, 5, 6, 7], mostLevels: 5 })
  const control = makeFrequencyControl({
    root: tree.root,
    board,
    clusters,
    tids: [],
    force,
    onProblem: (message) => problems.push(message),
    onKnob: (event) => events.push(event),
  })
  controls.push(control)
  return control
}
const limitsMHz = () =>
  [0, 4].map((policy) =>
    ['min', 'max'].map(
      (end) => Number(readFileSync(join(tree.root, `sys/devices/system/cpu/cpufreq/policy${policy}/scaling_${end}_freq`), 'utf8')) / 1000,
    ),
  )
const [little, big] = [0, 1]
const untouched = [
  [200, 1400],
  [200, 2000],
]

describe('cpufreq clamps on an ODROID-XU4', () => {
  it('write and journal nothing before the first point', () => {
    make()
    expect(limitsMHz()).toEqual(untouched)
    expect(readdirSync(stateDir)).toEqual([])
  })

  it('hold the working cluster and give the other back to its governor', () => {
    const control = make()
    expect(control.set(little, 2, 4)).toBe(true)
    expect(limitsMHz()).toEqual([
      [800, 800],
      [200, 2000],
    ])
    expect(readdirSync(stateDir)).toHaveLength(1)
    expect(control.set(little, 2, 4)).toBe(false)
    expect(control.set(big, 4, 1)).toBe(true)
    expect(limitsMHz()).toEqual([
      [200, 1400],
      [2000, 2000],
    ])
    control.set(little, 0, 4)
    expect(limitsMHz()).toEqual([
      [200, 200],
      [200, 2000],
    ])
    // A real clock is not paced on top.
    expect(control.speed()).toBe(1)
  })

  it('put everything back at the end, and leave no journal and no listener', () => {
    const listeners = process.listenerCount('exit')
    const control = make()
    control.set(little, 1, 4)
    control.set(big, 0, 4)
    expect(process.listenerCount('exit')).toBe(listeners + 1)
    control.restore()
    expect(limitsMHz()).toEqual(untouched)
    expect(readdirSync(stateDir)).toEqual([])
    expect(process.listenerCount('exit')).toBe(listeners)
    control.restore()
    expect(problems).toEqual([])
  })

  it('without permission change nothing, and say what shows the fix', () => {
    const control = make()
    chmodSync(stateDir, 0o777)
    tree.unprivileged(() => {
      control.set(little, 1, 4)
      expect(control.set(little, 1, 4)).toBe(false)
      control.set(little, 2, 4)
      control.restore()
    })
    expect(limitsMHz()).toEqual(untouched)
    expect(new Set(problems).size).toBe(1)
    expect(problems[0]).toContain('policy0: no permission to set the frequency; flyball doctor shows the fix')
  })
})

describe('virtual clocks', () => {
  const level = (speed: number) => ({ value: speed, speed })
  const pacing = { id: 'c0', boardCluster: 'cpu', cpus: [0], frequency: 'pacing', levels: [level(0.4), level(1)] } as const
  const fixed = { id: 'c1', boardCluster: 'cpu', cpus: [1], frequency: 'fixed', levels: [level(1)] } as const

  it('are a speed for the lanes, and touch no file', () => {
    const control = makeFrequencyControl({ root: tree.root, board, clusters: [pacing, fixed], tids: [], onProblem: () => {} })
    expect(control.speed()).toBe(1)
    expect(control.set(0, 0, 1)).toBe(true)
    expect(control.speed()).toBe(0.4)
    expect(control.set(0, 1, 1)).toBe(true)
    expect(control.speed()).toBe(1)
    control.set(0, 0, 1)
    expect(control.set(1, 0, 1)).toBe(true)
    expect(control.speed()).toBe(1)
    control.restore()
    expect(readdirSync(stateDir)).toEqual([])
    expect(limitsMHz()).toEqual(untouched)
  })

  it('by bandwidth hold the inference threads in a group of their own, for real, and take them out again', async ({ skip }) => {
    const here = discoverBoard()
    const before = listThreads('/')
    const worker = new Worker('setInterval(() => {}, 1e6)', { eval: true })
    await new Promise((resolve) => worker.once('online', resolve))
    const tid = listThreads('/').find((candidate) => !before.includes(candidate)) as number
    const groupOf = () => readFileSync(`/proc/self/task/${tid}/cgroup`, 'utf8')
    const home = groupOf()
    const bandwidth = { id: 'cpu', boardCluster: 'cpu', cpus: [0], frequency: 'bandwidth', levels: [level(0.5), level(1)] } as const
    const control = makeFrequencyControl({
      root: '/',
      board: here,
      clusters: [bandwidth],
      tids: [tid],
      onProblem: (message) => problems.push(message),
    })
    try {
      control.set(0, 0, 1)
      expect(groupOf()).toMatch(/flyball-\d+/)
      expect(readFileSync('/proc/self/cgroup', 'utf8')).not.toContain('flyball-')
      // Held back from outside: the lanes do not rest on top.
      expect(control.speed()).toBe(1)
      expect(control.set(0, 1, 1)).toBe(true)
      control.restore()
      expect(groupOf()).toBe(home)
      expect(problems).toEqual([])
    } catch (error) {
      if (error instanceof FlyballError && ['ERR_NOT_PERMITTED', 'ERR_KERNEL_WRITE'].includes(error.code))
        skip(`no bandwidth group can be made here: ${error.message}`)
      throw error
    } finally {
      control.restore()
      await worker.terminate()
    }
  })
})

describe('somebody else at the wheel', () => {
  const foreign = (policy: number, end: 'min' | 'max', MHz: number) =>
    writeFileSync(join(tree.root, `sys/devices/system/cpu/cpufreq/policy${policy}/scaling_${end}_freq`), `${MHz * 1000}\n`)
  const rangeOf = ({ ranges }: FrequencyControl) => [0, 1].map((cluster) => [ranges.lowest[cluster], ranges.highest[cluster]])
  const open = [
    [0, 4],
    [0, 4],
  ]

  it('is noticed within a second and believed a tenth later; that knob is left to them, the others go on', () => {
    const control = make()
    control.set(big, 4, 4)
    control.check(0)
    foreign(4, 'max', 1200)
    control.check(0.9)
    expect(events).toEqual([])
    control.check(1)
    // Might be a stale reading: nothing is written meanwhile, nor believed.
    expect(events).toEqual([])
    control.check(1.05)
    expect(events).toEqual([])
    control.check(1.1)
    expect(events).toEqual([
      {
        what: 'changed',
        name: 'big.freqHz',
        askedHz: { min: 2e9, max: 2e9 },
        foundHz: { min: 2e9, max: 1.2e9 },
        by: 'an administrator or a script',
        yielded: true,
      },
    ])
    expect(limitsMHz()[1]).toEqual([200, 1200])
    // Levels of the big cluster: 200, 600 or 700, 1100, 1600 and 2000 MHz. Only that which they let is left to choose.
    expect(rangeOf(control)).toEqual([
      [0, 4],
      [2, 2],
    ])
    expect(control.ranges.version()).toBe(1)
    control.set(big, 2, 4)
    expect(limitsMHz()[1]).toEqual([200, 1200])
    control.set(little, 2, 4)
    expect(limitsMHz()).toEqual([
      [800, 800],
      [200, 1200],
    ])
    control.restore()
    expect(limitsMHz()).toEqual([
      [200, 1400],
      [200, 1200],
    ])
    expect(problems).toEqual([expect.stringMatching(/policy4\/scaling_max_freq is 1200000, as somebody else set it: left alone \(it was 2000000\)$/)])
  })

  it('is noticed at the next write, too, which waits until it is settled', () => {
    const control = make()
    control.set(big, 4, 4)
    control.check(0)
    foreign(4, 'max', 900)
    expect(control.set(big, 0, 4)).toBe(true)
    expect(limitsMHz()[1]).toEqual([2000, 900])
    control.check(0.02)
    control.check(0.13)
    expect(events).toMatchObject([{ what: 'changed', foundHz: { max: 9e8 }, yielded: true }])
    expect(limitsMHz()[1]).toEqual([200, 900])
  })

  it('of a cluster that was not used yet is noticed, and left to them, too', () => {
    const control = make()
    control.set(big, 4, 4)
    control.check(0)
    expect(limitsMHz()).toEqual([
      [200, 1400],
      [2000, 2000],
    ])
    foreign(0, 'max', 1000)
    control.check(1)
    control.check(1.1)
    expect(events).toMatchObject([
      { what: 'changed', name: 'little.freqHz', askedHz: { min: 2e8, max: 1.4e9 }, foundHz: { min: 2e8, max: 1e9 }, yielded: true },
    ])
    // 200, 500, 800, 1100 and 1400 MHz: the highest under theirs.
    expect(rangeOf(control)[little]).toEqual([2, 2])
    control.set(little, 4, 4)
    expect(limitsMHz()[little]).toEqual([200, 1000])
    control.restore()
    expect(limitsMHz()).toEqual([
      [200, 1000],
      [200, 2000],
    ])
  })

  it('who sets a governor is told of, once, and has it', () => {
    const control = make()
    control.set(big, 4, 4)
    control.check(0)
    const file = join(tree.root, 'sys/devices/system/cpu/cpufreq/policy4/scaling_governor')
    const before = readFileSync(file, 'utf8').trim()
    expect(before).not.toBe('powersave')
    writeFileSync(file, 'powersave\n')
    // As good as EBUSY in between.
    control.check(1)
    writeFileSync(file, '')
    control.check(2)
    writeFileSync(file, 'powersave\n')
    control.check(3)
    expect(events).toEqual([{ what: 'governor', name: 'big.freqHz', governor: 'powersave', by: 'an administrator or a script' }])
    expect(limitsMHz()[1]).toEqual([2000, 2000])
    control.restore()
    expect(readFileSync(file, 'utf8')).toBe('powersave\n')
    expect(limitsMHz()).toEqual(untouched)
  })

  it('keeps no file open once everything is back', () => {
    const openFiles = () => readdirSync('/proc/self/fd').length
    const before = openFiles()
    for (let i = 0; i < 3; i++) {
      const control = make()
      control.set(big, 4, 4)
      control.check(0)
      control.restore()
    }
    expect(openFiles()).toBe(before)
  })

  it('that thinks better of it in the meantime was none', () => {
    const control = make()
    control.set(big, 4, 4)
    control.check(0)
    foreign(4, 'max', 900)
    control.check(1)
    foreign(4, 'max', 2000)
    control.check(1.2)
    control.set(big, 0, 4)
    expect(limitsMHz()[1]).toEqual([200, 200])
    expect(events).toEqual([])
  })

  it('gives the knob back with its original values, after a minute, and not for ever', () => {
    const control = make()
    let nowS = 0
    const checkAfter = (timeS: number) => {
      nowS += timeS
      control.check(nowS)
    }
    const yieldOnce = () => {
      checkAfter(1)
      foreign(4, 'max', 900)
      checkAfter(1)
      checkAfter(0.2)
      expect(rangeOf(control)[1]).toEqual([1, 1])
      foreign(4, 'max', 2000)
      checkAfter(50)
      expect(rangeOf(control)[1]).toEqual([4, 4])
      expect(events.at(-1)?.what).toBe('changed')
      checkAfter(11)
    }
    control.set(big, 4, 4)
    yieldOnce()
    expect(events.at(-1)).toEqual({ what: 'returned', name: 'big.freqHz' })
    expect(rangeOf(control)).toEqual(open)
    expect(limitsMHz()[1]).toEqual([2000, 2000])
    yieldOnce()
    expect(events.at(-1)?.what).toBe('returned')
    yieldOnce()
    expect(events.map(({ what }) => what)).toEqual(['changed', 'returned', 'changed', 'returned', 'changed'])
    checkAfter(1000)
    expect(limitsMHz()[1]).toEqual([200, 2000])
  })

  it('is written over with force, and told once a minute', () => {
    const control = make(true)
    control.set(big, 4, 4)
    let nowS = 0
    const checkAfter = (timeS: number) => {
      nowS += timeS
      control.check(nowS)
    }
    checkAfter(0)
    for (let i = 0; i < 10; i++) {
      foreign(4, 'max', 900)
      checkAfter(1)
      checkAfter(0.2)
      expect(limitsMHz()[1]).toEqual([2000, 2000])
    }
    expect(events).toMatchObject([{ what: 'changed', yielded: false }])
    expect(rangeOf(control)).toEqual(open)
    control.restore()
    expect(limitsMHz()).toEqual(untouched)
    expect(problems).toEqual([])
  })

  it('is not heat or firmware: those only make the clock lower for a while', () => {
    const limit = join(tree.root, 'sys/devices/system/cpu/cpufreq/policy4/bios_limit')
    const control = make()
    control.set(big, 4, 4)
    control.check(0)
    writeFileSync(limit, '1200000\n')
    foreign(4, 'max', 1200)
    control.check(1)
    expect(events).toMatchObject([{ what: 'capped', name: 'big.freqHz', foundHz: { max: 1.2e9 }, by: 'firmware' }])
    expect(rangeOf(control)).toEqual([
      [0, 4],
      [0, 2],
    ])
    // Told once; lower points can still be set.
    control.check(2)
    expect(control.set(big, 1, 4)).toBe(true)
    expect(limitsMHz()[1]?.[1]).toBeLessThanOrEqual(700)
    control.check(3)
    expect(events).toHaveLength(1)
    expect(rangeOf(control)[1]).toEqual([0, 2])
    rmSync(limit)
    control.check(4)
    expect(events.at(-1)).toEqual({ what: 'uncapped', name: 'big.freqHz' })
    expect(rangeOf(control)).toEqual(open)
  })
})

describe('a policy that does not answer', () => {
  it('is set, or let go, as soon as it answers again', () => {
    const file = join(tree.root, 'sys/devices/system/cpu/cpufreq/policy4/scaling_max_freq')
    const control = make()
    control.set(little, 2, 4)
    rmSync(file)
    control.set(big, 4, 4)
    control.check(0)
    writeFileSync(file, '2000000\n')
    control.check(1)
    expect(limitsMHz()[1]).toEqual([2000, 2000])
    expect(problems).toEqual([])
    expect(events).toEqual([])
  })
})
