import { describe, expect, it } from 'vitest'
import { simBoardOf } from '../../../envs/sim/board.ts'
import { constants } from '../../../envs/sim/constants.ts'
import { clusterFits, coreTypes } from '../../../envs/sim/core-types.ts'
import { date2020 } from '../../../envs/sim/network.ts'
import { planSimPoints } from '../../../envs/sim/points.ts'
import { readShipped } from '../../../src/board/known/shipped.ts'
import { errorOf } from '../../support/error-of.ts'
import { makeKnownBoard } from '../../support/known-board.ts'

const clusterOf = (board: ReturnType<typeof simBoardOf>, id: string) => {
  const cluster = board.clusters.find((one) => one.id === id)
  if (cluster === undefined) throw new Error(`no cluster ${id}`)
  return cluster
}

describe('a board to simulate', () => {
  it('has the CPU clusters of its file, with power as given or by C V^2 f', () => {
    const board = simBoardOf(makeKnownBoard())
    expect(board.clusters.map(({ id, cores }) => [id, cores])).toEqual([
      ['little', 4],
      ['big', 2],
    ])
    // 1e-10 F at 0.8 V and 1 GHz.
    expect(clusterOf(board, 'little').coreW[1]).toBeCloseTo(0.064, 12)
    expect(clusterOf(board, 'big').coreW).toEqual([0.5, 1.5])
    // A voltage that is unknown is in the power already.
    expect(clusterOf(board, 'big').voltageV).toEqual([1, 1])
  })

  it('gives cores without figures of their own what their capacity beside the fastest says', () => {
    const board = simBoardOf(makeKnownBoard())
    const [little, big] = [clusterOf(board, 'little'), clusterOf(board, 'big')]
    // Speeds at the top: 1 GHz of the little beside 2 GHz of the big one.
    expect((little.macsPerCycle * 1e9) / (big.macsPerCycle * 2e9)).toBeCloseTo(0.4, 12)
    expect(big.macsPerCycle).toBe(coreTypes['arm,cortex-a76']?.macsPerCycle)
    expect(little.bandwidthBps / big.bandwidthBps).toBeCloseTo(0.4, 12)
    expect(big.transitionS).toEqual([constants.transitionS.value, constants.transitionS.value])
  })

  it('finds the fastest by capacity, which has the clock in it: a stronger core may be clocked lower', () => {
    const known = makeKnownBoard()
    const [little, big] = known.clusters
    if (little === undefined || big === undefined) throw new Error('no clusters')
    // At 2.1 GHz the little core is 0.96 of the big one at 2 GHz: times its clock it would seem to be the faster.
    little.capacity = 0.96
    little.opps = [
      { freqHz: 5e8, voltageV: 0.7 },
      { freqHz: 2.1e9, voltageV: 0.8 },
    ]
    const board = simBoardOf(known)
    expect(clusterOf(board, 'big').macsPerCycle).toBe(coreTypes['arm,cortex-a76']?.macsPerCycle)
    expect((clusterOf(board, 'little').macsPerCycle * 2.1e9) / (clusterOf(board, 'big').macsPerCycle * 2e9)).toBeCloseTo(0.96, 12)
  })

  it('takes a capacity as that of the top clock without turbo', () => {
    const known = makeKnownBoard()
    const [little, big] = known.clusters
    if (little === undefined || big === undefined) throw new Error('no clusters')
    little.opps = [...little.opps, { freqHz: 1.2e9, voltageV: 0.9, turbo: true }]
    big.opps = [...big.opps, { freqHz: 3e9, powerW: 4, turbo: true }]
    const board = simBoardOf(known)
    // Still 0.4 at 1 GHz beside 1 at 2 GHz.
    expect((clusterOf(board, 'little').macsPerCycle * 1e9) / (clusterOf(board, 'big').macsPerCycle * 2e9)).toBeCloseTo(0.4, 12)
    const { spaces } = planSimPoints(date2020, board)
    const speed = spaces.featureNames.indexOf('speed')
    const speeds = spaces.points.map((point, a) => [
      point['little.freqHz'],
      point['big.freqHz'],
      spaces.features[a * spaces.featureNames.length + speed],
    ])
    expect(speeds).toContainEqual([1.2e9, 'free', 0.48])
    expect(speeds).toContainEqual(['free', 2e9, 1])
    expect(speeds).toContainEqual(['free', 3e9, 1.5])
  })

  it('counts capacities beside the best there is', () => {
    const known = makeKnownBoard()
    const [little, big] = known.clusters
    if (little === undefined || big === undefined) throw new Error('no clusters')
    little.capacity = 0.2
    big.capacity = 0.5
    expect(simBoardOf(known)).toEqual(simBoardOf(makeKnownBoard()))
  })

  it('takes what is fitted where it is, and the transition of the catalogue', () => {
    const a15 = clusterOf(simBoardOf(readShipped('odroid-xu4')), 'a15')
    expect(a15.macsPerCycle).toBe(clusterFits['odroid-xu4/a15']?.macsPerCycle)
    expect(a15.leakageW).toBe(0.0816)
    expect(a15.transitionS[3]).toBe(0.00014)
    expect(a15.bandwidthBps).toBe(2286500000)
  })

  it('uses a share of a rated memory where nobody copied', () => {
    const known = makeKnownBoard()
    const board = simBoardOf({ ...known, memory: { bandwidth: [{ kind: 'rated', bandwidthBps: 1e10 }] } })
    expect(clusterOf(board, 'big').bandwidthBps).toBe(1e10 * constants.ratedShare.value)
  })

  it('refuses a board that says too little', () => {
    const known = makeKnownBoard()
    const { memory: _, ...rest } = known
    const error = errorOf(() => simBoardOf({ ...rest, thermalZones: [] }))
    expect([error.code, error.exitCode]).toEqual(['ERR_UNKNOWN_BOARD', 2])
    expect(error.message).toMatch(/^made-up cannot be simulated: memory\.bandwidth: .*; thermalZones: /)
  })
})

describe('constants of the simulator', () => {
  it('carry a source each, or the word assumed', () => {
    const sourced = [...Object.entries(constants), ...Object.entries(coreTypes), ...Object.entries(clusterFits)]
    for (const [name, { from }] of sourced) expect(from, name).toMatch(/assumed|\.rst|catalogue|window of the board environment|as recalled/)
  })
})
