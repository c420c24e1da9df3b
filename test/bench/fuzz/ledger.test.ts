import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildOf } from '../../../bench/fuzz/build.ts'
import { runCampaign } from '../../../bench/fuzz/campaign.ts'
import { type Ledger, nextIndex, readLedger, sumsOf, withPiece, writeLedger } from '../../../bench/fuzz/ledger.ts'
import type { FuzzedParser } from '../../../bench/fuzz/parser.ts'
import { allParsers } from '../../../bench/fuzz/registry.ts'

const empty: Ledger = { schema: 'flyball-fuzz/1', entries: [] }
const report = (inputs: number, crashed = 0) => ({
  ...{ parser: 'a', inputs, crashed, crashes: [], timeS: 1, slowest: { index: 0, timeS: inputs, sizeB: 1 } },
  verdicts: { accepted: inputs - crashed },
})
const piece = (ledger: Ledger, build: string, inputs: number, crashed = 0, seed = 1): Ledger =>
  withPiece(ledger, { parser: 'a', build, seed }, { report: report(inputs, crashed), cpuS: 2 })

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flyball-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('a ledger of fuzzing', () => {
  it('joins pieces of one build and goes on behind them', () => {
    const ledger = piece(piece(empty, 'x', 10), 'x', 5, 1)
    expect(ledger.entries).toHaveLength(1)
    expect(ledger.entries[0]).toMatchObject({ from: 0, inputs: 15, crashed: 1, verdicts: { accepted: 14 }, cpuS: 4, slowest: { timeS: 10 } })
    expect(nextIndex(ledger, 'a', 1)).toBe(15)
    expect(nextIndex(ledger, 'a', 2)).toBe(0)
  })

  it('counts what another build was given apart, and gives this one other inputs', () => {
    const ledger = piece(piece(piece(empty, 'x', 10, 2), 'y', 5), 'x', 7)
    expect(ledger.entries.map(({ build, from, inputs }) => [build, from, inputs])).toEqual([
      ['x', 0, 10],
      ['y', 10, 5],
      ['x', 15, 7],
    ])
    const [sum] = sumsOf(piece(ledger, 'y', 4, 0, 2), new Map([['a', 'y']]))
    expect(sum).toMatchObject({ inputs: 26, crashed: 2, inputsOfBuild: 9, crashedOfBuild: 0, cpuS: 4, verdicts: { accepted: 9 } })
  })

  it('is the same when read again, and leaves no other file', () => {
    const path = join(dir, 'ledger.json')
    expect(readLedger(path)).toEqual(empty)
    const ledger = piece(piece(empty, 'x', 10), 'y', 5)
    writeLedger(path, ledger)
    expect(readLedger(path)).toEqual(ledger)
    expect(readdirSync(dir)).toEqual(['ledger.json'])
  })

  it('is not begun anew over a file that is none', () => {
    const path = join(dir, 'ledger.json')
    for (const text of ['{"schema":"other"}', '{"schema":"flyball-fuzz/1"}', '{"schema":']) {
      writeFileSync(path, text)
      expect(() => readLedger(path)).toThrow()
      expect(readFileSync(path, 'utf8')).toBe(text)
    }
  })
})

describe('the build of a parser', () => {
  it('is another for each, and the same every time', () => {
    const list = { covers: ['src/linux/cpulist.ts parseCpuList'] }
    expect(buildOf(list)).toMatch(/^[0-9a-f]{12}$/)
    expect(buildOf(list)).toBe(buildOf(list))
    expect(buildOf({ covers: ['src/linux/psi.ts parsePressure'] })).not.toBe(buildOf(list))
    // Both are of one module.
    expect(buildOf({ covers: [], modules: ['src/linux/cpulist.ts'] })).toBe(buildOf(list))
    expect(() => buildOf({ covers: ['src/nowhere.ts parse'] })).toThrow('ENOENT')
  })

  it('is known of every one', () => {
    const parsers = allParsers()
    try {
      for (const { name, covers, modules = [] } of parsers) expect(covers.length + modules.length, name).toBeGreaterThan(0)
    } finally {
      for (const { close } of parsers) close?.()
    }
  })
})

describe('a campaign', () => {
  /** A parser that takes as many seconds for an input, by a clock of its own. */
  const parser = (name: string, cover: string, tick: () => void, seen: string[]): FuzzedParser => ({
    ...{ name, covers: [cover], form: 'text', corpus: () => [Buffer.from('abc')] },
    parse(input) {
      tick()
      seen.push(input.toString('latin1'))
      return 'accepted'
    },
  })
  const covers = ['src/linux/cpulist.ts parseCpuList', 'src/linux/psi.ts parsePressure'] as const

  it('gives parsers the same time, ends when asked, and goes on with other inputs until all is done', async () => {
    let nowS = 0
    const seen: [string[], string[]] = [[], []]
    const parsers = [parser('fast', covers[0], () => (nowS += 0.001), seen[0]), parser('slow', covers[1], () => (nowS += 1), seen[1])]
    const options = { parsers, seed: 1, inputs: 1000, pieceS: 0.5, cpuS: () => nowS }
    let pieces = 0
    const first = await runCampaign(empty, { ...options, done: () => ++pieces === 5 })
    const builds = new Map(parsers.map((one) => [one.name, buildOf(one)]))
    const [fast, slow] = sumsOf(first, builds)
    // The fast one: 20, 500, 480; the slow one: 20 at least, before the 500, and once more behind the thousand.
    expect(fast?.inputsOfBuild).toBe(1000)
    expect(slow?.inputsOfBuild).toBe(40)
    const whole = await runCampaign(first, { ...options, inputs: 1010, done: () => false })
    expect(sumsOf(whole, builds).map(({ inputsOfBuild }) => inputsOfBuild)).toEqual([1010, 1010])
    // No input of the fast one was tried twice because it was called twice: its valid input counts once a call.
    const again: string[] = []
    await runCampaign(empty, { ...options, parsers: [parser('fast', covers[0], () => {}, again)], inputs: 1010, done: () => false })
    expect(again.slice(1)).toEqual([...seen[0].slice(1, 1001), ...seen[0].slice(1002)])
  })
})
