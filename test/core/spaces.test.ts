import { describe, expect, it } from 'vitest'
import { describePoint, makeSpaces, monitorIndex, type SpacesInput } from '../../src/core/spaces.ts'
import { errorOf } from '../support/error-of.ts'

const input = (): SpacesInput => ({
  knobs: [
    { name: 'subnet', kind: 'subnet', values: ['50', '100'] },
    { name: 'big.freqHz', kind: 'frequency', unit: 'Hz', domain: 'big', values: [1e9, 2e9] },
  ],
  points: [
    { subnet: '50', 'big.freqHz': 1e9 },
    { subnet: '100', 'big.freqHz': 2e9 },
  ],
  featureNames: ['macShare', 'invSpeed'],
  features: [
    [0.5, 2],
    [1, 1],
  ],
  monitors: [
    { name: 'big.interference', low: 0, high: 1 },
    { name: 'tempC', low: 20, high: 100 },
  ],
})

describe('spaces', () => {
  it('lay features out row by row', () => {
    const spaces = makeSpaces(input())
    expect(Array.from(spaces.features)).toEqual([0.5, 2, 1, 1])
    expect(monitorIndex(spaces, 'tempC')).toBe(1)
    expect(monitorIndex(spaces, 'humidity')).toBe(-1)
  })

  it.each<[string, (spaces: SpacesInput) => SpacesInput, string]>([
    ['no point', (spaces) => ({ ...spaces, points: [] }), 'at least one'],
    [
      'a point without a knob',
      (spaces) => ({ ...spaces, points: [{ subnet: '50' }] }),
      'point 0: knob big.freqHz is undefined, expected one of 1000000000, 2000000000',
    ],
    [
      'a value the knob does not have',
      (spaces) => ({ ...spaces, points: [{ subnet: '75', 'big.freqHz': 1e9 }] }),
      'knob subnet is 75, expected one of 50, 100',
    ],
    ['a number where a text is meant', (spaces) => ({ ...spaces, points: [{ subnet: 50, 'big.freqHz': 1e9 }] }), 'knob subnet is 50'],
    ['a knob that does not exist', (spaces) => ({ ...spaces, points: [{ subnet: '50', 'big.freqHz': 1e9, warp: 9 }] }), 'no knob is called warp'],
  ])('refuse %s', (_, change, message) => {
    const error = errorOf(() => makeSpaces(change(input())))
    expect(error.code).toBe('ERR_UNKNOWN_KNOB')
    expect(error.message).toContain(message)
  })

  it('have the same signature whatever the features and the ranges of monitors are', () => {
    const { signature } = makeSpaces(input())
    const { features: _features, featureNames: _names, ...bare } = input()
    expect(makeSpaces(bare).signature).toBe(signature)
    expect(makeSpaces({ ...input(), monitors: input().monitors.map((monitor) => ({ ...monitor, high: 7 })) }).signature).toBe(signature)
  })

  it.each<[string, (spaces: SpacesInput) => SpacesInput]>([
    ['points are in another order', (spaces) => ({ ...spaces, points: spaces.points.toReversed() })],
    ['a point is missing', (spaces) => ({ ...spaces, points: spaces.points.slice(1), features: [[1, 1]] })],
    ['monitors are in another order', (spaces) => ({ ...spaces, monitors: spaces.monitors.toReversed() })],
    ['a monitor has another name', (spaces) => ({ ...spaces, monitors: [{ name: 'pressure', low: 0, high: 1 }, ...spaces.monitors.slice(1)] })],
    ['a knob has another unit', (spaces) => ({ ...spaces, knobs: spaces.knobs.map((knob) => ({ ...knob, unit: 'kHz' })) })],
  ])('have another signature when %s', (_, change) => {
    expect(makeSpaces(change(input())).signature).not.toBe(makeSpaces(input()).signature)
  })

  it('name a point in words', () => {
    expect(describePoint({ subnet: '50', cluster: 'big', 'big.freqHz': 1.8e9, 'little.freqHz': 'free' })).toBe(
      'subnet=50 cluster=big big.freqHz=1800MHz little.freqHz=free',
    )
    expect(describePoint({ cpuFreqHz: 1.2e9, batch: 4 })).toBe('cpuFreqHz=1200MHz batch=4')
  })
})
