import type { AgentKind } from '../../src/core/agent.ts'
import { makeLeastExpected } from '../maths/least-expected.ts'
import { readOptions } from '../options.ts'
import { makeRuled } from './fixed.ts'

/**
 * What cannot be beaten one step at a time: the least *expected* cost given the true model and the current hidden state, never the realised noise. A reference
 * to measure the gap to, no agent.
 */
export const oracle: AgentKind = {
  name: 'oracle',
  description: 'least expected cost, given the true model and the hidden state: a reference, in comparisons only',
  rule: 'state',
  options: [],
  needs: 'truth',
  make(input) {
    readOptions('oracle', [], input.options)
    const least = makeLeastExpected('oracle', input)
    return makeRuled('oracle', input, (_, mask) => least(mask))
  },
}
