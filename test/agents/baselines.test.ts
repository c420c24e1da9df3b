import { describe, expect, it } from 'vitest'
import { agentKinds, findAgent, findBoardAgent } from '../../agents/index.ts'
import type { AgentInput, Choice } from '../../src/core/agent.ts'
import type { OperatingPoint, Spaces } from '../../src/core/spaces.ts'
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
