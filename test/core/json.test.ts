import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/core/json.ts'

/** Texts of JSON of some nesting. */
const jsonText = fc.object({ values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)] }).map((value) => JSON.stringify(value))

describe('JSON from anybody', () => {
  it('is what JSON.parse gives', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it.each([
    ['[', ']'],
    ['{"a":', '}'],
  ])('nests 100 deep and no deeper: %s', (open, close) => {
    const nested = (depth: number): string => `${open.repeat(depth)}1${close.repeat(depth)}`
    expect(JSON.stringify(parseJson(nested(100)))).toBe(nested(100))
    expect(() => parseJson(nested(101))).toThrow(SyntaxError)
    expect(() => parseJson(nested(100_000))).toThrow('nests more than 100 deep')
    // Cut off inside.
    expect(() => parseJson(open.repeat(100_000))).toThrow(SyntaxError)
  })

  it('counts no brackets in strings, escaped quotes and backslashes included', () => {
    for (const text of ['['.repeat(500), '"['.repeat(200), '\\"['.repeat(200), '\\', '\\\\"['])
      expect(parseJson(JSON.stringify([text, [text]]))).toEqual([text, [text]])
    expect(() => parseJson('"[[[')).toThrow(SyntaxError)
  })

  it('is refused as before where it is none', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const of = (parse: (text: string) => unknown): unknown => {
          try {
            return parse(text)
          } catch (error) {
            return (error as Error).name
          }
        }
        expect(of(parseJson)).toEqual(of(JSON.parse))
      }),
    )
  })
})
