import type { AgentKind, OptionSpec } from '../../src/core/agent.ts'
import { FlyballError } from '../../src/core/errors.ts'
import { firstAllowed } from '../maths/masked.ts'
import { readOptions } from '../options.ts'
import { makeRuled, rankPoints } from './fixed.ts'

const options = [
  { name: 'point', description: 'index of the operating point; -1 the best known', default: -1, low: -1, high: 1e6 },
] as const satisfies readonly OptionSpec[]

interface StaticData {
  readonly ranking?: readonly number[]
}

/**
 * One operating point for ever: the bar that a learner has to clear. In a comparison it is the best fixed point with hindsight over the very run to come
 * (`AgentInput.hindsightCost`), otherwise the best of the profile. Masked, the allowed point
 * of least prior cost stands in.
 */
export const staticPoint: AgentKind = {
  name: 'static',
  description: 'one fixed operating point, the best with hindsight or else of the profile, unless named',
  rule: 'state',
  options,
  takesProfile: true,
  learnsCosts: true,
  make(input) {
    const { point } = readOptions('static', options, input.options)
    const actions = input.spaces.points.length
    if (point >= actions || !Number.isInteger(point))
      throw new FlyballError('ERR_RANGE', `agent static: option point is ${point}, expected -1 or a whole number below ${actions}`)
    // A resumed run may have profiled anew: what was chosen stays chosen.
    const { ranking: saved } = (input.data ?? {}) as StaticData
    const fixed = point < 0 && input.hindsightCost !== undefined ? argmin(input.hindsightCost) : point
    const ranking = saved
      ? Int32Array.from(saved)
      : rankPoints(actions, (a) => {
          const cost = input.priorCost?.[a] ?? 0
          return [a === fixed ? 0 : 1, Number.isFinite(cost) ? cost : Number.MAX_VALUE]
        })
    const agent = makeRuled(
      'static',
      input,
      (_, mask) => firstAllowed(ranking, mask),
      (a) => {
        const profiled = input.nominal?.[a]
        return { ...profiled, cost: input.priorCost?.[a] ?? Number.NaN, tried: (profiled?.latencyS ?? 0) > 0 }
      },
    )
    return { ...agent, save: () => ({ ...agent.save(), ranking: Array.from(ranking) }) }
  },
}

function argmin(values: Float64Array): number {
  let best = 0
  for (let a = 1; a < values.length; a++) if ((values[a] as number) < (values[best] as number)) best = a
  return best
}
