import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fuzz } from '../../../bench/fuzz/fuzz.ts'
import { spansOf } from '../../../bench/fuzz/json-spans.ts'
import { makeMutator } from '../../../bench/fuzz/mutate.ts'
import { type FuzzedParser, promise, verdictOf } from '../../../bench/fuzz/parser.ts'
import { FlyballError } from '../../../src/core/errors.ts'
import { makeRng } from '../../../src/core/rng.ts'

/** Texts of JSON of some nesting. */
const jsonText = fc.object({ values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)] }).map((value) => JSON.stringify(value))

const parser = (parse: FuzzedParser['parse'], form: FuzzedParser['form'] = 'json'): FuzzedParser => ({
  name: 'sample',
  covers: [],
  form,
  corpus: () => [Buffer.from('{"a":[1,2,{"b":"x, \\"y\\""}],"c":null}')],
  parse,
})

describe('the fuzzer', () => {
  it('finds a parser that falls over a missing field, and gives the input', async () => {
    const report = await fuzz(
      parser((input) => {
        let document: { a: unknown[] }
        try {
          document = JSON.parse(input.toString('utf8'))
        } catch {
          return 'no JSON'
        }
        return document.a.length > 0 ? 'accepted' : 'empty'
      }),
      { inputs: 500, seed: 3 },
    )
    expect(report.crashed).toBeGreaterThan(0)
    expect(report.crashes.length).toBeLessThanOrEqual(5)
    const [{ index, input, error } = { index: -1, input: Buffer.alloc(0), error: '' }] = report.crashes
    expect(error).toMatch(/^TypeError/)
    // The index alone makes it again.
    const again = await fuzz(
      parser(() => 'accepted'),
      { inputs: 1, seed: 3, from: index },
    )
    expect(again.crashed).toBe(0)
    expect(makeMutator({ form: 'json' }, [Buffer.from('{"a":[1,2,{"b":"x, \\"y\\""}],"c":null}')])(makeRng(3 * 2 ** 32 + index))).toEqual(input)
    expect(Object.values(report.verdicts).reduce((a, b) => a + b, 0) + report.crashed).toBe(500)
  })

  it('notices a prototype that was changed', async () => {
    const merge = (into: Record<string, unknown>, from: Record<string, unknown>): void => {
      for (const [key, value] of Object.entries(from))
        if (typeof value !== 'object' || value === null) into[key] = value
        else {
          if (into[key] === undefined) into[key] = {}
          merge(into[key] as Record<string, unknown>, value as Record<string, unknown>)
        }
    }
    const polluting = parser((input) => {
      try {
        merge({}, JSON.parse(input.toString('utf8')))
      } catch {
        return 'no JSON'
      }
      return 'accepted'
    })
    try {
      const { crashes } = await fuzz(polluting, { inputs: 5000, seed: 1 })
      expect(crashes[0]?.error).toContain('Object.prototype was changed')
    } finally {
      Reflect.deleteProperty(Object.prototype, 'polluted')
    }
  })

  it('takes errors for users as verdicts, and no others', () => {
    expect(
      verdictOf(() => {
        throw new FlyballError('ERR_TABLE', 'x')
      }),
    ).toBe('ERR_TABLE')
    expect(() =>
      verdictOf(() => {
        throw new FlyballError('ERR_INTERNAL', 'x')
      }),
    ).toThrow('x')
    expect(() => verdictOf(() => promise(false, 'order'))).toThrow('a broken promise: order')
  })

  it('refuses to begin with a valid input that is refused', async () => {
    await expect(
      fuzz(
        parser(() => 'ERR_TABLE'),
        { inputs: 1, seed: 1 },
      ),
    ).rejects.toThrow('valid input 0 is refused')
  })

  it('makes the same mutant from the same generator, never above 1 MiB by bytes', () => {
    const corpus = [Buffer.from('cpu0 1 2 3\ncpu1 4 5 6\n'), Buffer.alloc(2 ** 20, 'x')]
    const mutate = makeMutator({ form: 'text' }, corpus)
    for (let seed = 0; seed < 200; seed++) {
      const mutant = mutate(makeRng(seed))
      expect(mutant.equals(mutate(makeRng(seed)))).toBe(true)
      expect(mutant.length).toBeLessThanOrEqual(2 ** 20)
    }
  })
})

describe('spans of JSON', () => {
  it('are every value, each of which is JSON itself', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const count = (value: unknown): number =>
          1 + (typeof value === 'object' && value !== null ? Object.values(value).reduce((sum: number, one) => sum + count(one), 0) : 0)
        const spans = spansOf(text)
        for (const { start, end } of spans) JSON.parse(text.slice(start, end))
        // Keys that stand twice are one member when parsed.
        expect(spans.length).toBeGreaterThanOrEqual(count(JSON.parse(text)))
      }),
    )
  })
})
