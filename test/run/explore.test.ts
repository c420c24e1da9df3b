import { describe, expect, it } from 'vitest'
import { makeSpaces } from '../../src/core/spaces.ts'
import { parseExplore } from '../../src/run/explore.ts'
import { findPoint, readIncumbent } from '../../src/run/incumbent.ts'
import { errorOf } from '../support/error-of.ts'

describe('--explore', () => {
  it.each([
    ['epsilon:0.2', { epsilon: 0.2 }],
    ['epsilon:20%', { epsilon: 0.2 }],
    ['softmax:0.3', { temperature: 0.3, epsilon: 1 }],
    ['softmax:0.3,epsilon=0.5', { temperature: 0.3, epsilon: 0.5 }],
    ['safe:20%', { within: 0.2, epsilon: 0.3 }],
    ['safe:20%,epsilon=0.1', { within: 0.2, epsilon: 0.1 }],
  ])('%s', (text, options) => expect(parseExplore(text)).toEqual(options))

  it.each([
    ['', 'ERR_USAGE'],
    ['greedy', 'ERR_USAGE'],
    ['epsilon:', 'ERR_USAGE'],
    ['epsilon:x', 'ERR_USAGE'],
    ['epsilon:%', 'ERR_USAGE'],
    ['epsilon:120%', 'ERR_RANGE'],
    ['epsilon:0.2,epsilon=0.3', 'ERR_USAGE'],
    ['safe:0.2', 'ERR_USAGE'],
    ['epsilon:1.2', 'ERR_RANGE'],
    ['epsilon:0', 'ERR_RANGE'],
    ['softmax:0', 'ERR_RANGE'],
    ['softmax:0.3,epsilon=0', 'ERR_RANGE'],
    ['safe:20%,epsilon=2', 'ERR_RANGE'],
  ])("'%s' is %s", (text, code) => expect(errorOf(() => parseExplore(text)).code).toBe(code))
})

const knobs = [
  { name: 'subnet', kind: 'subnet', values: [25, 50] },
  { name: 'cluster', kind: 'cluster', values: ['big', 'little'] },
] as const
const points = [25, 50].flatMap((subnet) => ['big', 'little'].map((cluster) => ({ subnet, cluster })))
const spaces = makeSpaces({ knobs, points, monitors: [] })

describe('--incumbent', () => {
  it('finds a point by its index or its knobs', () => {
    expect(findPoint('3', spaces)).toBe(3)
    expect(findPoint('cluster=little,subnet=25', spaces)).toBe(1)
  })

  it.each([
    ['4', 'ERR_RANGE'],
    ['subnet=50', 'ERR_UNKNOWN_KNOB'],
    ['subnet=75,cluster=big', 'ERR_UNKNOWN_KNOB'],
    ['size=50', 'ERR_UNKNOWN_KNOB'],
  ])("no point: '%s'", (text, code) => expect(errorOf(() => findPoint(text, spaces)).code).toBe(code))

  it('is the best point, a point that does not learn, or an agent that does', () => {
    expect(readIncumbent('best', spaces)).toEqual({ agent: 'static', options: {}, frozen: true })
    expect(readIncumbent('static:2', spaces)).toEqual({ agent: 'static', options: { point: 2 }, frozen: true })
    expect(readIncumbent('bayes', spaces)).toEqual({ agent: 'bayes', options: {}, frozen: false })
    expect(errorOf(() => readIncumbent('nobody', spaces)).code).toBe('ERR_UNKNOWN_AGENT')
    expect(errorOf(() => readIncumbent('oracle', spaces)).code).toBe('ERR_USAGE')
    expect(errorOf(() => readIncumbent('explorer', spaces)).code).toBe('ERR_USAGE')
  })
})
