import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openBoardLock } from '../../src/linux/board-lock.ts'
import { openJournal } from '../../src/linux/journal.ts'
import { parseFlockOwner } from '../../src/linux/lock-holder.ts'
import { restoreJournal } from '../../src/linux/restore.ts'
import { makePolicyTree, type PolicyTree } from './policy-tree.ts'

const dist = fileURLToPath(new URL('../../dist', import.meta.url))
const programOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const nobody = 65534

let tree: PolicyTree
let stateDir: string
const children: ChildProcess[] = []
beforeEach(() => {
  tree = makePolicyTree()
  stateDir = mkdtempSync(join(tmpdir(), 'flyball-state-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) await kill(child)
  tree.remove()
  rmSync(stateDir, { recursive: true, force: true })
})

async function start(
  program: string,
  args: readonly string[],
  options: { readonly uid?: number } = {},
): Promise<ChildProcess & { readonly said: string }> {
  const as = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }
  const child = spawn(process.execPath, [programOf(program), dist, ...args], { stdio: ['ignore', 'pipe', 'inherit'], cwd: '/', ...as })
  children.push(child)
  const said = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (text) => resolve(String(text)))
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)))
  })
  return Object.assign(child, { said })
}

async function kill(child: ChildProcess): Promise<void> {
  child.removeAllListeners('exit')
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

const govern = (folder: string) => start('journal-child.mjs', [tree.root, folder, tree.little, tree.big])
const maxOf = (policy: string) => join(policy, 'scaling_max_freq')

describe('one writer per board', () => {
  it('whatever the state folder: the other one is named, to who governs and to who restores', async () => {
    const first = join(stateDir, 'first')
    const second = join(stateDir, 'second')
    // What a killed run of the second left.
    const dead = await govern(second)
    await kill(dead)
    const child = await govern(first)
    const named = new RegExp(`process ${child.pid} \\(.*\\) is governing this board`)
    expect(() => openJournal({ root: tree.root, stateDir: second })).toThrow(named)
    expect(() => restoreJournal({ stateDir: second, root: tree.root })).toThrow(named)
    const third = openJournal({ root: tree.root, stateDir: join(stateDir, 'third') })
    expect(() => third.value(maxOf(tree.big))).toThrow(named)
    await kill(child)
    expect(third.value(maxOf(tree.big)).original).toMatch(/^\d+$/)
    third.restoreAll()
    for (const folder of [first, second]) restoreJournal({ stateDir: folder, root: tree.root })
    expect([tree.read(tree.little, 'scaling_max_freq'), tree.read(tree.big, 'scaling_max_freq')]).toEqual(['1400000', '2000000'])
  })

  it('is none that writes no clock', async () => {
    await govern(join(stateDir, 'first'))
    const other = openJournal({ root: tree.root, stateDir })
    other.cgroup({ path: join(tree.root, 'sys/fs/cgroup/none'), home: join(tree.root, 'sys/fs/cgroup/home') })
    expect(other.restoreAll().entries.map(({ result }) => result)).toEqual(['already'])
  })

  it('is free again once it has ended, in the same process too', () => {
    for (let i = 0; i < 3; i++) {
      const journal = openJournal({ root: tree.root, stateDir })
      journal.value(maxOf(tree.big))
      journal.restoreAll()
    }
    const lock = openBoardLock(tree.root)
    expect(lock.take(() => {})).toBeUndefined()
    lock.release()
  })

  it('leaves its board to its watchdog: who comes next waits for that', async () => {
    const child = await start('lock-child.mjs', [tree.root, '1'])
    const { heir } = JSON.parse(child.said) as { heir: number }
    await kill(child)
    expect(existsSync(`/proc/${heir}`)).toBe(true)
    const problems: string[] = []
    const lock = openBoardLock(tree.root)
    expect(lock.take((problem) => problems.push(problem))).toBeUndefined()
    lock.release()
    // Ended, though nobody may have waited for it yet.
    if (existsSync(`/proc/${heir}`)) expect(readFileSync(`/proc/${heir}/stat`, 'utf8')).toMatch(/\) [ZX] /)
    expect(problems).toEqual([])
  })

  it('is not waited for for ever', async () => {
    const child = await start('lock-child.mjs', [tree.root, '60'])
    const { heir } = JSON.parse(child.said) as { heir: number }
    await kill(child)
    const problems: string[] = []
    const lock = openBoardLock(tree.root)
    expect(lock.take((problem) => problems.push(problem))).toBeUndefined()
    lock.release()
    process.kill(heir, 'SIGKILL')
    expect(new Set(problems.map((problem) => problem.replace(/ by which.*/, '')))).toEqual(
      new Set([`process ${child.pid} has ended and left the lock`]),
    )
  })

  it.runIf(process.getuid?.() === 0)('is another user who may write clocks, and not one who may not (as root only, which can be both)', async () => {
    const child = await start('lock-child.mjs', [tree.root], { uid: nobody })
    const problems: string[] = []
    const take = () => {
      const lock = openBoardLock(tree.root)
      const holder = lock.take((problem) => problems.push(problem))
      lock.release()
      return holder
    }
    expect(take()).toBeUndefined()
    expect(problems[0]).toMatch(
      new RegExp(`^process ${child.pid} \\(node, user ${nobody}\\) may not write clocks, and holds the lock .* passed over$`),
    )
    chmodSync(maxOf(tree.big), 0o666)
    expect(take()).toBe(`process ${child.pid} (node, user ${nobody})`)
  })
})

describe('who holds a lock', () => {
  it('stands in /proc/locks, where who only waits does not count', () => {
    // Inode 131 of device 8:3, and of 253:0; one waits for it, one has a range of it.
    const text = [
      '1: POSIX  ADVISORY  WRITE 11 08:03:131 0 EOF',
      '2: FLOCK  ADVISORY  WRITE 12 fd:00:131 0 EOF',
      '3: FLOCK  ADVISORY  WRITE 13 08:03:1310 0 EOF',
      '4: FLOCK  ADVISORY  WRITE 14 08:03:131 0 EOF',
      '4: -> FLOCK  ADVISORY  WRITE 15 08:03:131 0 EOF',
    ].join('\n')
    expect(parseFlockOwner(text, { dev: 0x803n, ino: 131n })).toBe(14)
    expect(parseFlockOwner(text, { dev: 0xfd00n, ino: 131n })).toBe(12)
    expect(parseFlockOwner(text, { dev: 0xfd00n, ino: 132n })).toBeUndefined()
    expect(parseFlockOwner('', { dev: 0x803n, ino: 131n })).toBeUndefined()
    // Minor 0x12345 of major 8, as gnu_dev_makedev packs it.
    expect(parseFlockOwner('1: FLOCK  ADVISORY  WRITE 16 08:12345:9 0 EOF', { dev: 0x12300845n, ino: 9n })).toBe(16)
  })
})
