import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { clearRun, prepareFolder, runFolder } from '../../src/run/folder.ts'
import { errorOf } from '../support/error-of.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flyball-folder-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** Everything that a run and other people leave in a folder. */
function fill(at: string): void {
  mkdirSync(join(at, 'checkpoint/previous'), { recursive: true })
  mkdirSync(join(at, 'deploy-1'))
  for (const file of [
    'run.json',
    'summary.json',
    'timeline.svg',
    'trace.jsonl',
    'trace.jsonl.1',
    'checkpoint/policy.json',
    'notes.md',
    'mytrace.jsonl',
    'deploy-1/trace.jsonl',
  ])
    writeFileSync(join(at, file), file)
}

describe('the folder of a run', () => {
  it('is made, with the folders above it', () => {
    const folder = prepareFolder(join(dir, 'runs/first'), 'refuse')
    expect(existsSync(folder.dir)).toBe(true)
    expect(folder).toEqual({
      dir: join(dir, 'runs/first'),
      settings: join(dir, 'runs/first/run.json'),
      checkpoint: join(dir, 'runs/first/checkpoint'),
      trace: join(dir, 'runs/first/trace.jsonl'),
      summary: join(dir, 'runs/first/summary.json'),
      timeline: join(dir, 'runs/first/timeline.svg'),
    })
    expect(runFolder('runs/first').dir).toBe(join(process.cwd(), 'runs/first'))
  })

  it('may hold other things', () => {
    writeFileSync(join(dir, 'notes.md'), 'mine')
    expect(prepareFolder(dir, 'refuse').dir).toBe(dir)
    expect(readdirSync(dir)).toEqual(['notes.md'])
  })

  it.each(['run.json', 'trace.jsonl', 'checkpoint'])('is refused when it holds a run, told by %s', (file) => {
    writeFileSync(join(dir, file), '')
    const { code, message } = errorOf(() => prepareFolder(dir, 'refuse'))
    expect(code).toBe('ERR_OUT_EXISTS')
    expect(message).toBe(`${dir} already holds a run; --resume goes on with it, --force starts over`)
    expect(readdirSync(dir)).toEqual([file])
  })

  it('loses the run by force, and nothing else', () => {
    fill(dir)
    clearRun(prepareFolder(dir, 'force'))
    expect(readdirSync(dir).sort()).toEqual(['deploy-1', 'mytrace.jsonl', 'notes.md'])
  })

  it('is left as it is to go on with, and must hold something to go on with', () => {
    fill(dir)
    const before = readdirSync(dir)
    prepareFolder(dir, 'resume')
    expect(readdirSync(dir)).toEqual(before)
    rmSync(join(dir, 'run.json'))
    expect(errorOf(() => prepareFolder(dir, 'resume')).code).toBe('ERR_RUN_MISSING')
  })

  it('must be a folder that can be written', () => {
    writeFileSync(join(dir, 'file'), '')
    for (const bad of [join(dir, 'file'), join(dir, 'file/below'), '/proc/nothing/here']) {
      const { code, message } = errorOf(() => prepareFolder(bad, 'refuse'))
      expect(code).toBe('ERR_OUT_NOT_WRITABLE')
      expect(message).toContain(bad)
    }
  })

  it('must be writable by this user', ({ skip }) => {
    if (process.getuid?.() !== 0) skip('changing users needs root')
    chmodSync(dir, 0o755)
    process.seteuid?.(65534)
    try {
      expect(errorOf(() => prepareFolder(join(dir, 'runs'), 'refuse')).code).toBe('ERR_OUT_NOT_WRITABLE')
    } finally {
      process.seteuid?.(0)
    }
  })
})
