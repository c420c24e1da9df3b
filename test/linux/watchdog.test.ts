import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { restoreJournal } from '../../src/linux/restore.ts'
import { isRunning, waitFor } from '../support/wait-for.ts'
import { bigKHz, makePolicyTree, type PolicyTree } from './policy-tree.ts'

const dist = fileURLToPath(new URL('../../dist', import.meta.url))
const program = fileURLToPath(new URL('watchdog-child.mjs', import.meta.url))

let tree: PolicyTree
let stateDir: string
const children: ChildProcess[] = []
beforeEach(() => {
  tree = makePolicyTree()
  stateDir = mkdtempSync(join(tmpdir(), 'flyball-state-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  tree.remove()
  rmSync(stateDir, { recursive: true, force: true })
})

interface Governing {
  readonly child: ChildProcess & { readonly pid: number }
  readonly watchdog: number
  readonly ended: Promise<{ status: number | null; signal: string | null; stdout: string; stderr: string }>
}

async function govern(deed: string, ...more: string[]): Promise<Governing> {
  const child = spawn(process.execPath, [program, dist, tree.root, stateDir, tree.big, deed, ...more], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text) => {
    stdout += text
  })
  child.stderr.on('data', (text) => {
    stderr += text
  })
  // Standard error closes when the watchdog, which shares it, has ended too.
  const ended: Governing['ended'] = new Promise((resolve) =>
    child.once('close', (status, signal) => resolve({ status, signal, stdout: stdout.replace('ready\n', ''), stderr })),
  )
  await waitFor('the child', () => stdout.includes('ready'))
  return { child: child as Governing['child'], watchdog: watchdogOf(child.pid as number), ended }
}

const watchdogOf = (pid: number): number => Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim())
const limits = () => [tree.read(tree.big, 'scaling_min_freq'), tree.read(tree.big, 'scaling_max_freq')].map(Number)
const untouched = [bigKHz[0], bigKHz.at(-1)]
const held = [1000000, 1000000]

describe.each(['loop', 'hang', 'stop'])('a governor that is stuck: %s', (deed) => {
  it('has its knobs put back from outside and is ended with a status of its own', async () => {
    const { child, watchdog, ended } = await govern(deed === 'stop' ? 'work' : deed)
    expect(limits()).toEqual(held)
    if (deed === 'stop') child.kill('SIGSTOP')
    const { status, stderr } = await ended
    expect(status).toBe(14)
    expect(stderr).toBe(
      `flyball: process ${child.pid} did not move for more than 1 s (inference, agent or event loop): 2 kernel knobs are as they were, and it was ended with status 14 [ERR_STUCK]\n`,
    )
    expect(limits()).toEqual(untouched)
    expect(readdirSync(stateDir)).toEqual([])
    expect(isRunning(watchdog)).toBe(false)
  })
})

describe('a governor that is stuck, with a journal that cannot be read', () => {
  it('is ended all the same, and what is wrong is said', async () => {
    const { ended } = await govern('loop')
    const [journal] = readdirSync(stateDir)
    writeFileSync(join(stateDir, journal as string), 'torn\n')
    const { status, stderr } = await ended
    expect(status).toBe(14)
    expect(stderr).toMatch(
      /kernel knobs could not be put back \(.*line 1: no journal that this version reads.*\), and it was ended with status 14 \[ERR_STUCK\]/,
    )
  })
})

describe('a governor that goes on', () => {
  it('is left alone, also while it waits for requests', async () => {
    const { watchdog, ended } = await govern('idle')
    const { status, stdout, stderr } = await ended
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({ holds: 1400000000, told: [] })
    expect(limits()).toEqual(untouched)
    expect(isRunning(watchdog)).toBe(false)
  })

  it('goes on without a watchdog that was killed, and says so', async () => {
    const { child, watchdog, ended } = await govern('idle')
    process.kill(watchdog, 'SIGKILL')
    const { status, stdout } = await ended
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ holds: 1400000000, told: [expect.stringContaining('the watchdog ended (SIGKILL)')] })
    expect(limits()).toEqual(untouched)
    expect(isRunning(child.pid)).toBe(false)
  })
})

describe('a governor that is killed', () => {
  it('has its knobs put back at once', async () => {
    const { child, ended } = await govern('work')
    child.kill('SIGKILL')
    const { signal, stderr } = await ended
    expect(signal).toBe('SIGKILL')
    expect(stderr).toBe(`flyball: process ${child.pid} was killed: 2 kernel knobs are as they were\n`)
    expect(limits()).toEqual(untouched)
    expect(readdirSync(stateDir)).toEqual([])
  })

  it('leaves them where it was told to', async () => {
    const { child, ended } = await govern('work', 'on-switch')
    child.kill('SIGKILL')
    expect((await ended).stderr).toBe('')
    expect(limits()).toEqual(held)
    expect(restoreJournal({ stateDir }).entries).toHaveLength(2)
    expect(limits()).toEqual(untouched)
  })

  it('together with its watchdog leaves them to flyball restore', async () => {
    const { child, watchdog, ended } = await govern('work')
    process.kill(watchdog, 'SIGKILL')
    child.kill('SIGKILL')
    await ended
    expect(limits()).toEqual(held)
    expect(restoreJournal({ stateDir }).entries).toHaveLength(2)
    expect(limits()).toEqual(untouched)
  })
})

describe('an application that governs in its own process', () => {
  it('is told and goes on; what was put back stays so until a governor is opened anew', async () => {
    const { child, ended } = await govern('guest')
    const { status, stdout, stderr } = await ended
    expect(status).toBe(0)
    expect(stderr).toContain(`process ${child.pid} did not move`)
    expect(stderr).toContain('and stay so')
    expect(JSON.parse(stdout)).toEqual({ refused: [true, true], anew: 6e8, rest: 0, told: ['restored'] })
    expect(limits()).toEqual(untouched)
    expect(readdirSync(stateDir)).toEqual([])
  })
})
