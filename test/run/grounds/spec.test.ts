import { describe, expect, it } from 'vitest'
import { defaultGroundOptions, type GroundOptions, parseGround } from '../../../src/run/grounds/spec.ts'
import { errorOf } from '../../support/error-of.ts'

const options: GroundOptions = { ...defaultGroundOptions, tables: ['here'] }
const suites = { scenarios: () => ['steady', 'drift'], tables: (folders: readonly string[]) => (folders[0] === 'here' ? ['one', 'two'] : []) }
const parse = (text: string, more: Partial<GroundOptions> = {}) =>
  parseGround(text, { ...options, ...more }, suites).map(({ kind, source, scenario }) => [kind, source, scenario])

describe('--env', () => {
  it('names boards and tables, with a scenario or the default one', () => {
    expect(parse('sim:rk3399@drift')).toEqual([['sim', 'rk3399', 'drift']])
    expect(parse('sim:rk3399')).toEqual([['sim', 'rk3399', undefined]])
    expect(parse('table:a/b.json', { scenario: 'steady' })).toEqual([['table', 'a/b.json', 'steady']])
    expect(parse('sim:rk3399@own/thing.json', { scenario: 'steady' })).toEqual([['sim', 'rk3399', 'own/thing.json']])
  })

  it('spreads suites', () => {
    expect(parse('suite:scenarios', { board: 'rk3399' })).toEqual([
      ['sim', 'rk3399', 'steady'],
      ['sim', 'rk3399', 'drift'],
    ])
    expect(parse('suite:tables')).toEqual([
      ['table', 'one', undefined],
      ['table', 'two', undefined],
    ])
    expect(errorOf(() => parse('suite:tables', { suiteFolder: 'there' })).message).toContain('no measured table lies in there')
    expect(errorOf(() => parse('suite:tables', { tables: ['there'] })).message).toContain('no measured table lies in there')
    expect(errorOf(() => parse('suite:boards')).code).toBe('ERR_UNKNOWN_ENV')
  })

  it('drives a trace through a board or table', () => {
    const [ground] = parseGround('trace:run.jsonl', { ...options, on: 'sim:rk3399', scenario: 'drift' }, suites)
    expect(ground).toMatchObject({
      kind: 'trace',
      source: 'run.jsonl',
      scenario: undefined,
      on: { kind: 'sim', source: 'rk3399', scenario: undefined },
    })
    expect(errorOf(() => parse('trace:run.jsonl')).message).toContain('--on sim:BOARD')
    for (const on of ['suite:scenarios', 'suite:tables', 'sim:rk3399@drift', 'trace:other.jsonl'])
      expect(errorOf(() => parse('trace:run.jsonl', { on })).code).toBe('ERR_USAGE')
  })

  it('refuses what it does not know', () => {
    expect(errorOf(() => parse('board')).message).toContain('which a real board cannot tell')
    for (const text of ['moon', 'sim:', 'lab:x', '']) expect(errorOf(() => parse(text)).code).toBe('ERR_UNKNOWN_ENV')
    for (const text of ['sim:@drift', 'sim:rk3399@']) expect(errorOf(() => parse(text)).code).toBe('ERR_USAGE')
  })
})
