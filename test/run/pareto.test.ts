import { describe, expect, it } from 'vitest'
import { paretoOf } from '../../src/run/pareto.ts'

type Row = readonly [name: string, latencyS: number, energyJ: number, accuracy: number]

const pareto = (...rows: readonly Row[]): string[] =>
  paretoOf(
    rows.map(([name]) => ({ name })),
    rows.map(([, latencyS, energyJ, accuracy]) => ({ latencyS, energyJ, accuracy })),
    [...rows.keys()],
  ).map(({ point }) => point)

describe('the points that no other one beats', () => {
  it('are better in latency, energy or accuracy, the fastest first', () => {
    const found = pareto(
      ['slow-and-thrifty', 3, 1, 0.5],
      ['fast', 1, 3, 0.5],
      ['beaten-by-both', 3, 3, 0.5],
      ['accurate', 4, 4, 0.9],
      ['as-good', 4, 4, 0.9],
    )
    expect(found).toEqual(['name=fast', 'name=slow-and-thrifty', 'name=accurate', 'name=as-good'])
  })

  it('are the fastest where nothing else is known, and unknown is null', () => {
    const { NaN: unknown } = Number
    expect(pareto(['a', 2, unknown, unknown], ['b', 1, unknown, unknown], ['c', 1, unknown, unknown])).toEqual(['name=b', 'name=c'])
    const [only] = paretoOf([{ cores: 2 }], [{ latencyS: 1, energyJ: unknown, accuracy: unknown }], [0])
    expect(only).toEqual({ point: 'cores=2', latencyS: 1, energyJ: null, accuracy: null })
  })

  it('are looked for among those asked for', () => {
    const outcomes = [1, 2, 3].map((latencyS) => ({ latencyS, energyJ: 1, accuracy: 1 }))
    expect(paretoOf([{ a: 1 }, { a: 2 }, { a: 3 }], outcomes, [1, 2]).map(({ point }) => point)).toEqual(['a=2'])
  })
})
