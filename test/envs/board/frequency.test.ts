import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { governedClusters } from '../../../envs/board/clusters.ts'
import { type FrequencyControl, makeFrequencyControl } from '../../../envs/board/frequency.ts'
import type { Board } from '../../../src/board/board.ts'
import { discoverBoard } from '../../../src/board/discover.ts'
import { FlyballError } from '../../../src/core/errors.ts'
import { listThreads } from '../../../src/linux/task.ts'
import { type Unpacked, unpackBoard } from '../../fixtures/boards/unpack.ts'

let tree: Unpacked
let board: Board
let stateDir: string
let problems: string[]
const controls: FrequencyControl[] = []
const chosenBefore = process.env['FLYBALL_STATE_DIR']

beforeEach(() => {
  tree = unpackBoard('odroid-xu4')
  board = discoverBoard({ root: tree.root })
  stateDir = mkdtempSync(join(tmpdir(), 'flyball-state-'))
  process.env['FLYBALL_STATE_DIR'] = stateDir
  problems = []
})
afterEach(() => {
  for (const control of controls.splice(0)) control.restore()
  tree.remove()
  rmSync(stateDir, { recursive: true, force: true })
  if (chosenBefore === undefined) delete process.env['FLYBALL_STATE_DIR']
  else process.env['FLYBALL_STATE_DIR'] = chosenBefore
})

function make(): FrequencyControl {
  const clusters = governedClusters(board, { virtual: 'auto', allowed: [0, 1, 2, 3, 4, 5, 6, 7], mostLevels: 5 })
  const control = makeFrequencyControl({ root: tree.root, board, clusters, tids: [], onProblem: (message) => problems.push(message) })
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
