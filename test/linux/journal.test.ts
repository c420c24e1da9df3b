import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeCpufreqClamp } from '../../src/linux/cpufreq-clamp.ts'
import { openJournal } from '../../src/linux/journal.ts'
import { parseJournal } from '../../src/linux/journal-file.ts'
import { journalPath } from '../../src/linux/journal-name.ts'
import { findLeftBehind } from '../../src/linux/left-behind.ts'
import { parseStartTime, readBootId } from '../../src/linux/process-identity.ts'
import { restoreDead, restoreJournal } from '../../src/linux/restore.ts'
import { restoreScript } from '../../src/linux/restore-script.ts'
import { findStateDir } from '../../src/linux/state-dir.ts'
import { bigKHz, littleKHz, makePolicyTree, type PolicyTree } from './policy-tree.ts'

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

const dist = fileURLToPath(new URL('../../dist', import.meta.url))
const program = fileURLToPath(new URL('journal-child.mjs', import.meta.url))

/** A real process that governs the tree, and has moved its knobs already. */
async function govern(): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, [program, dist, tree.root, stateDir, tree.little, tree.big], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve())
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)))
  })
  return child as ChildProcess & { pid: number }
}

async function kill(child: ChildProcess): Promise<void> {
  child.removeAllListeners('exit')
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

const clampBig = (journal: ReturnType<typeof openJournal>) =>
  makeCpufreqClamp({ policyPath: tree.big, frequenciesHz: bigKHz.map((kHz) => kHz * 1e3), journal, root: tree.root })
const state = () =>
  [tree.little, tree.big].map((policy) => [tree.read(policy, 'scaling_min_freq'), tree.read(policy, 'scaling_max_freq')].map(Number))
const untouched = [
  [littleKHz[0], littleKHz.at(-1)],
  [bigKHz[0], bigKHz.at(-1)],
]
const results = (report: ReturnType<typeof restoreJournal>) =>
  Object.fromEntries(report.entries.map((entry) => [entry.path.replace(/^.*\/(policy\d)\/scaling_/, '$1 '), entry.result]))
const everything = (result: string) => ({
  'policy0 min_freq': result,
  'policy0 max_freq': result,
  'policy2 min_freq': result,
  'policy2 max_freq': result,
})

describe('after kill -9', () => {
  it('another process puts every knob back', async () => {
    const child = await govern()
    await kill(child)
    expect(state()).not.toEqual(untouched)
    const dry = restoreJournal({ stateDir, dryRun: true })
    expect(state()).not.toEqual(untouched)
    expect(dry.dryRun).toBe(true)
    expect(Object.keys(results(dry)).sort()).toEqual(Object.keys(everything('')).sort())
    const report = restoreJournal({ stateDir })
    expect(state()).toEqual(untouched)
    expect(new Set(Object.values(results(report)))).toEqual(new Set(Object.values(results(dry))))
    expect(Object.values(results(report)).every((result) => result === 'restored' || result === 'already')).toBe(true)
    expect(readdirSync(stateDir)).toEqual([])
    expect(restoreJournal({ stateDir }).entries).toEqual([])
  })

  it('whenever it comes', async () => {
    for (const delayMs of [0, 1, 3, 7, 13]) {
      const child = await govern()
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      await kill(child)
      const report = restoreJournal({ stateDir })
      expect(state()).toEqual(untouched)
      expect(report.entries.filter((entry) => entry.result !== 'restored' && entry.result !== 'already')).toEqual([])
    }
  })

  it('the next one to govern restores first, and starts from the true originals', async () => {
    await kill(await govern())
    const journal = openJournal({ root: tree.root, stateDir })
    expect(state()).toEqual(untouched)
    expect(journal.recovered.entries).toHaveLength(4)
    expect(journal.value(join(tree.big, 'scaling_max_freq')).original).toBe('2000000')
    expect(journal.restoreAll().entries.map((entry) => entry.result)).toEqual(['already'])
    expect(readdirSync(stateDir)).toEqual([])
  })

  it('a value that somebody else has set since is left alone and named', async () => {
    await kill(await govern())
    writeFileSync(join(tree.big, 'scaling_max_freq'), '1234000\n')
    writeFileSync(join(tree.big, 'scaling_min_freq'), '600000\n')
    const report = restoreJournal({ stateDir })
    const foreign = report.entries.find((entry) => entry.result === 'changed-by-somebody-else')
    expect(foreign).toMatchObject({ path: join(tree.big, 'scaling_max_freq'), original: '2000000', found: '1234000' })
    expect(foreign?.wanted).toMatch(/^\d+$/)
    expect(state()).toEqual([untouched[0], [600000, 1234000]])
    expect(readdirSync(stateDir)).toEqual([])
  })

  it('a maximum that firmware holds down is no foreign value', async () => {
    await kill(await govern())
    writeFileSync(join(tree.big, 'scaling_max_freq'), '599000\n')
    writeFileSync(join(tree.big, 'bios_limit'), '599000\n')
    expect(results(restoreJournal({ stateDir }))['policy2 max_freq']).toBe('restored')
    expect(tree.read(tree.big, 'scaling_max_freq')).toBe('2000000')
  })

  it('a knob that has gone, or fails, does not stop the others; what failed stays owed', async () => {
    await kill(await govern())
    rmSync(join(tree.little, 'scaling_max_freq'))
    const broken = join(tree.little, 'scaling_min_freq')
    rmSync(broken)
    mkdirSync(broken)
    const report = restoreJournal({ stateDir })
    expect(results(report)).toMatchObject({ 'policy0 max_freq': 'gone', 'policy0 min_freq': 'failed' })
    expect(report.entries.find((entry) => entry.result === 'failed')?.reason).toMatch(/EISDIR/)
    expect([tree.read(tree.big, 'scaling_min_freq'), tree.read(tree.big, 'scaling_max_freq')]).toEqual(['600000', '2000000'])
    // The policy answers again, with what flyball had set: the debt is paid by whoever comes next.
    rmSync(broken, { recursive: true })
    const wanted = report.entries.find((entry) => entry.path === broken)?.wanted
    writeFileSync(broken, `${wanted}\n`)
    const journal = openJournal({ root: tree.root, stateDir })
    expect(tree.read(tree.little, 'scaling_min_freq')).toBe('400000')
    journal.restoreAll()
    expect(readdirSync(stateDir)).toEqual([])
  })
})

describe('one writer', () => {
  it('a live owner is named, to whoever wants to govern and to whoever wants to restore', async () => {
    const child = await govern()
    const message = new RegExp(`process ${child.pid} `)
    expect(() => openJournal({ root: tree.root, stateDir })).toThrow(message)
    expect(() => restoreJournal({ stateDir })).toThrow(message)
    expect(readdirSync(stateDir)).toHaveLength(1)
    await kill(child)
    expect(() => restoreJournal({ stateDir })).not.toThrow()
  })

  it('two boards in one process are refused', () => {
    const journal = openJournal({ root: tree.root, stateDir })
    expect(() => openJournal({ root: '/elsewhere', stateDir })).toThrow(/one board at a time/)
    journal.restoreAll()
    openJournal({ root: tree.root, stateDir }).restoreAll()
  })

  it('a process id that has been used again is no live owner', async () => {
    const child = await govern()
    await kill(child)
    const [name] = readdirSync(stateDir)
    const text = readFileSync(join(stateDir, name as string), 'utf8')
    rmSync(join(stateDir, name as string))
    // This very process's id, with another start time.
    writeFileSync(join(stateDir, `journal-${process.pid}-1-0.jsonl`), text)
    expect(Object.values(results(restoreJournal({ stateDir }))).length).toBe(4)
    expect(state()).toEqual(untouched)
  })
})

describe('two governors of one process', () => {
  const clampLittle = (journal: ReturnType<typeof openJournal>) =>
    makeCpufreqClamp({ policyPath: tree.little, frequenciesHz: littleKHz.map((kHz) => kHz * 1e3), journal, root: tree.root })

  it('share one journal: each puts back its own, the last one deletes it', () => {
    const one = openJournal({ root: tree.root, stateDir })
    const two = openJournal({ root: tree.root, stateDir })
    expect(two.path).toBe(one.path)
    expect(readdirSync(stateDir)).toHaveLength(1)
    const big = clampBig(one)
    const little = clampLittle(two)
    big.set(1e9)
    little.set(7e8)
    expect(results(one.restoreAll())).toEqual({ 'policy2 min_freq': 'restored', 'policy2 max_freq': 'restored' })
    expect(state()).toEqual([[700000, 700000], untouched[1]])
    expect(big.set(6e8)).toBeNaN()
    expect(little.set(1e9)).toBe(1e9)
    two.restoreAll()
    expect(state()).toEqual(untouched)
    expect(readdirSync(stateDir)).toEqual([])
  })

  it('of one knob: it goes back with the last of them', () => {
    const one = openJournal({ root: tree.root, stateDir })
    const two = openJournal({ root: tree.root, stateDir })
    clampBig(one).set(1e9)
    clampBig(two).set(1.7e9)
    expect(one.restoreAll().entries).toEqual([])
    expect(state()[1]).toEqual([1700000, 1700000])
    expect(results(two.restoreAll())).toEqual({ 'policy2 min_freq': 'restored', 'policy2 max_freq': 'restored' })
    expect(state()).toEqual(untouched)
  })

  it('a knob that was put back and is taken again has its new original, in the file too', () => {
    const one = openJournal({ root: tree.root, stateDir })
    const two = openJournal({ root: tree.root, stateDir })
    const first = clampBig(one)
    first.set(1e9)
    one.restoreAll()
    writeFileSync(join(tree.big, 'scaling_max_freq'), '1700000\n')
    clampBig(two).set(6e8)
    const { records } = parseJournal(readFileSync(two.path, 'utf8'), two.path)
    expect(records.map(({ path, ...record }) => [basename(path), 'original' in record && record.original])).toEqual([
      ['scaling_min_freq', '600000'],
      ['scaling_max_freq', '1700000'],
    ])
    two.restoreAll()
    expect(state()[1]).toEqual([600000, 1700000])
  })
})

describe('a run that was told to leave its knobs', () => {
  const leave = (restore: 'on-switch' | 'never') => {
    const journal = openJournal({ root: tree.root, stateDir, restore })
    const clamp = clampBig(journal)
    clamp.set(1e9)
    expect(journal.end().entries).toEqual([])
    expect(clamp.set(6e8)).toBeNaN()
    expect(state()[1]).toEqual([1000000, 1000000])
    expect(findLeftBehind(stateDir)).toEqual([])
  }

  it('on-switch: the next one puts them back before it begins', () => {
    leave('on-switch')
    const next = openJournal({ root: tree.root, stateDir })
    expect(results(next.recovered)).toEqual({ 'policy2 min_freq': 'restored', 'policy2 max_freq': 'restored' })
    expect(state()).toEqual(untouched)
    next.end()
    expect(readdirSync(stateDir)).toEqual([])
  })

  it('never: the next one begins where they are and goes back there; flyball restore undoes both, in this very process too', () => {
    leave('never')
    const next = openJournal({ root: tree.root, stateDir })
    expect(state()[1]).toEqual([1000000, 1000000])
    clampBig(next).set(2e9)
    next.end()
    expect(state()[1]).toEqual([1000000, 1000000])
    expect(results(restoreJournal({ stateDir }))).toEqual({ 'policy2 min_freq': 'restored', 'policy2 max_freq': 'restored' })
    expect(state()).toEqual(untouched)
  })

  it('twice never: the newest is undone first', () => {
    leave('never')
    const second = openJournal({ root: tree.root, stateDir, restore: 'never' })
    clampBig(second).set(1.4e9)
    second.end()
    expect(restoreJournal({ stateDir }).entries.map(({ result }) => result)).not.toContain('changed-by-somebody-else')
    expect(state()).toEqual(untouched)
  })
})

describe('what a killed run leaves', () => {
  it('is noticed, while it is dead and of this boot', async () => {
    const child = await govern()
    expect(findLeftBehind(stateDir)).toEqual([])
    await kill(child)
    expect(findLeftBehind(stateDir)).toMatchObject([{ pid: child.pid, held: false }])
    const path = join(stateDir, readdirSync(stateDir)[0] as string)
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"bootId":"[^"]*"/, '"bootId":"another"'))
    expect(findLeftBehind(stateDir)).toEqual([])
    expect(findLeftBehind(join(stateDir, 'none'))).toEqual([])
  })

  it('is nothing where it was killed before it moved a knob', () => {
    const header = { flyball: 'journal', schema: 1, bootId: readBootId(), pid: 1, startTime: '1', root: tree.root }
    writeFileSync(join(stateDir, 'journal-1-1-0.jsonl'), `${JSON.stringify(header)}\n`)
    expect(findLeftBehind(stateDir)).toEqual([])
  })

  it('can be put back by a shell alone', async () => {
    for (const lowered of [false, true]) {
      const child = await govern()
      await kill(child)
      // The original lies wholly above, or below, what holds now: the order of the two writes matters.
      const holds = lowered ? ['2000000', '2000000'] : ['600000', '600000']
      writeFileSync(join(tree.big, 'scaling_min_freq'), `${holds[0]}\n`)
      writeFileSync(join(tree.big, 'scaling_max_freq'), `${holds[1]}\n`)
      const script = restoreScript(stateDir)
      expect(script).toContain(`policy2/scaling_max_freq'`)
      execFileSync('sh', ['-eu'], { input: script })
      expect(state()).toEqual(untouched)
      expect(restoreJournal({ stateDir }).entries.every(({ result }) => result === 'already')).toBe(true)
    }
  })

  it('is put back knob by knob, though a line of the journal was damaged; that line is kept and named', async () => {
    await kill(await govern())
    const path = join(stateDir, readdirSync(stateDir)[0] as string)
    const lines = readFileSync(path, 'utf8').split('\n')
    const damaged = (lines[2] as string).replace('"kind":"value"', '"kind":"valve"')
    writeFileSync(path, [...lines.slice(0, 2), damaged, ...lines.slice(3)].join('\n'))
    const report = restoreJournal({ stateDir })
    expect(report.entries).toHaveLength(3)
    expect(report.notes).toEqual([expect.stringMatching(/line 3.*broken-/)])
    expect(state()[1]).toEqual(untouched[1])
    const [kept] = readdirSync(stateDir)
    expect(kept).toMatch(/^broken-/)
    expect(readFileSync(join(stateDir, kept as string), 'utf8')).toContain(damaged)
    expect(findLeftBehind(stateDir)).toEqual([])
  })
})

describe('what cannot be read of a killed run', () => {
  const damage = async (line: number, part: string) => {
    await kill(await govern())
    const path = join(stateDir, readdirSync(stateDir)[0] as string)
    const lines = readFileSync(path, 'utf8').split('\n')
    lines[line] = (lines[line] as string).replace(part, '"x":1')
    writeFileSync(path, lines.join('\n'))
  }
  it.each([
    ['the header', 0, '"flyball":"journal"'],
    ['an entry', 2, '"kind":"value"'],
  ])('(%s) is no reason to take what clocks hold for their originals', async (_, line, part) => {
    await damage(line, part)
    for (let i = 0; i < 2; i++) {
      expect(() => openJournal({ root: tree.root, stateDir })).toThrow(
        new RegExp(`line ${line + 1}: no journal.*that this version reads.*flyball restore.*--force-knobs`),
      )
      expect(readdirSync(stateDir)).toEqual([expect.stringMatching(/^journal-/)])
    }
    // By hand it is set aside, and said.
    expect(restoreJournal({ stateDir, root: tree.root }).unread).toBe(true)
    expect(readdirSync(stateDir)).toEqual([expect.stringMatching(/^broken-/)])
    openJournal({ root: tree.root, stateDir }).restoreAll()
  })

  it('is set aside, and said, where it was asked to go on', async () => {
    await damage(0, '"flyball":"journal"')
    const held = tree.read(tree.big, 'scaling_max_freq')
    const problems: string[] = []
    const journal = openJournal({ root: tree.root, stateDir, force: true, onProblem: (problem) => problems.push(problem) })
    expect(problems).toEqual([expect.stringMatching(/line 1: no journal .*it is kept in .*broken-/)])
    expect(journal.value(join(tree.big, 'scaling_max_freq')).original).toBe(held)
    journal.restoreAll()
  })

  it('costs no entry that is owed beside it', async () => {
    await damage(2, '"kind":"value"')
    const stuck = join(tree.big, 'scaling_min_freq')
    const wrote = tree.read(tree.big, 'scaling_min_freq')
    rmSync(stuck)
    mkdirSync(stuck)
    const journal = openJournal({ root: tree.root, stateDir, force: true })
    expect(readdirSync(stateDir)).toEqual([expect.stringMatching(/^broken-/), basename(journal.path)])
    rmSync(stuck, { recursive: true })
    writeFileSync(stuck, `${wrote}\n`)
    journal.restoreAll()
    expect(tree.read(tree.big, 'scaling_min_freq')).toBe('600000')
  })
})

describe('a folder that nothing can be changed in', () => {
  it.runIf(process.getuid?.() === 0)('still says what was there before (as root only, which can be another)', async () => {
    await kill(await govern())
    const [name] = readdirSync(stateDir)
    const path = join(stateDir, name as string)
    chownSync(path, 65534, 65534)
    for (const policy of [tree.little, tree.big]) for (const end of ['min', 'max']) chmodSync(join(policy, `scaling_${end}_freq`), 0o666)
    chmodSync(stateDir, 0o755)
    process.seteuid?.(65534)
    try {
      const report = restoreJournal({ stateDir, root: tree.root })
      expect(report.notes).toEqual([expect.stringMatching(/is done, and cannot be deleted: EACCES/)])
    } finally {
      process.seteuid?.(0)
    }
    expect(state()).toEqual(untouched)
  })
})

describe('the journal itself', () => {
  it('has the original on disk before the first write, and the last values after it', () => {
    const journal = openJournal({ root: tree.root, stateDir })
    const clamp = clampBig(journal)
    const records = () =>
      readFileSync(journal.path, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    expect(records()).toMatchObject([{ flyball: 'journal', schema: 1, pid: process.pid, root: tree.root }])
    clamp.set(1e9)
    clamp.set(1.4e9)
    clamp.set(1.7e9)
    expect(records().slice(1)).toMatchObject([
      { path: join(tree.big, 'scaling_min_freq'), original: '600000', wrote: ['1400000', '1700000'] },
      { path: join(tree.big, 'scaling_max_freq'), original: '2000000', wrote: ['1400000', '1700000'] },
    ])
    expect(journal.restoreAll().entries.map((entry) => entry.result)).toEqual(['restored', 'restored'])
    expect(state()).toEqual(untouched)
    // A decision under way when everything was put back must not undo that.
    expect(clamp.set(6e8)).toBeNaN()
    expect(state()).toEqual(untouched)
    expect(existsSync(journal.path)).toBe(false)
    expect(() => journal.value(join(tree.little, 'scaling_max_freq'))).toThrow(/closed/)
    clamp.close()
  })

  it('of an earlier boot is void', async () => {
    await kill(await govern())
    const before = state()
    const name = readdirSync(stateDir)[0] as string
    const path = join(stateDir, name)
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"bootId":"[^"]*"/, '"bootId":"another"'))
    const report = restoreJournal({ stateDir })
    expect(report.entries).toEqual([])
    expect(report.notes).toEqual([expect.stringContaining('earlier boot')])
    expect(state()).toEqual(before)
    expect(readdirSync(stateDir)).toEqual([])
  })

  it('drops a torn last line, whose knob was never written', async () => {
    await kill(await govern())
    const path = join(stateDir, readdirSync(stateDir)[0] as string)
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"entry":4,"kind":"value","path":"${tree.little}/scaling_gov`)
    expect(restoreJournal({ stateDir }).entries).toHaveLength(4)
    expect(state()).toEqual(untouched)
  })

  it('that is broken, or names anything but kernel files, is left where it is, and said', () => {
    const header = JSON.stringify({
      flyball: 'journal',
      schema: 1,
      bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      pid: 1,
      startTime: '1',
      root: '/',
    })
    const entry = (path: string) => JSON.stringify({ entry: 0, kind: 'value', path, original: 'x', wrote: [] })
    const texts = ['', 'nonsense\n', '{}\n', `${header.replace('"schema":1', '"schema":2')}\n`, `${header}\nnonsense\n`]
    const paths = ['/etc/passwd', '/sys/../etc/passwd', 'sys/x', `${tree.root}/sys/x`]
    for (const text of [...texts, ...paths.map((path) => `${header}\n${entry(path)}\n`)]) {
      writeFileSync(join(stateDir, 'journal-1-1-0.jsonl'), text)
      const report = restoreJournal({ stateDir })
      expect(report.entries).toEqual([])
      expect(report.notes).toHaveLength(1)
      for (const name of readdirSync(stateDir)) rmSync(join(stateDir, name))
    }
  })

  it('removes what was left by a process that was killed while it began one', () => {
    writeFileSync(join(stateDir, 'journal-1-1-0.jsonl.new'), '')
    openJournal({ root: tree.root, stateDir }).restoreAll()
    expect(readdirSync(stateDir)).toEqual([])
  })

  it('cannot be where a file is', () => {
    writeFileSync(join(stateDir, 'file'), '')
    expect(() => openJournal({ root: tree.root, stateDir: join(stateDir, 'file') })).toThrow(/FLYBALL_STATE_DIR/)
  })

  it('restores a governor before the limits, which it may reset', () => {
    const journal = openJournal({ root: tree.root, stateDir })
    clampBig(journal).set(6e8)
    const governor = journal.value(join(tree.big, 'scaling_governor'))
    governor.note(Buffer.from('userspace'))
    writeFileSync(join(tree.big, 'scaling_governor'), 'userspace\n')
    const order = journal.restoreAll().entries.map((entry) => basename(entry.path))
    expect(order).toEqual(['scaling_governor', 'scaling_max_freq', 'scaling_min_freq'])
    expect(tree.read(tree.big, 'scaling_governor')).toBe('schedutil')
    expect(state()).toEqual(untouched)
  })
})

describe('state folder', () => {
  it('is the one asked for, that of the system for root, that of the session, or that of the user', () => {
    expect(findStateDir({ FLYBALL_STATE_DIR: '/x', XDG_RUNTIME_DIR: '/run/user/5' }, 0)).toBe('/x')
    expect(findStateDir({ FLYBALL_STATE_DIR: 'x' }, 0)).toBe(join(process.cwd(), 'x'))
    expect(findStateDir({ XDG_RUNTIME_DIR: '/run/user/5' }, 0)).toBe('/run/flyball')
    expect(findStateDir({ XDG_RUNTIME_DIR: '/run/user/5' }, 5)).toBe('/run/user/5/flyball')
    expect(findStateDir({}, 5)).toMatch(/\.local\/state\/flyball$/)
  })
})

describe('a disk that has room for a part of a line', () => {
  it('lets no knob be written whose original value is not on disk', () => {
    // The smallest limit that a shell can set, in blocks of 512 or 1024 bytes: the header fits, and so do some entries.
    const program = `
      const { openJournal } = await import('${dist}/src/linux/journal.js')
      const journal = openJournal({ root: '${tree.root}', stateDir: '${stateDir}' })
      let count = 0
      try {
        for (;; count++) journal.value('${tree.root}/sys/knob' + count, '1')
      } catch (error) {
        process.stdout.write(JSON.stringify({ count, code: error.code }))
      }
      process.kill(process.pid, 'SIGKILL')`
    const { stdout } = spawnSync('sh', ['-c', 'ulimit -f 2; exec "$0" --input-type=module -e "$1"', process.execPath, program], { encoding: 'utf8' })
    const { count, code } = JSON.parse(stdout) as { count: number; code: string }
    expect(code).toBe('ERR_JOURNAL')
    expect(count).toBeGreaterThan(0)
    const [file] = readdirSync(stateDir)
    const text = readFileSync(join(stateDir, file as string), 'utf8')
    expect(parseJournal(text, 'x')).toMatchObject({ records: { length: count }, broken: [] })
  })
})

describe('a watchdog that is putting back what its run left', () => {
  it('is waited for, as what knobs hold until then is no original', async () => {
    const watchdog = spawn('sh', ['-c', 'read go; sleep 0.2; rm "$go"; exec sleep 60'], { stdio: ['pipe', 'ignore', 'inherit'] })
    children.push(watchdog)
    const stat = readFileSync(`/proc/${watchdog.pid}/stat`, 'utf8')
    const path = journalPath(stateDir, { pid: watchdog.pid as number, startTime: parseStartTime(stat) as string }, 1)
    writeFileSync(path, '')
    watchdog.stdin.write(`${path}\n`)
    restoreDead(stateDir, { root: tree.root, dryRun: false, byHand: false, setAside: false })
    expect(existsSync(path)).toBe(false)
  })
})
