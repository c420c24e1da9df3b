import { describe, expect, it } from 'vitest'
import { figuresOf, pathOf, sourcesOf, splitSources } from '../../../src/board/known/figures.ts'
import { makeKnownBoard } from '../../support/known-board.ts'

const board = makeKnownBoard()
const figures = figuresOf(board)
const at = (path: string) => figures.find((figure) => pathOf(figure) === path) as (typeof figures)[number]
const documents = (path: string, fields: string[][]) =>
  sourcesOf(at(path), splitSources(fields.map((one, i) => ({ fields: one, document: String(i) })))).map((source) => source.document)

describe('figures', () => {
  it('are all numbers and the pitfalls, sources left out', () => {
    // 4 + 2 CPUs, 2 capacities, 1 capacitance, 4 OPPs of 2 numbers, a bandwidth, a temperature, a pitfall.
    expect(figures).toHaveLength(6 + 2 + 1 + 8 + 1 + 1 + 1)
    expect(figures.map(pathOf)).toContain('clusters.1.opps.0.powerW')
  })
})

describe('the source of a figure', () => {
  it('is the one with the longest path, by index or id', () => {
    expect(documents('clusters.1.opps.0.powerW', [['clusters'], ['clusters.big.opps']])).toEqual(['1'])
    expect(documents('clusters.1.opps.0.powerW', [['clusters.1'], ['clusters.little.opps']])).toEqual(['0'])
    expect(documents('clusters.0.capacity', [['clusters'], ['clusters.big.opps']])).toEqual(['0'])
  })

  it('stands for any step with a star, which says less than a name', () => {
    expect(documents('clusters.1.opps.0.powerW', [['clusters.*.opps'], ['clusters.big.opps']])).toEqual(['1'])
    expect(documents('clusters.1.opps.0.powerW', [['clusters.*.opps.*.powerW'], ['clusters.big.opps']])).toEqual(['0'])
    expect(documents('memory.bandwidth.0.bandwidthBps', [['*'], ['clusters']])).toEqual(['0'])
  })

  it('may be two, or none', () => {
    expect(documents('clusters.1.capacity', [['memory', 'clusters'], ['clusters'], ['pitfalls']])).toEqual(['0', '1'])
    expect(documents('clusters.1.capacity', [['clusters.1.capacity.deeper'], ['memory']])).toEqual([])
  })
})
