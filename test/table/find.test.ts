import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findTable, namesIn, tableFolders } from '../../src/table/find.ts'
import { readTable } from '../../src/table/read.ts'
import { errorOf } from '../support/error-of.ts'
import { smallCsv, smallHalf } from '../support/tables.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flyball-tables-'))
  for (const name of ['first', 'second']) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'small.json'), JSON.stringify({ ...smallHalf, name: undefined }))
    writeFileSync(join(folder, name, 'small.csv'), smallCsv)
  }
  writeFileSync(join(folder, 'first', 'half.csv'), smallCsv)
  writeFileSync(join(folder, 'second', 'lone.json'), JSON.stringify(smallHalf))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const at = (...parts: string[]): string => join(folder, ...parts)

describe('a table is found', () => {
  it.each(['small.csv', 'small.json', 'small'])('by its path, as %s', (name) => {
    const pair = findTable(at('first', name), [])
    expect(pair).toEqual({ name: 'small', json: at('first', 'small.json'), csv: at('first', 'small.csv') })
    expect(readTable(pair)).toMatchObject({ name: 'small', points: { length: 8 } })
  })

  it('by its name, in the first folder that has both halves', () => {
    expect(findTable('small', [at('none'), at('second'), at('first')]).json).toBe(at('second', 'small.json'))
    expect(tableFolders('mine', 'theirs')).toEqual(['mine', 'theirs', '.', 'tables', 'data/tables', '../shared/data/tables'])
    expect(tableFolders(undefined, '')[0]).toBe('.')
    expect(namesIn(at('first'))).toEqual(['small'])
    expect(namesIn(at('none'))).toEqual([])
  })
})

describe('a table is not found', () => {
  it('by a name close to another: says where it looked', () => {
    const { code, exitCode, message } = errorOf(() => findTable('smal', [at('first'), at('second')]))
    expect([code, exitCode]).toEqual(['ERR_UNKNOWN_ENV', 2])
    expect(message).toBe(
      `no measured table is called 'smal'; did you mean small? (looked for smal.json and smal.csv in ${at('first')}, ${at('second')})`,
    )
  })

  it('without one of its halves', () => {
    const half = errorOf(() => findTable('half', [at('second'), at('first')]))
    expect([half.code, half.exitCode]).toEqual(['ERR_TABLE', 3])
    expect(half.message).toContain(`${at('first', 'half.json')} is missing: a measured table is a pair of half.csv and half.json`)
    expect(errorOf(() => findTable(at('second', 'lone.json'), [])).message).toContain(`${at('second', 'lone.csv')} is missing`)
    expect(errorOf(() => findTable(at('first', 'nothing'), [])).message).toContain('there is neither')
  })

  it('where it is no file', () => {
    mkdirSync(at('first', 'odd.json'))
    writeFileSync(at('first', 'odd.csv'), smallCsv)
    expect(errorOf(() => readTable(findTable(at('first', 'odd'), []))).message).toContain('cannot be read, expected half of a measured table')
  })
})
