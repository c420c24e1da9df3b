import { describe, expect, it } from 'vitest'
import { agentKinds, findAgent, findBoardAgent } from '../../agents/index.ts'
import type { AgentInput, Choice } from '../../src/core/agent.ts'
import { makeSpaces, type OperatingPoint, type Spaces } from '../../src/core/spaces.ts'
import { makeScriptedEnv } from '../support/scripted-env.ts'

const { spaces, nominal } = makeScriptedEnv()

function pointOf(name: string, input: Partial<AgentInput> = {}, mask?: Uint8Array): OperatingPoint {
  const where = input.spaces ?? spaces
  const agent = findAgent(name).make({ spaces: where, seed: 1, options: {}, ...input })
  const allowed = mask ?? new Uint8Array(where.points.length).fill(1)
  const choice = agent.act(new Float64Array(where.monitors.length), allowed) as Choice
  expect(choice.propensity).toBe(1)
  return where.points[choice.action] as OperatingPoint
}

const masked = (where: Spaces, forbidden: (point: OperatingPoint) => boolean): Uint8Array =>
  Uint8Array.from(where.points, (point) => (forbidden(point) ? 0 : 1))

describe('performance and powersave', () => {
  it('take the fastest and the most frugal point of the largest sub-network', () => {
    expect(pointOf('performance')).toMatchObject({ subnet: 100, cluster: 'big', 'big.freqHz': 2000e6 })
    expect(pointOf('powersave')).toMatchObject({ subnet: 100, cluster: 'little', 'little.freqHz': 600e6 })
  })

  it('take the sub-network asked for', () => {
    expect(pointOf('performance', { options: { subnet: 0 } })).toMatchObject({ subnet: 25, cluster: 'big', 'big.freqHz': 2000e6 })
    expect(pointOf('powersave', { options: { subnet: 99 } })).toMatchObject({ subnet: 100, cluster: 'little' })
  })

  it('fall back to the next best when it is masked', () => {
    expect(
      pointOf(
        'performance',
        {},
        masked(spaces, (point) => point['cluster'] === 'big'),
      ),
    ).toMatchObject({ subnet: 100, cluster: 'little', 'little.freqHz': 1200e6 })
    expect(
      pointOf(
        'performance',
        {},
        masked(spaces, (point) => point['subnet'] === 100),
      ),
    ).toMatchObject({ subnet: 75, cluster: 'big' })
  })

  it('believe features over frequencies: an old cluster at a high clock is not the fast one', () => {
    const points = [
      { cluster: 'new', 'new.freqHz': 1e9, 'old.freqHz': 2e9, cores: 1 },
      { cluster: 'new', 'new.freqHz': 1e9, 'old.freqHz': 2e9, cores: 2 },
      { cluster: 'old', 'new.freqHz': 1e9, 'old.freqHz': 2e9, cores: 2 },
    ]
    const other = makeSpaces({
      knobs: [
        { name: 'cluster', kind: 'cluster', values: ['new', 'old'] },
        { name: 'new.freqHz', kind: 'frequency', domain: 'new', values: [1e9] },
        { name: 'old.freqHz', kind: 'frequency', domain: 'old', values: [2e9] },
        { name: 'cores', kind: 'cores', values: [1, 2] },
      ],
      points,
      featureNames: ['speed', 'powerW'],
      features: [
        [1, 2],
        [1, 3],
        [0.6, 5],
      ],
      monitors: [],
    })
    expect(pointOf('performance', { spaces: other })).toBe(points[1])
    expect(pointOf('powersave', { spaces: other })).toBe(points[0])
  })

  it('tell clusters apart by their profile where there is neither feature nor frequency', () => {
    const other = makeSpaces({
      knobs: [
        { name: 'subnet', kind: 'subnet', values: ['small', 'large'] },
        { name: 'cluster', kind: 'cluster', values: ['a', 'b'] },
      ],
      points: ['small', 'large'].flatMap((subnet) => ['a', 'b'].map((cluster) => ({ subnet, cluster }))),
      monitors: [],
    })
    const latencies = [0.01, 0.02, 0.03, 0.06].map((latencyS) => ({ latencyS, energyJ: 1, accuracy: 1 }))
    expect(pointOf('performance', { spaces: other, nominal: latencies })).toEqual({ subnet: 'large', cluster: 'a' })
    expect(pointOf('powersave', { spaces: other, nominal: latencies })).toEqual({ subnet: 'large', cluster: 'b' })
  })
})

describe('static', () => {
  const priorCost = Float64Array.from(nominal, (_, a) => Math.abs(a - 9))

  it('takes the point of least prior cost, or the one it is told; the next best when that is masked', () => {
    expect(pointOf('static', { priorCost })).toBe(spaces.points[9])
    expect(pointOf('static', { priorCost, options: { point: 3 } })).toBe(spaces.points[3])
    expect(
      pointOf(
        'static',
        { priorCost },
        masked(spaces, (point) => point === spaces.points[9]),
      ),
    ).toBe(spaces.points[8])
    expect(pointOf('static')).toBe(spaces.points[0])
  })

  it('believes hindsight over the profile', () => {
    const hindsightCost = Float64Array.from(nominal, (_, a) => Math.abs(a - 4))
    expect(pointOf('static', { priorCost, hindsightCost })).toBe(spaces.points[4])
    expect(pointOf('static', { priorCost, hindsightCost, options: { point: 3 } })).toBe(spaces.points[3])
  })

  it('refuses a point that is not there', () => {
    for (const point of [16, 1.5, -2]) expect(() => pointOf('static', { options: { point } })).toThrow(expect.objectContaining({ code: 'ERR_RANGE' }))
  })
})

describe('the registry', () => {
  it('names the agents there are when it does not know one', () => {
    expect(() => findAgent('sarsa')).toThrow(
      expect.objectContaining({
        code: 'ERR_UNKNOWN_AGENT',
        message: `no agent is called sarsa, expected one of ${agentKinds.map((kind) => kind.name).join(', ')}`,
      }),
    )
    for (const kind of agentKinds) expect(findAgent(kind.name)).toBe(kind)
  })

  it('offers no reference where there is a real board', () => {
    expect(findBoardAgent('static')).toBe(findAgent('static'))
    expect(() => findBoardAgent('sarsa')).toThrow(expect.objectContaining({ code: 'ERR_UNKNOWN_AGENT' }))
    for (const name of ['oracle', 'planner'])
      expect(() => findBoardAgent(name)).toThrow(
        expect.objectContaining({ code: 'ERR_USAGE', message: expect.stringContaining('flyball compare only; expected one of q-learning') }),
      )
  })
})
