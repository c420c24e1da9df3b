import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { tableSpaces } from '../../envs/table/table-spaces.ts'
import { makeSpaces, type NominalOutcome } from '../../src/core/spaces.ts'
import { parseTable } from '../../src/table/read.ts'
import { formatTable, type TableInput, writeTable } from '../../src/table/write.ts'
import { errorOf } from '../support/error-of.ts'
import { makeScriptedEnv } from '../support/scripted-env.ts'

const scripted = makeScriptedEnv()
const input: TableInput = {
  name: 'scripted',
  device: 'a script',
  spaces: scripted.spaces,
  outcomes: scripted.nominal,
  latencyQuality: 'measured',
  energyQuality: 'estimated',
  accuracyQuality: 'measured',
  energyScope: 'cpuTime',
  clusters: [
    { id: 'little', cores: 4 },
    { id: 'big', cores: 4 },
  ],
  source: 'a test',
  about: { seed: 1 },
}
const read = ({ json, csv }: { json: string; csv: string }) => parseTable({ json, csv, jsonPath: 'a.json', csvPath: 'a.csv', name: 'a' })

describe('a table that flyball writes', () => {
  it('is read back with the same knobs, points, features and outcomes', () => {
    const table = read(formatTable(input))
    const { knobs, points, featureNames, features } = scripted.spaces
    expect(table.knobs).toEqual(knobs)
    const spaces = tableSpaces(table)
    expect(spaces.points).toEqual(points)
    expect(spaces.featureNames).toEqual(featureNames)
    expect(spaces.features).toEqual(features)
    expect(Array.from(table.latencyS)).toEqual(scripted.nominal.map(({ latencyS }) => latencyS))
    expect(Array.from(table.energyJ)).toEqual(scripted.nominal.map(({ energyJ }) => energyJ))
    expect(Array.from(table.accuracy)).toEqual(scripted.nominal.map(({ accuracy }) => accuracy))
    expect(table.quality).toEqual({ latencyS: 'measured', energyJ: 'estimated', accuracy: 'measured' })
    expect([table.energyScope, table.clusters]).toEqual(['cpuTime', input.clusters])
  })

  it('leaves out points that gave nothing, and columns that some row lacks', () => {
    const outcomes = scripted.nominal.map((outcome, a) => ({
      ...outcome,
      ...(a === 0 ? { latencyS: Number.NaN } : {}),
      ...(a === 5 ? { energyJ: Number.NaN } : {}),
    }))
    const formatted = formatTable({ ...input, outcomes, accuracyQuality: 'absent' })
    expect(formatted.rows).toHaveLength(15)
    expect(formatted.notes).toEqual([
      '1 of 16 operating points could not be measured and are left out',
      'the energy of some operating points is unknown: the table has none',
    ])
    const table = read(formatted)
    expect(table.points[0]).toEqual(scripted.spaces.points[1])
    expect(table.quality).toEqual({ latencyS: 'measured', energyJ: 'absent', accuracy: 'absent' })
    const nothing = scripted.nominal.map((outcome) => ({ ...outcome, latencyS: Number.NaN }))
    expect(errorOf(() => formatTable({ ...input, outcomes: nothing })).message).toContain('no operating point gave a latency')
  })

  it('holds any names and any numbers', () => {
    const name = fc.string({ minLength: 1, maxLength: 6 }).filter((text) => text.trim() === text && text !== '' && !/[\0\r\n]/.test(text))
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
        fc.uniqueArray(fc.double({ min: 1, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 3 }),
        fc.double({ min: 1e-9, max: 5, noNaN: true }),
        (words, numbers, latencyS) => {
          const knobs = [
            { name: 'subnet', kind: 'subnet' as const, values: words },
            { name: 'level', kind: 'other' as const, values: numbers },
          ]
          const points = words.flatMap((subnet) => numbers.map((level) => ({ subnet, level })))
          const spaces = makeSpaces({ knobs, points, monitors: [] })
          const outcomes: NominalOutcome[] = points.map((_, a) => ({ latencyS: latencyS * (a + 1), energyJ: Number.NaN, accuracy: Number.NaN }))
          const table = read(
            formatTable({ ...input, spaces, outcomes, energyQuality: 'absent', accuracyQuality: 'absent', clusters: [{ id: 'board', cores: 1 }] }),
          )
          expect(table.points).toEqual(points)
          expect(table.knobs).toEqual(knobs)
          expect(Array.from(table.latencyS)).toEqual(outcomes.map((outcome) => outcome.latencyS))
        },
      ),
      { numRuns: 300, seed: 3 },
    )
  })
})

describe('writing both halves', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flyball-write-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const pairIn = (dir: string) => ({ name: 'a', json: join(folder, dir, 'a.json'), csv: join(folder, dir, 'a.csv') })

  it('leaves nothing else, and replaces what was there', () => {
    mkdirSync(join(folder, 'good'))
    const pair = pairIn('good')
    writeTable(pair, { json: 'old', csv: 'old' })
    writeTable(pair, { json: '{}', csv: 'x' })
    expect(readdirSync(join(folder, 'good')).sort()).toEqual(['a.csv', 'a.json'])
    expect([readFileSync(pair.json, 'utf8'), readFileSync(pair.csv, 'utf8')]).toEqual(['{}', 'x'])
  })

  it('leaves what was there when it fails', () => {
    mkdirSync(join(folder, 'bad', 'a.csv'), { recursive: true })
    const pair = pairIn('bad')
    writeFileSync(pair.json, 'mine')
    expect(errorOf(() => writeTable(pair, { json: '{}', csv: 'x' })).code).toBe('ERR_OUT_NOT_WRITABLE')
    expect(readFileSync(pair.json, 'utf8')).toBe('mine')
    expect(readdirSync(join(folder, 'bad')).sort()).toEqual(['a.csv', 'a.json'])
    expect(errorOf(() => writeTable(pairIn('none'), { json: '{}', csv: 'x' })).code).toBe('ERR_OUT_NOT_WRITABLE')
    expect(existsSync(join(folder, 'none'))).toBe(false)
  })
})
