import { afterAll, describe, expect, it } from 'vitest'
import { fuzz } from '../../../bench/fuzz/fuzz.ts'
import { allParsers } from '../../../bench/fuzz/registry.ts'

const parsers = allParsers()
afterAll(() => {
  for (const parser of parsers) parser.close?.()
})

/** Some parsers write files, run agents or ask DuckDB: `npm run fuzz` tries those longer too. */
const slow =
  /^(agent-(q|lin|thom|bay|dqn)|checkpoint|trace-(file|parts|parquet)|bandit|target|import-(csv|tsv|jsonl|teg|jtop|map)|board-file-sim|scenario-played|kernel-tree)/
const fewInputs = 300
const manyInputs = 2000

describe.each(parsers)('$name', (parser) => {
  it('survives its mutants', { timeout: 300_000 }, async () => {
    const { crashes, verdicts } = await fuzz(parser, { inputs: slow.test(parser.name) ? fewInputs : manyInputs, seed: 1 })
    expect(crashes.map(({ index, error }) => `input ${index}: ${error}`)).toEqual([])
    // Mutants that were all alike would try nothing.
    if (parser.name !== 'kernel-tree') expect(Object.keys(verdicts).length).toBeGreaterThan(1)
  })
})
