import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type ErrorCode, errorTable, FlyballError, isSystemError } from '../../src/core/errors.ts'

const documented = (): Record<string, { exitCode: number; meaning: string }> => {
  const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  return Object.fromEntries(
    Array.from(text.matchAll(/^\| `(ERR_\w+)` \| (\d+) \| (.+) \|$/gm), ([, code, exitCode, meaning]) => [
      code as string,
      { exitCode: Number(exitCode), meaning: meaning as string },
    ]),
  )
}

describe('errors', () => {
  it('docs/errors.md lists exactly the codes there are, with exit status and meaning', () => {
    expect(documented()).toEqual(errorTable)
  })

  it('docs/errors.md mentions no other code', () => {
    const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
    expect(new Set(text.match(/ERR_\w+/g))).toEqual(new Set(Object.keys(errorTable)))
  })

  it('carry the exit status of their code', () => {
    for (const code of Object.keys(errorTable) as ErrorCode[]) {
      const cause = new Error('below')
      const error = new FlyballError(code, 'what is wrong', { cause })
      expect(error).toMatchObject({ name: 'FlyballError', code, exitCode: errorTable[code].exitCode, message: 'what is wrong', cause })
    }
  })

  it('tell those of the operating system apart', () => {
    const missing = Object.assign(new Error('no such file'), { code: 'ENOENT' })
    expect(isSystemError(missing, 'EACCES', 'ENOENT')).toBe(true)
    expect(isSystemError(missing, 'EACCES')).toBe(false)
    expect(isSystemError(new Error('ENOENT'), 'ENOENT')).toBe(false)
    expect(isSystemError({ code: 'ENOENT' }, 'ENOENT')).toBe(false)
  })
})
