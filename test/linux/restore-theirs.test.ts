import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openJournal } from '../../src/linux/journal.ts'
import { findLeftBehind } from '../../src/linux/left-behind.ts'
import { readBootId } from '../../src/linux/process-identity.ts'
import { restoreJournal } from '../../src/linux/restore.ts'
import { makePolicyTree, type PolicyTree } from './policy-tree.ts'

// Journals that another user left: as root, which can be both. Whoever writes a journal decides what its restorer writes.

const nobody = 65534
const asRoot = process.getuid?.() === 0

let tree: PolicyTree
/** Of the one who restores. */
let stateDir: string
/** Of nobody's session, under the tree. */
let theirs: string
let limit: string
beforeEach(() => {
  tree = makePolicyTree()
  stateDir = mkdtempSync(join(tmpdir(), 'flyball-state-'))
  chmodSync(stateDir, 0o755)
  theirs = join(tree.root, `run/user/${nobody}/flyball`)
  mkdirSync(theirs, { recursive: true })
  if (asRoot) chownSync(theirs, nobody, nobody)
  limit = join(tree.big, 'scaling_max_freq')
})
afterEach(() => {
  tree.remove()
  rmSync(stateDir, { recursive: true, force: true })
})

interface Left {
  readonly path?: string
  readonly original?: string
  readonly wrote?: string
  readonly root?: string
}

/** What a process that died in this boot left behind: the big policy clamped to 1 GHz, or whatever else a hostile one says. */
function leave(dir: string, uid: number, { path = limit, original = '2000000', wrote = '1000000', root = tree.root }: Left = {}): string {
  const header = { flyball: 'journal', schema: 1, bootId: readBootId(), pid: 1, startTime: '1', root }
  const file = join(dir, 'journal-1-1-0.jsonl')
  writeFileSync(file, `${JSON.stringify(header)}\n${JSON.stringify({ entry: 0, kind: 'value', path, original, wrote: [wrote] })}\n`)
  chownSync(file, uid, uid)
  return file
}
const move = (kHz = 1000000) => writeFileSync(limit, `${kHz}\n`)
const max = () => tree.read(tree.big, 'scaling_max_freq')
const restore = (dryRun = false) => restoreJournal({ stateDir, root: tree.root, dryRun })
const may = () => chownSync(limit, nobody, nobody)

describe.runIf(asRoot)('root, of what a run of a user left', () => {
  it('is told, and puts it back with the rights of that user', () => {
    const file = leave(theirs, nobody)
    move()
    may()
    expect(findLeftBehind(stateDir, tree.root)).toMatchObject([{ path: file, uid: nobody }])
    expect(restore(true).entries).toMatchObject([{ path: limit, result: 'restored' }])
    expect(max()).toBe('1000000')
    expect(restore().entries).toMatchObject([{ path: limit, found: '1000000', result: 'restored' }])
    expect(max()).toBe('2000000')
    expect(readdirSync(theirs)).toEqual([])
    expect([process.geteuid?.(), process.getegid?.()]).toEqual([0, process.getgid?.()])
  })

  it('says what is owed where it may not act as that user, as in a service without the right to, and governs', () => {
    leave(theirs, nobody)
    move()
    may()
    const refuse = (): never => {
      throw new Error('EPERM, Operation not permitted')
    }
    const spies = [
      vi.spyOn(process, 'setgroups').mockImplementation(refuse),
      vi.spyOn(process as unknown as { initgroups(): void }, 'initgroups').mockImplementation(refuse),
    ]
    try {
      const { entries, notes } = restore()
      expect(entries).toMatchObject([{ path: limit, found: '1000000', result: 'failed', reason: expect.stringContaining('sudo flyball restore') }])
      expect(notes).toEqual([expect.stringContaining('EPERM')])
      expect(max()).toBe('1000000')
      openJournal({ root: tree.root, stateDir }).restoreAll()
    } finally {
      for (const spy of spies) spy.mockRestore()
    }
    expect(restore().entries).toMatchObject([{ path: limit, result: 'restored' }])
  })

  it('finds it in their home too, and puts it back before it governs', () => {
    const home = join(tree.root, 'home/nobody/.local/state/flyball')
    mkdirSync(home, { recursive: true })
    mkdirSync(join(tree.root, 'etc'))
    chownSync(home, nobody, nobody)
    writeFileSync(join(tree.root, 'etc/passwd'), `nobody:x:${nobody}:${nobody}::/home/nobody:/bin/sh\nodd\n`)
    leave(home, nobody)
    move()
    may()
    const journal = openJournal({ root: tree.root, stateDir })
    expect(journal.value(limit).original).toBe('2000000')
    journal.restoreAll()
    expect(readdirSync(home)).toEqual([])
  })

  it('does nothing by it that the user may not do, and is not kept from governing', () => {
    leave(theirs, nobody, { original: '600000' })
    move()
    expect(restore().entries).toMatchObject([{ result: 'failed', reason: `user ${nobody} may not write it; run as one who may` }])
    expect(max()).toBe('1000000')
    const journal = openJournal({ root: tree.root, stateDir })
    expect(journal.value(limit).original).toBe('1000000')
    journal.restoreAll()
  })

  it.each<[string, (secret: string) => Left]>([
    ['another file of the kernel', (secret) => ({ path: secret, original: 'theirs', wrote: 'mine' })],
    ['a way around', () => ({ path: join(tree.root, 'sys/../secret'), original: 'theirs', wrote: 'mine' })],
    ['a frequency that the hardware has not', () => ({ original: '9000000' })],
    ['no frequency', () => ({ original: 'fast' })],
    ['another board', () => ({ root: '/elsewhere', path: '/elsewhere/sys/x' })],
    ['another folder that stands for a board', () => ({ root: `${tree.root}/run/user/${nobody}` })],
  ])('believes no journal that names %s', (_, left) => {
    const secret = join(tree.root, 'sys/secret')
    writeFileSync(secret, 'mine\n')
    chmodSync(secret, 0o666)
    leave(theirs, nobody, left(secret))
    move()
    may()
    const report = restore()
    expect(report).toMatchObject({ entries: [], unread: true, notes: [expect.stringContaining(`of user ${nobody}: `)] })
    expect([readFileSync(secret, 'utf8'), max()]).toEqual(['mine\n', '1000000'])
    // Set aside, it is in nobody's way.
    expect(readdirSync(theirs)).toEqual(['broken-1-1-0.jsonl'])
    expect(() => openJournal({ root: tree.root, stateDir }).restoreAll()).not.toThrow()
  })

  it('is stopped by no pipe, link or flood in their place', () => {
    const file = join(theirs, 'journal-1-1-0.jsonl')
    const secret = join(stateDir, 'secret')
    writeFileSync(secret, 'mine\n')
    const tricks: (() => void)[] = [
      () => execFileSync('mkfifo', [file]),
      () => symlinkSync(secret, file),
      () => symlinkSync('/dev/zero', file),
      () => writeFileSync(file, 'x'.repeat(2 ** 21)),
    ]
    for (const trick of tricks) {
      trick()
      execFileSync('chown', ['-h', `${nobody}:${nobody}`, file])
      expect(() => findLeftBehind(stateDir, tree.root)).not.toThrow()
      expect(restore()).toMatchObject({ entries: [], unread: true })
      openJournal({ root: tree.root, stateDir }).restoreAll()
      expect(readFileSync(secret, 'utf8')).toBe('mine\n')
      for (const name of readdirSync(theirs)) rmSync(join(theirs, name))
    }
  })

  it('takes no file of its own that lies where they may have led it', () => {
    const mine = join(tree.root, 'mine')
    mkdirSync(mine)
    const file = leave(mine, 0)
    move()
    rmSync(theirs, { recursive: true })
    symlinkSync(mine, theirs)
    expect(restore().entries).toEqual([])
    expect(existsSync(file)).toBe(true)
  })
})

describe.runIf(asRoot)('a user, of what a run of root left', () => {
  const asNobody = <T>(run: () => T): T => {
    process.seteuid?.(nobody)
    try {
      return run()
    } finally {
      process.seteuid?.(0)
    }
  }

  it('is told, and does not take it for originals', () => {
    const ofRoot = join(tree.root, 'run/flyball')
    mkdirSync(ofRoot)
    chownSync(stateDir, nobody, nobody)
    const file = leave(ofRoot, 0)
    move()
    may()
    asNobody(() => {
      expect(findLeftBehind(stateDir, tree.root)).toMatchObject([{ path: file, uid: 0 }])
      expect(() => openJournal({ root: tree.root, stateDir })).toThrow(
        /scaling_max_freq was left by a run of root: sudo flyball restore.*--force-knobs/,
      )
      expect(readdirSync(stateDir)).toEqual([])
      expect(restore().entries).toMatchObject([{ path: limit, original: '2000000', result: 'failed', reason: expect.stringContaining('sudo') }])
      expect(max()).toBe('1000000')
      const forced = openJournal({ root: tree.root, stateDir, force: true })
      expect(forced.value(limit).original).toBe('1000000')
      forced.restoreAll()
      // Once the clock is as it was, nothing is owed.
      move(2000000)
      openJournal({ root: tree.root, stateDir }).restoreAll()
    })
    expect(existsSync(file)).toBe(true)
  })
})
