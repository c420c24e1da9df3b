import type { AgentInput } from '../../src/core/agent.ts'
import { makeExpectedOutcome } from '../../src/core/env.ts'
import { FlyballError } from '../../src/core/errors.ts'
import type { Mask } from '../../src/core/spaces.ts'

/**
 * The allowed action of least expected cost, given the truth: argmin over a of objective.expectedCost(truth.expected(a), truth.requirements). Ties go to the
 * lowest index. Throws ERR_USAGE where there is no truth. No allocation.
 */
export function makeLeastExpected(name: string, { truth, objective }: AgentInput): (mask: Mask) => number {
  if (truth === undefined || objective === undefined)
    throw new FlyballError('ERR_USAGE', `agent ${name} must know the truth, which no real board tells: it works in flyball compare only`)
  const expected = makeExpectedOutcome()
  return (mask) => {
    const { requirements } = truth
    let best = -1
    let least = Number.POSITIVE_INFINITY
    for (let a = 0; a < mask.length; a++) {
      if (mask[a] !== 1) continue
      truth.expected(a, expected)
      const cost = objective.expectedCost(expected, requirements)
      if (best < 0 || cost < least) {
        best = a
        least = cost
      }
    }
    return best
  }
}
