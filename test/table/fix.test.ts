import { describe, expect, it } from 'vitest'
import { fixKnobs } from '../../src/table/fix.ts'
import { errorOf } from '../support/error-of.ts'
import { bareTable, parseSmall, smallHalf } from '../support/tables.ts'

describe('a fixed knob', () => {
  it('keeps the rows with its value, and is gone', () => {
    const fixed = fixKnobs(parseSmall(), ['cluster=little'])
    expect(fixed.points).toEqual([
      { subnet: 'small', freqHz: 600e6 },
      { subnet: 'small', freqHz: 1200e6 },
      { subnet: 'large', freqHz: 600e6 },
      { subnet: 'large', freqHz: 1200e6 },
    ])
    expect(Array.from(fixed.latencyS)).toEqual([0.06, 0.03, 0.24, 0.12])
    // No row of little has 1.8 GHz.
    expect(fixed.knobs).toEqual([
      { name: 'subnet', kind: 'subnet', values: ['small', 'large'] },
      { name: 'freqHz', kind: 'frequency', unit: 'Hz', values: [600e6, 1200e6] },
    ])
    expect(fixed.clusters.map(({ id }) => id)).toEqual(['little'])
  })

  it('may be several, numbers or frequencies with their unit', () => {
    expect(fixKnobs(bareTable(), ['cores=4.0', 'gpuFreqHz=800MHz'])).toMatchObject({ points: [{}], knobs: [], latencyS: new Float64Array([0.03]) })
    expect(fixKnobs(bareTable(), ['gpuFreqHz=400000000']).points).toEqual([{ cores: 2 }, { cores: 4 }])
    expect(fixKnobs(bareTable(), [])).toEqual(bareTable())
  })

  it('takes the features of its rows along', () => {
    const features = { names: ['x'], rows: Array.from({ length: 8 }, (_, a) => [a]) }
    expect(fixKnobs(parseSmall({ ...smallHalf, features }), ['subnet=large']).features?.rows).toEqual([[4], [5], [6], [7]])
  })

  it.each([
    ['batch', 'ERR_USAGE', "'batch' is no setting, expected KNOB=VALUE"],
    ['=1', 'ERR_USAGE', "'=1' is no setting"],
    ['batch=1', 'ERR_UNKNOWN_KNOB', "small has no knob 'batch', expected one of subnet, cluster, freqHz"],
    ['clusters=big', 'ERR_UNKNOWN_KNOB', 'did you mean cluster?'],
    ['cluster=huge', 'ERR_UNKNOWN_KNOB', "'huge' is no value of cluster in small, expected one of little, big"],
    ['freqHz=1GHz', 'ERR_UNKNOWN_KNOB', "'1GHz' is no value of freqHz in small, expected one of 600000000"],
    ['freqHz=1furlong', 'ERR_UNIT', "--fix freqHz: '1furlong' is no frequency"],
  ])('%s is refused', (fix, code, text) => {
    const error = errorOf(() => fixKnobs(parseSmall(), [fix]))
    expect([error.code, error.exitCode]).toEqual([code, 2])
    expect(error.message).toContain(text)
  })

  it('is refused twice, or where no row is left', () => {
    expect(errorOf(() => fixKnobs(parseSmall(), ['cluster=big', 'cluster=big'])).message).toBe('--fix: cluster is given twice')
    expect(errorOf(() => fixKnobs(parseSmall(), ['cluster=little', 'freqHz=1.8GHz'])).message).toBe(
      '--fix: no row of small has cluster=little and freqHz=1.8GHz',
    )
  })
})
