import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FlyballError } from '../../src/core/errors.ts'
import { parseTable } from '../../src/table/read.ts'
import { errorOf } from '../support/error-of.ts'
import { parseSmall, smallCsv, smallHalf } from '../support/tables.ts'

const messageOf = (change: object): string => {
  const { code, message } = errorOf(() => parseSmall({ ...smallHalf, ...change }))
  expect(code).toBe('ERR_TABLE')
  return message
}
const [subnet, cluster, freqHz] = smallHalf.knobs

describe('a wrong field', () => {
  it.each([
    [{ schema: 'measured-table/2' }, `small.json: schema is "measured-table/2": expected 'measured-table/1'`],
    [{ schema: undefined }, `small.json: schema is missing: expected this field`],
    [{ knobs: undefined }, 'small.json: knobs is missing: expected this field'],
    [{ knobs: [] }, 'small.json: knobs is empty: expected at least one'],
    [{ knobs: [subnet, cluster, { ...freqHz, values: [true] }] }, 'small.json: knobs.2.values.0 is true: expected a number or a text'],
    [{ knobs: [subnet, cluster, { ...freqHz, values: [6e8, 6e8] }] }, 'small.json: knobs.2.values (freqHz) holds 600000000 twice'],
    [{ knobs: [subnet, subnet] }, "small.json: 'subnet' stands twice in knobs and outcomes"],
    [{ knobs: [{ ...subnet, kind: 'size' }, cluster, freqHz] }, 'expected one of subnet, cluster, cores, frequency, other'],
    [{ outcomes: ['energyJ'] }, 'small.json: outcomes is energyJ: latencyS is missing'],
    [{ outcomes: ['latencyS', 'energyMJ'] }, "small.json: outcomes holds 'energyMJ': no such outcome, did you mean energyJ (SI units)?"],
    [{ outcomes: ['latencyMs', 'latencyS'] }, 'did you mean latencyS (SI units)?'],
    [{ rows: 9 }, 'small.csv has 8 rows, expected 9 as small.json says'],
    [{ rows: 8.5 }, 'small.json: rows is 8.5: expected a whole number'],
    [{ clusters: [{ id: 'big', cores: 0 }] }, 'small.json: clusters.0.cores is 0: expected at least 1'],
    [{ quality: { energyJ: 'guessed' } }, 'small.json: quality.energyJ is "guessed": expected measured or estimated'],
    [{ features: { names: ['x', 'y'], rows: [[1]] } }, 'small.json: features.rows.0 has 1 numbers, expected 2'],
    [{ features: { names: ['x'], rows: [[1]] } }, 'small.json: features.rows has 1 rows, expected 8'],
  ])('is named with what would be right: %o', (change, message) => {
    expect(messageOf(change)).toContain(message)
  })

  it('may be a frequency in another unit', () => {
    const frequencies = (values: number[], more = {}) => messageOf({ knobs: [subnet, cluster, { ...freqHz, values, ...more }] })
    expect(frequencies([600, 1200, 1800])).toContain('knob freqHz: the value 600 is no frequency in Hz; this looks like MHz: times 1e6')
    expect(frequencies([0.6, 1.2, 1.8])).toContain('this looks like GHz: times 1e9')
    expect(frequencies([600e3, 1200e3])).toContain('this looks like kHz: times 1e3')
    expect(frequencies([1200e3, 1800e3])).toContain('the highest value is 1800000, which looks like kHz')
    expect(frequencies([600], { unit: 'MHz' })).toContain("unit is 'MHz', expected Hz")
  })

  it('may be no JSON at all', () => {
    const parse = (json: string): string =>
      errorOf(() => parseTable({ json, csv: smallCsv, jsonPath: 'a.json', csvPath: 'a.csv', name: 'a' })).message
    expect(parse('{')).toContain('a.json: is not JSON')
    expect(parse('[]')).toContain('a.json: ')
    expect(parse('null')).toContain('a.json: the document is null: expected an object')
  })
})

describe('whatever is in the files', () => {
  const json = JSON.stringify(smallHalf)
  /** Some characters replaced, put in or cut out. */
  const mutations = fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.nat(12),
      put: fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('', '0', '-', ',', '\n', '"', 'NaN', '1e999', '{', ']', '.', ' ', '__proto__')),
    }),
    { minLength: 1, maxLength: 4 },
  )
  const mutate = (text: string, changes: readonly { at: number; cut: number; put: string }[]): string =>
    changes.reduce((now, { at, cut, put }) => {
      const i = Math.floor(at * now.length)
      return now.slice(0, i) + put + now.slice(i + cut)
    }, text)
  const holds = (json: string, csv: string): void => {
    try {
      const { points, latencyS } = parseTable({ json, csv, jsonPath: 'a.json', csvPath: 'a.csv', name: 'a' })
      expect(points).toHaveLength(latencyS.length)
      expect(latencyS.every((value) => value > 0 && Number.isFinite(value))).toBe(true)
    } catch (error) {
      if (!(error instanceof FlyballError)) throw error
      expect(error.code).toBe('ERR_TABLE')
      expect(error.message).toMatch(/^a\.(json|csv)/)
    }
  }

  it('gives a table that is right, or an error that names the file', () => {
    fc.assert(
      fc.property(mutations, fc.boolean(), (changes, inCsv) =>
        inCsv ? holds(json, mutate(smallCsv, changes)) : holds(mutate(json, changes), smallCsv),
      ),
      { numRuns: 2000, seed: 7 },
    )
  })

  it('and so does any JSON in any field', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(smallHalf), 'clusters', 'features', 'quality', 'units'), fc.jsonValue(), (field, value) =>
        holds(JSON.stringify({ ...smallHalf, [field]: value }), smallCsv),
      ),
      { numRuns: 1000, seed: 7 },
    )
  })
})
