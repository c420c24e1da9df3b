import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ClusterOptions, governedClusters } from '../../../envs/board/clusters.ts'
import { discoverBoard } from '../../../src/board/discover.ts'
import { type Unpacked, unpackBoard } from '../../fixtures/boards/unpack.ts'
import { errorOf } from '../../support/error-of.ts'

const unpack = (name: string): Unpacked => {
  const tree = unpackBoard(name)
  onTestFinished(() => tree.remove())
  return tree
}
const boardOf = (name: string) => discoverBoard({ root: unpack(name).root })
const all = (n: number): number[] => Array.from({ length: n }, (_, cpu) => cpu)
const options = (changes: Partial<ClusterOptions> = {}): ClusterOptions => ({ virtual: 'auto', allowed: all(8), mostLevels: 5, ...changes })
const defaults = [0.4, 0.55, 0.75, 1].map((speed) => ({ value: speed, speed }))

describe('clusters of a board', () => {
  it('are clamped where cpufreq may be written: lowest, highest and evenly spaced OPPs between', () => {
    const clusters = governedClusters(boardOf('odroid-xu4'), options())
    expect(clusters.map(({ id, cpus, frequency }) => ({ id, cpus, frequency }))).toEqual([
      { id: 'little', cpus: [0, 1, 2, 3], frequency: 'clamp' },
      { id: 'big', cpus: [4, 5, 6, 7], frequency: 'clamp' },
    ])
    for (const { levels } of clusters) {
      expect(levels).toHaveLength(5)
      expect(levels.map(({ value }) => value)).toEqual(levels.map(({ value }) => value).toSorted((a, b) => a - b))
      const top = levels.at(-1)?.value as number
      for (const { value, speed } of levels) expect(speed).toBeCloseTo(value / top, 12)
    }
    // 200 MHz to 1.4 GHz in steps of 100 MHz: every third of thirteen. 200 MHz to 2 GHz: nineteen.
    expect(clusters.map(({ levels }) => levels.map(({ value }) => value / 1e6))).toEqual([
      [200, 500, 800, 1100, 1400],
      [200, 700, 1100, 1600, 2000],
    ])
  })

  it('offer every OPP where there are few', () => {
    const [little] = governedClusters(boardOf('odroid-xu4'), options({ mostLevels: 100 }))
    expect(little?.levels.map(({ value }) => value / 1e6)).toEqual([200, 300, 400, 500, 600, 700, 800, 900, 1000, 1100, 1200, 1300, 1400])
    const [two] = governedClusters(boardOf('odroid-xu4'), options({ mostLevels: 2 }))
    expect(two?.levels.map(({ value }) => value / 1e6)).toEqual([200, 1400])
  })

  it('leave reserved and forbidden cores out, and clusters that have none left', () => {
    const clusters = governedClusters(boardOf('odroid-xu4'), options({ allowed: [0, 2, 3] }))
    expect(clusters.map(({ id, cpus }) => ({ id, cpus }))).toEqual([{ id: 'little', cpus: [0, 2, 3] }])
    const { code, message } = errorOf(() => governedClusters(boardOf('odroid-xu4'), options({ allowed: [] })))
    expect(code).toBe('ERR_UNKNOWN_BOARD')
    expect(message).toContain('allowed are none')
  })

  it('are fixed where the frequency exists and may not be written', () => {
    const { root, unprivileged } = unpack('odroid-xu4')
    const board = unprivileged(() => discoverBoard({ root }))
    expect(board.clusters.filter((cluster) => cluster.kind === 'cpu').map((cluster) => cluster.writable)).toEqual(['denied', 'denied'])
    for (const { frequency, levels } of governedClusters(board, options())) {
      expect(frequency).toBe('fixed')
      expect(levels).toEqual([{ value: 1, speed: 1 }])
    }
  })

  it('have virtual OPPs where there is no cpufreq, unless they are not wanted', () => {
    const board = boardOf('vm')
    const cpus = board.clusters.flatMap((cluster) => cluster.cpus)
    const [auto] = governedClusters(board, options())
    expect(auto).toEqual({ id: 'cpu', boardCluster: 'cpu', cpus, frequency: 'pacing', levels: defaults })
    expect(governedClusters(board, options({ virtual: 'bandwidth' }))[0]).toMatchObject({ frequency: 'bandwidth', levels: defaults })
    expect(governedClusters(board, options({ virtual: 'none' }))[0]).toMatchObject({ frequency: 'fixed', levels: [{ value: 1, speed: 1 }] })
  })

  it('are paced on a real frequency table when asked', () => {
    for (const { frequency, levels } of governedClusters(boardOf('odroid-xu4'), options({ virtual: 'pacing' })))
      expect({ frequency, levels }).toEqual({ frequency: 'pacing', levels: defaults })
  })
})

describe('--clusters', () => {
  const split = (text: string, changes: Partial<ClusterOptions> = {}) => governedClusters(boardOf('vm'), options({ split: text, ...changes }))

  it('splits the cores into virtual clusters', () => {
    const one = { boardCluster: 'cpu', frequency: 'pacing', levels: defaults }
    expect(split('0,1')).toEqual([
      { id: 'c0', cpus: [0], ...one },
      { id: 'c1', cpus: [1], ...one },
    ])
    expect(split('0-1')).toEqual([{ id: 'c0', cpus: [0, 1], ...one }])
    expect(split('1+0')).toEqual([{ id: 'c0', cpus: [0, 1], ...one }])
  })

  it('gives each a range of speeds', () => {
    const speeds = split('0@0.4-0.8,1').map(({ levels }) => levels.map(({ speed }) => speed))
    // 1 + floor(ln 2 / ln 1.3) = 3 steps, each sqrt(2) above the one before.
    expect(speeds).toEqual([
      [0.4, 0.566, 0.8],
      [0.4, 0.55, 0.75, 1],
    ])
    expect(split('0@.5-.5')[0]?.levels).toEqual([{ value: 0.5, speed: 0.5 }])
    expect(split('0@0.9-1')[0]?.levels.map(({ speed }) => speed)).toEqual([0.9, 1])
  })

  it('is a range that rises from its first to its last number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 0, max: 999 }), (low, more) => {
        const from = low / 1000
        const to = Math.min(1, from + more / 1000)
        const speeds = governedClusters(vm, options({ split: `0@${from}-${to.toFixed(3)}` }))[0]?.levels.map(({ speed }) => speed) ?? []
        expect(speeds[0]).toBeCloseTo(from, 9)
        expect(speeds.at(-1)).toBeCloseTo(to, 9)
        expect(speeds.length).toBeLessThanOrEqual(4)
        expect(speeds).toEqual([...new Set(speeds)].toSorted((a, b) => a - b))
      }),
    )
  })

  it('takes the method of --virtual', () => {
    expect(split('0,1', { virtual: 'bandwidth' }).map(({ frequency }) => frequency)).toEqual(['bandwidth', 'bandwidth'])
    expect(split('0,1', { virtual: 'none' })).toEqual([
      { id: 'c0', boardCluster: 'cpu', cpus: [0], frequency: 'fixed', levels: [{ value: 1, speed: 1 }] },
      { id: 'c1', boardCluster: 'cpu', cpus: [1], frequency: 'fixed', levels: [{ value: 1, speed: 1 }] },
    ])
  })

  it.each([
    ['', 'ERR_USAGE'],
    ['0,', 'ERR_USAGE'],
    ['zero', 'ERR_USAGE'],
    ['0@', 'ERR_USAGE'],
    ['0@0.4', 'ERR_USAGE'],
    ['0@0.4-', 'ERR_USAGE'],
    ['1-0', 'ERR_USAGE'],
    ['0,0', 'ERR_RANGE'],
    ['0-1,1', 'ERR_RANGE'],
    ['0,9', 'ERR_RANGE'],
    ['0@0.8-0.4', 'ERR_RANGE'],
    ['0@0-0.4', 'ERR_RANGE'],
    ['0@0.5-1.1', 'ERR_RANGE'],
  ])("'%s' gives %s", (text, code) => {
    const error = errorOf(() => split(text))
    expect(error.code).toBe(code)
    expect(error.message).toContain('--clusters')
  })
})

const vm = (() => {
  const tree = unpackBoard('vm')
  try {
    return discoverBoard({ root: tree.root })
  } finally {
    tree.remove()
  }
})()
