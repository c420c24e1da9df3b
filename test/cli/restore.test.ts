import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { restoreCommand } from '../../src/cli/restore.ts'
import { readBootId } from '../../src/linux/process-identity.ts'
import { makePolicyTree, type PolicyTree } from '../linux/policy-tree.ts'

let printed: string
let tree: PolicyTree
let stateDir: string
beforeEach(() => {
  printed = ''
  tree = makePolicyTree()
  stateDir = mkdtempSync(join(tmpdir(), 'flyball-state-'))
  vi.stubEnv('FLYBALL_STATE_DIR', stateDir)
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  process.exitCode = undefined
  tree.remove()
  rmSync(stateDir, { recursive: true, force: true })
})

const run = (...args: string[]) => restoreCommand().exitOverride().parseAsync(args, { from: 'user' })
const max = () => tree.read(tree.big, 'scaling_max_freq')

/** What a process that died in this boot left behind: the big policy clamped to 1 GHz. */
function leaveBehind(): void {
  const header = { flyball: 'journal', schema: 1, bootId: readBootId(), pid: 1, startTime: '1', root: tree.root }
  const entry = { entry: 0, kind: 'value', path: join(tree.big, 'scaling_max_freq'), original: '2000000', wrote: ['1400000', '1000000'] }
  writeFileSync(join(stateDir, 'journal-1-1-0.jsonl'), `${JSON.stringify(header)}\n${JSON.stringify(entry)}\n`)
  writeFileSync(join(tree.big, 'scaling_max_freq'), '1000000\n')
}

describe('flyball restore', () => {
  it.each([
    ['the header', '"flyball":"journal"', '"x":1', 'line 1: no journal that this version reads'],
    ['an entry', '"kind":"value"', '"x":1', 'line 2: no journal entry that this version reads'],
    ['a root that depends on where one stands', '"root":"/', '"root":"', 'line 1: no journal that this version reads'],
  ])('does not call it done where %s cannot be read', async (_, part, instead, note) => {
    leaveBehind()
    const path = join(stateDir, 'journal-1-1-0.jsonl')
    writeFileSync(path, readFileSync(path, 'utf8').replace(part, instead))
    await run()
    expect(process.exitCode).toBe(4)
    expect(printed).toContain(note)
    expect(printed).not.toContain('nothing to restore')
  })

  it('puts back, line by line, with status 0', async () => {
    leaveBehind()
    await run('--dry-run')
    expect(printed).toBe(`would restore   ${tree.big}/scaling_max_freq  1000000 -> 2000000\n`)
    expect(max()).toBe('1000000')
    printed = ''
    await run()
    expect(printed).toBe(`restored        ${tree.big}/scaling_max_freq  1000000 -> 2000000\n`)
    expect(max()).toBe('2000000')
    printed = ''
    await run()
    expect(printed).toBe(`nothing to restore (${stateDir})\n`)
    expect(process.exitCode).toBeUndefined()
  })

  it('ends with status 4 when a knob could not be put back', async () => {
    leaveBehind()
    rmSync(join(tree.big, 'scaling_max_freq'))
    mkdirSync(join(tree.big, 'scaling_max_freq'))
    await run()
    expect(printed).toMatch(/^failed .*scaling_max_freq .*was 2000000: EISDIR/)
    expect(process.exitCode).toBe(4)
  })

  it('prints one JSON document', async () => {
    leaveBehind()
    writeFileSync(join(tree.big, 'scaling_max_freq'), '1700000\n')
    await run('--json')
    expect(JSON.parse(printed)).toEqual({
      stateDir,
      dryRun: false,
      entries: [
        {
          path: `${tree.big}/scaling_max_freq`,
          original: '2000000',
          found: '1700000',
          wanted: '1000000',
          result: 'changed-by-somebody-else',
          reason: 'flyball had set 1000000: left alone',
        },
      ],
      notes: [],
    })
  })

  it('does not call a folder that cannot be read empty', async () => {
    vi.stubEnv('FLYBALL_STATE_DIR', join(tree.big, 'scaling_max_freq'))
    await expect(run()).rejects.toThrow(/folder of the undo journal, .*, cannot be read: ENOTDIR/)
  })

  it.each(['--json', '--dry-run'])('has no script with %s', async (option) => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    await expect(run('--script', option)).rejects.toThrow(/cannot be used with option/)
  })

  it('has an example in its help', async () => {
    await expect(run('--help')).rejects.toThrow()
    expect(printed).toContain('flyball restore --dry-run')
  })
})
