import type { AgentKind } from '../../src/core/agent.ts'
import { makeLeastExpected } from '../maths/least-expected.ts'
import { readOptions } from '../options.ts'
import { makeRuled } from './fixed.ts'

/**
 * Follows a plan that looks ahead over the heat of the board, made for this run by whoever compares (`AgentInput.plan`). Where it has none, or its action is
 * masked, the oracle's choice stands in. A reference, not a bound: the plan is made on the mean plant.
 */
export const planner: AgentKind = {
  name: 'planner',
  description: 'follows a plan over the heat of the board, else the oracle: a reference, in comparisons only',
  rule: 'state',
  options: [],
  needs: 'truth',
  make(input) {
    readOptions('planner', [], input.options)
    const least = makeLeastExpected('planner', input)
    const { plan } = input
    return makeRuled('planner', input, (_, mask) => {
      const planned = plan === undefined ? -1 : plan()
      return planned >= 0 && mask[planned] === 1 ? planned : least(mask)
    })
  },
}
