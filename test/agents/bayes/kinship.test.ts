import { describe, expect, it } from 'vitest'
import { makeAxes } from '../../../agents/bayes/axes.ts'
import { findKinship } from '../../../agents/bayes/kinship.ts'
import { monitorsOf } from '../../../src/core/monitors.ts'
import { type Knob, makeSpaces, type OperatingPoint, type Spaces } from '../../../src/core/spaces.ts'

interface Cluster {
  readonly id: string
  readonly freqHz: readonly number[]
  readonly capacity: number
}

/** A board whose clusters have a clock each, free while another works. */
function board(clusters: readonly Cluster[], subnets: readonly string[] = ['25', '100']): { spaces: Spaces; axes: ReturnType<typeof makeAxes> } {
  const knobs: Knob[] = [
    { name: 'subnet', kind: 'subnet', values: subnets },
    { name: 'cluster', kind: 'cluster', values: clusters.map(({ id }) => id) },
    ...clusters.map(({ id, freqHz }): Knob => ({ name: `${id}.freqHz`, kind: 'frequency', domain: id, unit: 'Hz', values: [...freqHz, 'free'] })),
  ]
  const planned = clusters.flatMap((cluster) => subnets.flatMap((subnet) => cluster.freqHz.map((freqHz) => ({ subnet, cluster, freqHz }))))
  const points = planned.map(
    ({ subnet, cluster, freqHz }): OperatingPoint => ({
      subnet,
      cluster: cluster.id,
      ...Object.fromEntries(clusters.map(({ id }) => [`${id}.freqHz`, id === cluster.id ? freqHz : 'free'])),
    }),
  )
  const features = planned.map(({ subnet, cluster, freqHz }) => [Number(subnet), cluster.capacity, (cluster.capacity * freqHz) / 2e9])
  const spaces = makeSpaces({
    knobs,
    points,
    featureNames: ['macs', 'capacity', 'speed'],
    features,
    monitors: monitorsOf(clusters.map(({ id }) => ({ id, cores: 4 }))),
  })
  return { spaces, axes: makeAxes(spaces) }
}

const earlier = board([
  { id: 'little', freqHz: [0.5e9, 1e9], capacity: 0.3 },
  { id: 'big', freqHz: [1e9, 2e9], capacity: 1 },
])
const nameOf = (spaces: { axes: ReturnType<typeof makeAxes> }, a: number): string => spaces.axes.axes[a]?.name as string

describe('what continues what', () => {
  it('is every axis by its name and values for another network on the same board', () => {
    const { likeness, at, clusterOf } = findKinship(
      earlier,
      board([
        { id: 'little', freqHz: [0.5e9, 1e9], capacity: 0.3 },
        { id: 'big', freqHz: [1e9, 2e9], capacity: 1 },
      ]),
    )
    expect(likeness.map(({ wiggle }) => wiggle > 0)).toEqual([true, true, true, true])
    at.x.forEach((x, a) => {
      expect(x).toEqual(earlier.axes.axes[a]?.x)
      expect(at.active[a]).toEqual(earlier.axes.axes[a]?.active)
    })
    expect(Array.from(clusterOf)).toEqual([0, 1])
  })

  it('is a clock by the speed of its cores on another board, whatever it is called and in whatever order', () => {
    const here = board([
      { id: 'a76', freqHz: [1.2e9, 2.4e9], capacity: 1 },
      { id: 'a55', freqHz: [0.9e9, 1.8e9], capacity: 0.4 },
    ])
    const { likeness, explained, at, clusterOf } = findKinship(earlier, here)
    expect(Array.from(clusterOf)).toEqual([1, 0])
    // Nothing of single values, as these are others.
    expect(likeness.map(({ wiggle }) => wiggle)).toEqual([expect.any(Number), 0, 0, 0])
    for (const { slope } of explained) expect(slope).toBeGreaterThan(0.5)
    const big = earlier.axes.axes.findIndex(({ name }) => name === 'big.freqHz')
    const cluster = earlier.axes.axes.findIndex(({ role }) => role === 'cluster')
    here.spaces.points.forEach((point, i) => {
      expect(at.active[big]?.[i]).toBe(point['cluster'] === 'a76' ? 1 : 0)
      // Beside its own highest clock.
      if (point['cluster'] === 'a76') expect(at.x[big]?.[i]).toBeCloseTo(Math.log((point['a76.freqHz'] as number) / 2.4e9), 12)
      expect(nameOf(earlier, cluster)).toBe('cluster')
      expect(earlier.axes.axes[cluster]?.labels[at.x[cluster]?.[i] as number]).toBe(point['cluster'] === 'a76' ? 'big' : 'little')
    })
  })

  it('lets two clusters of a kind continue the same one', () => {
    const { clusterOf, likeness } = findKinship(
      earlier,
      board([
        { id: 'one', freqHz: [1.2e9, 2.4e9], capacity: 1 },
        { id: 'two', freqHz: [1.2e9, 2.4e9], capacity: 1 },
      ]),
    )
    expect(Array.from(clusterOf)).toEqual([1, 1])
    expect(likeness[earlier.axes.axes.findIndex(({ name }) => name === 'little.freqHz')]?.slope).toBe(0)
  })

  it('is nothing where a knob does something else', () => {
    const spaces = makeSpaces({
      knobs: [{ name: 'batch', kind: 'other', values: [1, 2] }],
      points: [{ batch: 1 }, { batch: 2 }],
      monitors: [],
    })
    const { likeness, explained } = findKinship(earlier, { spaces, axes: makeAxes(spaces) })
    expect([...likeness, ...explained].every(({ slope, pair }) => slope === 0 && pair === 0)).toBe(true)
  })
})
