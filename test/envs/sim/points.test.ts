import { describe, expect, it } from 'vitest'
import { simBoardOf } from '../../../envs/sim/board.ts'
import { date2020 } from '../../../envs/sim/network.ts'
import { planSimPoints } from '../../../envs/sim/points.ts'
import { readShipped } from '../../../src/board/known/shipped.ts'
import { makeKnownBoard } from '../../support/known-board.ts'

describe('operating points of a simulated board', () => {
  it('are every sub-network on every cluster, 1, 2, 4 … and all cores, and OPP', () => {
    const { spaces, points } = planSimPoints(date2020, simBoardOf(makeKnownBoard()))
    // 4 sub-networks x (3 numbers of cores x 2 OPPs + 2 x 2).
    expect(points).toHaveLength(40)
    expect(spaces.points[0]).toEqual({ subnet: '25', cluster: 'little', cores: 1, 'little.freqHz': 5e8, 'big.freqHz': 'free' })
    expect(spaces.points.at(-1)).toEqual({ subnet: '100', cluster: 'big', cores: 2, 'little.freqHz': 'free', 'big.freqHz': 2e9 })
  })

  it('take at most eight OPPs of a cluster, the ends among them, or all when asked', () => {
    const board = simBoardOf(readShipped('odroid-xu4'))
    const { spaces } = planSimPoints(date2020, board)
    const levels = spaces.knobs.find(({ name }) => name === 'a15.freqHz')?.values.filter((value) => value !== 'free') as number[]
    expect(levels).toHaveLength(8)
    expect([levels[0], levels.at(-1)]).toEqual([2e8, 2e9])
    expect(spaces.points).toHaveLength(4 * 3 * 8 * 2)
    expect(planSimPoints(date2020, board, 100).points).toHaveLength(4 * 3 * (13 + 19))
  })

  it('are 512 on an ODROID-XU4 of which every number of cores and every OPP is taken', () => {
    const { spaces, points } = planSimPoints(date2020, simBoardOf(readShipped('odroid-xu4')), Number.POSITIVE_INFINITY, true)
    expect(points).toHaveLength(512)
    expect(new Set(spaces.points.map((point) => JSON.stringify(point))).size).toBe(512)
    expect(spaces.knobs.find(({ name }) => name === 'cores')?.values).toEqual([1, 2, 3, 4])
  })

  it('carry what physics says of them', () => {
    const { spaces } = planSimPoints(date2020, simBoardOf(makeKnownBoard()))
    const row = (a: number) => Object.fromEntries(spaces.featureNames.map((name, i) => [name, spaces.features[a * spaces.featureNames.length + i]]))
    const little = row(spaces.points.findIndex((point) => point['little.freqHz'] === 5e8 && point['cores'] === 2))
    expect(little['cores']).toBe(2)
    expect(little['little.invFreq']).toBe(2)
    expect(little['little.v2f']).toBeCloseTo(0.49 * 0.5, 12)
    expect([little['big.invFreq'], little['big.v2f']]).toEqual([0, 0])
    // Half the top clock of a core that has 0.4 of the fastest.
    expect(little['speed']).toBeCloseTo(0.2, 12)
    // Two cores of 1e-10 F at 0.7 V and 500 MHz.
    expect(little['powerW']).toBeCloseTo(2 * 1e-10 * 0.49 * 5e8, 12)
  })
})
