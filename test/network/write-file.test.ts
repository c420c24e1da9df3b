import { execFileSync } from 'node:child_process'
import { closeSync, lstatSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writeFileAtomic } from '../../src/network/write-file.ts'
import { errorOf } from '../support/error-of.ts'

const place = mkdtempSync(join(tmpdir(), 'flyball-write-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))

describe('writing a file whole or not at all', () => {
  it('makes the folder, replaces what was there, leaves nothing beside it', () => {
    const path = join(place, 'a/b/file')
    writeFileAtomic(path, 'first')
    writeFileAtomic(path, 'second')
    expect(readFileSync(path, 'utf8')).toBe('second')
    expect(lstatSync(`${path}.writing`, { throwIfNoEntry: false })).toBeUndefined()
  })

  it('writes into what is no file and lets it be what it is', () => {
    const pipe = join(place, 'pipe')
    execFileSync('mkfifo', [pipe])
    // Opened for both, a pipe makes neither side wait.
    const file = openSync(pipe, 'r+')
    try {
      writeFileAtomic(pipe, 'hello')
      const read = Buffer.alloc(8)
      expect(read.toString('utf8', 0, readSync(file, read))).toBe('hello')
    } finally {
      closeSync(file)
    }
    expect(lstatSync(pipe).isFIFO()).toBe(true)
  })

  it('refuses what cannot be written', () => {
    writeFileSync(join(place, 'file'), '')
    expect(errorOf(() => writeFileAtomic(join(place, 'file/below'), '')).code).toBe('ERR_OUT_NOT_WRITABLE')
    expect(errorOf(() => writeFileAtomic(place, '')).code).toBe('ERR_OUT_NOT_WRITABLE')
  })
})
