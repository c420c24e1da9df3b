import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeActuate } from '../../../envs/board/actuate.ts'
import type { GovernedCluster } from '../../../envs/board/clusters.ts'
import type { PlannedPoint } from '../../../envs/board/points.ts'

const levels = [
  { value: 0.5, speed: 0.5 },
  { value: 1, speed: 1 },
]
const clusters: GovernedCluster[] = [
  { id: 'c0', boardCluster: 'cpu', cpus: [0, 1, 2, 3], frequency: 'pacing', levels },
  { id: 'c1', boardCluster: 'cpu', cpus: [4, 5], frequency: 'pacing', levels },
]
// subnet, cluster, cores, level
const planned: PlannedPoint[] = [
  { subnet: 0, cluster: 0, cores: 1, level: 0 },
  { subnet: 0, cluster: 0, cores: 2, level: 0 },
  { subnet: 0, cluster: 1, cores: 2, level: 0 },
  { subnet: 0, cluster: 1, cores: 2, level: 1 },
  { subnet: 1, cluster: 1, cores: 2, level: 1 },
  { subnet: 0, cluster: 0, cores: 4, level: 0 },
]
const point = { one: 0, two: 1, other: 2, otherFast: 3, otherLarge: 4, all: 5 }

/** Two lanes, placed where they are told to be. */
function make() {
  const available = new Uint8Array(6).fill(1)
  const interference = new Float64Array(6)
  const lanes = [-1, -1]
  const calls = { place: 0, moves: 0, frequency: [] as string[] }
  let version = 0
  let inForce = ''
  const actuate = makeActuate(
    planned,
    clusters,
    { available, version: () => version },
    interference,
    {
      place(cpus, n) {
        calls.place++
        const wanted = lanes.map((_, lane) => cpus[lane % n] as number)
        const moved = wanted.filter((cpu, lane) => cpu !== lanes[lane]).length
        calls.moves += moved
        lanes.splice(0, lanes.length, ...wanted)
        return moved > 0
      },
    },
    {
      set(cluster, level, cores) {
        const next = `${cluster} ${level} ${cores}`
        if (next === inForce) return false
        inForce = next
        calls.frequency.push(next)
        return true
      },
      speed: () => 0.5,
    },
  )
  const setAvailable = (...cpus: number[]) => {
    available.fill(0)
    for (const cpu of cpus) available[cpu] = 1
    version++
  }
  return { actuate, interference, lanes, calls, setAvailable }
}

describe('putting a point into force', () => {
  it('moves lanes and clock at first, and nothing when nothing changes', () => {
    const { actuate, calls, lanes } = make()
    expect(actuate.apply(point.other)).toBe(true)
    expect(lanes.toSorted()).toEqual([4, 5])
    expect(calls).toEqual({ place: 1, moves: 2, frequency: ['1 0 2'] })
    for (let i = 0; i < 5; i++) expect(actuate.apply(point.other)).toBe(false)
    // A thread that rested in between is put back each time.
    expect(calls).toEqual({ place: 6, moves: 2, frequency: ['1 0 2'] })
    expect(actuate.speed()).toBe(0.5)
  })

  it('says that a knob moved when only the level or only the sub-network did', () => {
    const { actuate, calls } = make()
    actuate.apply(point.other)
    expect(actuate.apply(point.otherFast)).toBe(true)
    expect(actuate.apply(point.otherFast)).toBe(false)
    expect(actuate.apply(point.otherLarge)).toBe(true)
    expect(actuate.apply(point.otherLarge)).toBe(false)
    expect(calls).toMatchObject({ moves: 2, frequency: ['1 0 2', '1 1 2'] })
  })

  it('takes the quietest cores of the cluster', () => {
    const { actuate, interference, lanes } = make()
    interference.set([0.9, 0.3, 0.6, 0.1, 0, 0])
    actuate.apply(point.one)
    expect(lanes).toEqual([3, 3])
    actuate.apply(point.two)
    expect(lanes.toSorted()).toEqual([1, 3])
  })

  it('holds a core of unknown interference for quiet', () => {
    const { actuate, interference, lanes } = make()
    interference.set([0.9, Number.NaN, 0.6, 0.1, 0, 0])
    actuate.apply(point.one)
    expect(lanes).toEqual([1, 1])
  })

  it('stays on a core until another is quieter by a quarter', () => {
    const { actuate, interference, lanes } = make()
    interference.set([0.1, 0, 0.1, 0.1, 0, 0])
    actuate.apply(point.one)
    expect(lanes).toEqual([1, 1])
    interference.set([0, 0.24, 0, 0, 0, 0])
    expect(actuate.apply(point.one)).toBe(false)
    expect(lanes).toEqual([1, 1])
    interference.set([0.1, 0.36, 0.2, 0.3, 0, 0])
    expect(actuate.apply(point.one)).toBe(true)
    expect(lanes).toEqual([0, 0])
  })

  it('keeps each lane where it is as long as its core is among the chosen', () => {
    const { actuate, interference, lanes, calls } = make()
    interference.set([0, 0.1, 0.8, 0.8, 0, 0])
    actuate.apply(point.two)
    const before = [...lanes]
    calls.moves = 0
    // The same two cores, in another order of loudness.
    interference.set([0.2, 0, 0.8, 0.8, 0, 0])
    expect(actuate.apply(point.two)).toBe(false)
    expect(lanes).toEqual(before)
    // One of the two becomes loud: only its lane moves.
    interference.set([0.7, 0, 0.8, 0.1, 0, 0])
    expect(actuate.apply(point.two)).toBe(true)
    expect(calls.moves).toBe(1)
    expect(lanes.toSorted()).toEqual([1, 3])
  })

  it('follows cores that go and come back', () => {
    const { actuate, lanes, setAvailable } = make()
    actuate.apply(point.other)
    setAvailable(0, 1, 2, 3, 5)
    expect(actuate.apply(point.other)).toBe(true)
    expect(lanes).toEqual([5, 5])
    setAvailable(2)
    actuate.apply(point.other)
    expect(lanes).toEqual([2, 2])
    setAvailable()
    actuate.apply(point.other)
    expect(lanes).toEqual([4, 4])
    setAvailable(0, 1, 2, 3, 4, 5)
    actuate.apply(point.other)
    expect(lanes.toSorted()).toEqual([4, 5])
  })

  it('always ends on the quietest available cores, up to the bonus of those in use', () => {
    const share = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100)
    const round = fc.record({ shares: fc.array(share, { minLength: 6, maxLength: 6 }), one: fc.boolean() })
    fc.assert(
      fc.property(fc.array(round, { minLength: 1, maxLength: 12 }), (rounds) => {
        const { actuate, interference, lanes } = make()
        for (const { shares, one } of rounds) {
          interference.set(shares)
          const before = new Set(lanes)
          actuate.apply(one ? point.one : point.two)
          const chosen = new Set(lanes)
          expect(chosen.size).toBe(one ? 1 : 2)
          const load = (cpu: number) => (shares[cpu] as number) - (before.has(cpu) ? 0.25 : 0)
          for (const cpu of chosen)
            for (const other of [0, 1, 2, 3]) if (!chosen.has(other)) expect(load(cpu)).toBeLessThanOrEqual(load(other) + 1e-12)
        }
      }),
    )
  })
})
