import { describe, expect, it } from 'vitest'
import { makeTrips, type Trips } from '../../../agents/bayes/trips.ts'
import { monitorsOf } from '../../../src/core/monitors.ts'
import { makeSpaces, monitorIndex } from '../../../src/core/spaces.ts'

const spaces = makeSpaces({
  knobs: [{ name: 'cpu.freqHz', kind: 'frequency', unit: 'Hz', domain: 'cpu', values: [1e9, 2e9, 3e9] }],
  points: [{ 'cpu.freqHz': 1e9 }, { 'cpu.freqHz': 2e9 }, { 'cpu.freqHz': 3e9 }],
  monitors: monitorsOf([{ id: 'cpu', cores: 4 }]),
})
const all = [1, 1, 1]

function pass(trips: Trips, tempC: number, cost: number, mask: number[], nextMask: number[], change: Record<string, number> = {}): void {
  const observation = new Float64Array(spaces.monitors.length)
  const nextObservation = observation.slice()
  for (const [name, value] of Object.entries(change)) nextObservation[monitorIndex(spaces, name)] = value
  trips.learn({ observation, nextObservation, mask: Uint8Array.from(mask), nextMask: Uint8Array.from(nextMask) }, tempC, cost)
}

/** One that cost 0.2 and lost its fastest point at 71 degC. */
function throttled(): Trips {
  const trips = makeTrips(spaces)
  for (let tempC = 40; tempC < 71; tempC++) pass(trips, tempC, 0.2, all, all)
  pass(trips, 71, 0.2, all, [1, 1, 0])
  return trips
}

describe('trips', () => {
  it('are believed to be where those of other boards are, and beyond what was survived', () => {
    const trips = makeTrips(spaces)
    expect(trips.limitC(40)).toBe(80)
    expect(trips.throttledCost(40, 1)).toBeGreaterThan(1)
    pass(trips, 88, 0.2, all, all)
    expect(trips.limitC(88)).toBe(91)
    expect(trips.doubtC(88)).toBe(3)
  })

  it('are where points are lost, which is one trip while it lasts', () => {
    const trips = throttled()
    expect(trips.throttled).toBe(true)
    pass(trips, 73, 0.2, [1, 1, 0], [1, 0, 0])
    expect(trips.limitC(70)).toBe(71)
    pass(trips, 65, 0.3, [1, 0, 0], all)
    expect(trips.throttled).toBe(false)
  })

  it('cost what the best allowed point cost beside before', () => {
    const trips = throttled()
    for (let k = 0; k < 200; k++) pass(trips, 70, 0.3, [1, 1, 0], [1, 1, 0])
    expect(trips.throttledCost(70, 0.3)).toBeCloseTo(0.3, 6)
    pass(trips, 60, 0.3, [1, 1, 0], all)
    // 0.3 / 0.2
    expect(trips.throttledCost(60, 0.4)).toBeCloseTo(0.6, 6)
  })

  it('are no trips where a core was lost, or on a cool board', () => {
    const trips = makeTrips(spaces)
    pass(trips, 71, 0.2, all, [1, 1, 0], { 'cpu.availableCores': 3 })
    pass(trips, 40, 0.2, all, [1, 1, 0])
    expect(trips.throttled).toBe(false)
    expect(trips.limitC(60)).toBe(80)
  })

  it('move up where they are passed without loss', () => {
    const trips = throttled()
    pass(trips, 69, 0.2, [1, 1, 0], all)
    pass(trips, 76, 0.2, all, all)
    expect(trips.limitC(70)).toBe(76)
  })

  it('there may be several', () => {
    const trips = throttled()
    pass(trips, 85, 0.3, [1, 1, 0], [1, 0, 0])
    expect(trips.limitC(70)).toBe(71)
    expect(trips.limitC(80)).toBe(85)
  })

  it('go on as saved', () => {
    const trips = throttled()
    const other = makeTrips(spaces, JSON.parse(JSON.stringify(trips.save())))
    for (const each of [trips, other]) pass(each, 72, 0.25, [1, 1, 0], [1, 0, 0])
    expect(other.save()).toEqual(trips.save())
    expect(other.throttled).toBe(true)
  })
})
