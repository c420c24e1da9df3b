import { describe, expect, it } from 'vitest'
import type { GovernedCluster } from '../../../envs/board/clusters.ts'
import { planPoints } from '../../../envs/board/points.ts'
import { makeNetwork } from '../../../src/network/manifest.ts'
import { twoIncrements } from '../../network/support.ts'

const network = makeNetwork('/nowhere', twoIncrements())
const level = (value: number, speed = value) => ({ value, speed })
const paced: GovernedCluster = { id: 'c0', boardCluster: 'cpu', cpus: [0, 1, 2], frequency: 'pacing', levels: [level(0.5), level(1)] }
const fixed: GovernedCluster = { id: 'c1', boardCluster: 'cpu', cpus: [3], frequency: 'fixed', levels: [level(1)] }
const clamped: GovernedCluster = { id: 'big', boardCluster: 'big', cpus: [4, 5, 6, 7], frequency: 'clamp', levels: [level(1e9, 0.5), level(2e9, 1)] }
const power = [[0.3, 1], [0.8]]

describe('the points of a plan', () => {
  it('are every sub-network on every cluster, number of cores and level', () => {
    const { spaces, planned } = planPoints(network, [paced, fixed], 2, power)
    expect(spaces.knobs).toEqual([
      { name: 'subnet', kind: 'subnet', values: ['50', '100'] },
      { name: 'cluster', kind: 'cluster', values: ['c0', 'c1'] },
      { name: 'cores', kind: 'cores', values: [1, 2] },
      { name: 'c0.speed', kind: 'frequency', domain: 'c0', values: [0.5, 1, 'free'] },
    ])
    // Two sub-networks, one or two of three cores (there are two lanes), two speeds; and two sub-networks on the other core.
    expect(spaces.points).toHaveLength(2 * 2 * 2 + 2)
    expect(spaces.points.slice(0, 5)).toEqual([
      { subnet: '50', cluster: 'c0', cores: 1, 'c0.speed': 0.5 },
      { subnet: '50', cluster: 'c0', cores: 1, 'c0.speed': 1 },
      { subnet: '50', cluster: 'c0', cores: 2, 'c0.speed': 0.5 },
      { subnet: '50', cluster: 'c0', cores: 2, 'c0.speed': 1 },
      { subnet: '100', cluster: 'c0', cores: 1, 'c0.speed': 0.5 },
    ])
    // While c1 works, nobody sets c0's clock.
    expect(spaces.points.slice(8)).toEqual([
      { subnet: '50', cluster: 'c1', cores: 1, 'c0.speed': 'free' },
      { subnet: '100', cluster: 'c1', cores: 1, 'c0.speed': 'free' },
    ])
    expect(new Set(spaces.points.map((point) => JSON.stringify(point))).size).toBe(10)
    expect(planned[3]).toEqual({ subnet: 0, cluster: 0, cores: 2, level: 1 })
    expect(planned[9]).toEqual({ subnet: 1, cluster: 1, cores: 1, level: 0 })
  })

  it('say what they mean physically', () => {
    const { spaces } = planPoints(network, [paced, fixed], 2, power)
    expect(spaces.featureNames).toEqual(['macShare', 'cores', 'c0.invSpeed', 'c1.invSpeed', 'c0.powerW', 'c1.powerW'])
    const row = (a: number) => Array.from(spaces.features.subarray(a * 6, a * 6 + 6))
    // 8 of 16 multiply-accumulates.
    expect(row(2)).toEqual([0.5, 2, 2, 0, 0.3, 0])
    expect(row(5)).toEqual([1, 1, 1, 0, 1, 0])
    expect(row(9)).toEqual([1, 1, 0, 1, 0, 0.8])
  })

  it('name real frequencies in Hz, and leave the other cluster free', () => {
    const { spaces } = planPoints(network, [paced, clamped], 4, [
      [0.3, 1],
      [0.5, 2],
    ])
    expect(spaces.knobs.at(-1)).toEqual({ name: 'big.freqHz', kind: 'frequency', unit: 'Hz', domain: 'big', values: [1e9, 2e9, 'free'] })
    // 1, 2 and all of three cores; 1, 2 and 4 of four.
    expect(spaces.knobs[2]?.values).toEqual([1, 2, 3, 4])
    expect(spaces.points).toHaveLength(2 * 3 * 2 + 2 * 3 * 2)
    for (const point of spaces.points) expect([point['c0.speed'] === 'free', point['big.freqHz'] === 'free']).toContain(true)
  })

  it('have no frequency knob where nothing can be chosen', () => {
    const { spaces } = planPoints(network, [fixed], 4, [[0.8]])
    expect(spaces.knobs.map((knob) => knob.name)).toEqual(['subnet', 'cluster', 'cores'])
    expect(spaces.points).toEqual([
      { subnet: '50', cluster: 'c1', cores: 1 },
      { subnet: '100', cluster: 'c1', cores: 1 },
    ])
  })

  it('come with monitors of each cluster, then of board, stream and requirements', () => {
    const { spaces } = planPoints(network, [paced, fixed], 2, power)
    expect(spaces.monitors.map((monitor) => monitor.name)).toEqual([
      'c0.interference',
      'c1.interference',
      'c0.availableCores',
      'c1.availableCores',
      'pressure',
      'tempC',
      'queueLength',
      'waitedS',
      'latencyRatio',
      'deadlineS',
      'energyBudgetJ',
      'accuracyFloor',
    ])
    expect(spaces.monitors[2]).toEqual({ name: 'c0.availableCores', low: 0, high: 3 })
  })
})
